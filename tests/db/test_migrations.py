"""Migrations lead from nothing to exactly the tables that the models describe."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import make_url

from bot.db.migrate import configuration, is_current, upgrade
from bot.db.session import Database
from bot.ops.postgres import create_databases
from bot.settings import Settings

NUMBER = itertools.count()


@pytest.fixture
def empty_url(settings: Settings) -> str:
    """The address of a new database without tables."""
    url = make_url(settings.database_url)
    url = url.set(database=f"{url.database}_empty_{next(NUMBER)}")
    address = url.render_as_string(hide_password=False)
    create_databases(settings.model_copy(update={"given_database_url": SecretStr(address)}))
    return address


def test_an_empty_database_gets_every_table(empty_url: str) -> None:
    assert not is_current(empty_url)
    upgrade(empty_url)
    assert is_current(empty_url)


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    upgrade(empty_url)
    assert is_current(empty_url)


def test_models_and_migrations_agree(migrated: Database, settings: Settings) -> None:
    with migrated.engine.connect() as connection:
        config = configuration(settings.database_url)
        config.attributes["connection"] = connection
        command.check(config)


def test_each_migration_can_be_applied_by_itself(empty_url: str) -> None:
    script = ScriptDirectory.from_config(configuration(empty_url))
    for revision in reversed(list(script.walk_revisions())):
        upgrade(empty_url, revision.revision)
    assert is_current(empty_url)


def test_migrations_form_one_line(settings: Settings) -> None:
    script = ScriptDirectory.from_config(configuration(settings.database_url))
    assert len(script.get_heads()) == len(script.get_bases()) == 1


def test_processes_that_migrate_together_do_not_disturb_each_other(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [empty_url] * 4))
    assert is_current(empty_url)
