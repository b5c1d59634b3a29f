"""Telegram's stand-in and our client, for all tests of a file; each test finds them as new, with one open chat."""

from collections.abc import Iterator

import pytest

from bot.channels.telegram.client import TelegramClient
from tests.fakes.telegram_api import TOKEN, TelegramApi, serve

CHAT = 555


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TelegramApi, str]]:
    """The stand-in and its address."""
    api = TelegramApi()
    with serve(api) as address:
        yield api, address


@pytest.fixture(scope="module")
def connected(served: tuple[TelegramApi, str]) -> Iterator[TelegramClient]:
    """A client that loses patience soon."""
    client = TelegramClient(TOKEN, base_url=served[1], timeout_seconds=1.0)
    yield client
    client.close()


@pytest.fixture
def api(served: tuple[TelegramApi, str]) -> TelegramApi:
    """The stand-in as new, but for one chat."""
    served[0].forget()
    served[0].chats[CHAT] = "open"
    return served[0]


@pytest.fixture
def client(api: TelegramApi, connected: TelegramClient) -> TelegramClient:
    """The client of the stand-in."""
    return connected
