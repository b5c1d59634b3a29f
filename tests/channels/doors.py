"""The webhooks of the application at a public address, as vendors and others knock at them."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from bot.conversations.schemas import Inbound
from bot.db.session import Database
from bot.main import create_app
from bot.ops.ports import free_ports
from bot.senders.service import Account, Directory
from bot.settings import Settings
from tests.channels.asking import swap

PUBLIC = "https://jawab.example"


class Inbox:
    """Takes what is accepted."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []

    def accept(self, inbound: Inbound, partition: str) -> None:
        """Keep a message."""
        self.taken.append(inbound)


class Gone(Inbox):
    """Takes nothing: the database is away."""

    def accept(self, inbound: Inbound, partition: str) -> None:
        """Fail as the real one does."""
        raise OperationalError("INSERT", {}, ConnectionError())


@pytest.fixture(scope="module")
def doors(installed: Settings) -> Iterator[FastAPI]:
    """The application at its public address, with both vendors away."""
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    away = {"given_public_url": PUBLIC, "telegram_api_url": nobody, "twilio_api_url": nobody}
    app = create_app(installed.model_copy(update=away))
    with TestClient(app):
        yield app


@pytest.fixture
def inbox(doors: FastAPI, database: Database, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    """Where accepted messages go instead of into turns."""
    found = Inbox()
    monkeypatch.setattr(Directory, "FRESH_SECONDS", 0.0)
    swap(monkeypatch, doors, inbox=found)
    return found


@pytest.fixture
def caller(doors: FastAPI) -> TestClient:
    """Somebody who can reach us."""
    return TestClient(doors, raise_server_exceptions=False)


def added(doors: FastAPI, channel: str, **values: str) -> Account:
    """A sender of ours."""
    box = doors.state.services
    with box.database.transaction() as session:
        account: Account = box.senders.add(session, channel=channel, name="main", **values)
    return account


def path_of(account: Account, more: str = "") -> str:
    """Where the vendor brings what is for a sender."""
    return f"/webhooks/{account.channel}/{account.secrets.path}{more}"
