"""Actions with the shipped catalogue, the domain's own words and a fixed moment; no server, no database."""

import datetime as dt
from typing import Any

import pytest
import yaml

from actions import runtime
from bot.settings import REPOSITORY
from tests.actions.catalogue import shipped_snapshot

# A Monday morning, no holiday, not Ramadan; 09:30 in Casablanca too.
NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    """The domain as Rasa hands it to actions."""
    responses: dict[str, Any] = {}
    for path in sorted((REPOSITORY / "domain").glob("*.yml")):
        responses |= yaml.safe_load(path.read_text("utf-8"))["responses"]
    main: dict[str, Any] = yaml.safe_load((REPOSITORY / "domain.yml").read_text("utf-8"))
    return main | {"responses": responses}


@pytest.fixture(autouse=True)
def at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the action server would have at hand."""
    monkeypatch.setattr(runtime, "snapshot", shipped_snapshot)
    monkeypatch.setattr(runtime, "now", lambda: NOW)
    monkeypatch.setattr(runtime, "database", _no_database)


def _no_database() -> None:
    raise AssertionError("this test needs no database")
