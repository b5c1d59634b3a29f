"""The web process with the desk, on the real databases; nobody takes the durable work."""

from collections.abc import Iterator

import pytest
import redis
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.db.session import Database
from bot.main import create_app
from bot.settings import Settings
from tests.desk.people import Browser
from tests.jobs.conftest import installed, stub

__all__ = ["installed", "stub"]


@pytest.fixture(scope="module")
def web(installed: Settings) -> Iterator[FastAPI]:
    """The application as it serves."""
    app = create_app(installed.model_copy(update={"worker": "separate"}))
    with TestClient(app):
        yield app


@pytest.fixture
def browser(web: FastAPI, database: Database, cache: "redis.Redis") -> Browser:
    """A browser without cookies; no attempts counted, nobody employed."""
    return Browser(web, database)


@pytest.fixture
def other(web: FastAPI, browser: Browser, database: Database) -> Browser:
    """Another browser."""
    return Browser(web, database)
