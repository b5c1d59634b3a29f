"""The web process with everything behind it real but Rasa."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from bot.db.session import Database
from bot.main import create_app
from bot.ops.ports import free_ports
from bot.settings import Settings
from tests.channels.server import serving
from tests.channels.visitor import HEADERS, Visitor
from tests.fakes.rasa_stub import RasaStub
from tests.jobs.conftest import empty, installed, rasa, stub

__all__ = ["empty", "installed", "rasa", "stub"]


@pytest.fixture(scope="module")
def web(installed: Settings) -> Iterator[FastAPI]:
    """The application as it serves; the durable work is done in it."""
    app = create_app(installed)
    with TestClient(app):
        yield app


@pytest.fixture
def client(web: FastAPI, empty: Database, rasa: RasaStub) -> TestClient:
    """A browser of its own, with no cookie yet, whose page says who it is."""
    return TestClient(web, headers=HEADERS, raise_server_exceptions=False)


@pytest.fixture
def citizen(client: TestClient) -> TestClient:
    """A browser with a session."""
    client.post("/chat/session", json={}).raise_for_status()
    return client


@pytest.fixture(scope="module")
def address(installed: Settings) -> Iterator[str]:
    """The same application behind a real server, for what streams."""
    with serving(installed) as url:
        yield url


@pytest.fixture
def visitor(address: str, empty: Database, rasa: RasaStub) -> Iterator[Visitor]:
    """A citizen whose page listens."""
    with Visitor(address) as visitor:
        yield visitor


@pytest.fixture
def away(installed: Settings) -> Settings:
    """Settings whose database nobody listens for."""
    url = f"postgresql+psycopg://jawab:x@127.0.0.1:{free_ports(1)[0]}/jawab"
    return installed.model_copy(update={"given_database_url": SecretStr(url)})
