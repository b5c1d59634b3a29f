"""The web process with everything behind it real but Rasa."""

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.db.session import Database
from bot.main import create_app
from bot.settings import Settings
from tests.channels.visitor import HEADERS, Visitor
from tests.fakes.rasa_stub import RasaStub
from tests.installations import free_ports
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
    port = free_ports(1)[0]
    config = uvicorn.Config(create_app(installed), port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def visitor(address: str, empty: Database, rasa: RasaStub) -> Iterator[Visitor]:
    """A citizen whose page listens."""
    with Visitor(address) as visitor:
        yield visitor
