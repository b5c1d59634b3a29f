"""What the action server works with, made at the first call: settings, database, catalogue, clock."""

import datetime as dt
from functools import lru_cache
from typing import Any

import yaml

from bot.catalogue.calendar import local_now
from bot.catalogue.snapshot import Catalogue, Snapshot
from bot.db.session import Database
from bot.nlu.spelling import everyday_words
from bot.settings import Settings, load_settings


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return load_settings()


@lru_cache(maxsize=1)
def database() -> Database:
    """The process's database."""
    return Database(settings().database_url)


@lru_cache(maxsize=1)
def _catalogue() -> Catalogue:
    return Catalogue(database(), everyday_words(settings().root / "data"))


@lru_cache(maxsize=1)
def domain() -> dict[str, Any]:
    """The responses of the domain's files."""
    files = sorted((settings().root / "domain").glob("*.yml"))
    found = [yaml.safe_load(file.read_text(encoding="utf-8")) or {} for file in files]
    return {"responses": {name: texts for one in found for name, texts in one.get("responses", {}).items()}}


def snapshot() -> Snapshot:
    """The published catalogue as it is now."""
    return _catalogue().current()


def now() -> dt.datetime:
    """The present moment in Casablanca, aware; a fixed day of the settings keeps the time of day."""
    moment = local_now(dt.datetime.now(dt.UTC))
    fixed = settings().today
    return moment if fixed is None else dt.datetime.combine(fixed, moment.timetz())


def today() -> dt.date:
    """Today in Casablanca."""
    return local_now(now()).date()
