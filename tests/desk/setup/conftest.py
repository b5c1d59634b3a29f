"""A desk that is being set up, and what the log tells of it."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.accounts.models import AuditEntry
from bot.accounts.permissions import Role
from bot.catalogue.queries import save_entry
from bot.db.session import Database
from tests.actions.catalogue import shipped_bundle
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, hire

Told = Callable[[], tuple[str, str, Any, Any]]


@pytest.fixture
def scene(web: FastAPI, database: Database) -> Scene:
    """Nobody has written yet."""
    return Scene(web.state.services)


@pytest.fixture
def catalogue(database: Database) -> None:
    """The shipped services and offices, as they are chosen from."""
    with database.transaction() as session:
        for kind in ("services", "offices"):
            for position, entry in enumerate(shipped_bundle().entries[kind]):
                save_entry(session, kind, entry, position)


@pytest.fixture
def leader(browser: Browser, database: Database) -> Browser:
    """The browser of somebody who leads."""
    return browser.come_in(hire(database, Role.SUPERVISOR, name="Leader 1"))


@pytest.fixture
def told(database: Database) -> Told:
    """The newest entry of the log: action, subject, before, after."""

    def newest() -> tuple[str, str, Any, Any]:
        with database.transaction() as session:
            one = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).one()
            return one.action, one.subject, one.before, one.after

    return newest
