"""Telegram's door: what has the secret is taken, whatever it is; nothing else is, and nothing breaks."""

import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.channels.telegram.views import SECRET_HEADER
from bot.senders.service import Account
from tests.channels.asking import swap
from tests.channels.doors import Gone, Inbox, added, caller, doors, inbox, path_of

__all__ = ["caller", "doors", "inbox"]

pytestmark = pytest.mark.slow

UPDATE = {
    "update_id": 1,
    "message": {"message_id": 1, "chat": {"id": 7, "type": "private"}, "from": {"id": 7}, "text": "بشحال؟"},
}


@pytest.fixture
def bot(doors: FastAPI, inbox: Inbox) -> Account:
    return added(doors, "telegram", account="7", address="@jawab", token="7:a")


def telegram(caller: TestClient, account: Account, content: Any = None, *secrets: str | bytes) -> httpx2.Response:
    """An update as Telegram brings it, or with other secrets than its own."""
    sent = content if isinstance(content, bytes) else json.dumps(UPDATE if content is None else content).encode()
    headers: Any = [(SECRET_HEADER, one) for one in secrets or (account.secrets.webhook_secret,)]
    return caller.post(path_of(account), content=sent, headers=headers)


def test_an_update_with_the_secret_is_taken(caller: TestClient, bot: Account, inbox: Inbox) -> None:
    assert telegram(caller, bot).json() == {"ok": True}
    assert [one.text for one in inbox.taken] == ["بشحال؟"]
    assert ":7:" not in inbox.taken[0].vendor_id


def test_without_the_secret_nothing_is_taken(caller: TestClient, bot: Account, inbox: Inbox) -> None:
    secret = bot.secrets.webhook_secret
    assert caller.post(path_of(bot), json=UPDATE).status_code == 403
    for secrets in ([""], ["x"], [secret + "x"], [secret[:-1]], [b"\xff\xe9"], [secret, secret], ["x", secret]):
        assert telegram(caller, bot, None, *secrets).status_code == 403
    assert inbox.taken == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[" * 60_000,
        [],
        {},
        {"update_id": "x", "message": 7},
        {"update_id": 1, "channel_post": {"text": "x", "chat": {"id": -1, "type": "channel"}}},
        {"update_id": 1, "poll_answer": {"poll_id": "1"}},
    ],
)
def test_whatever_is_authentic_gets_its_200(caller: TestClient, bot: Account, inbox: Inbox, content: Any) -> None:
    assert telegram(caller, bot, content).status_code == 200
    assert inbox.taken == []


def test_a_database_that_is_away_has_telegram_come_again(
    doors: FastAPI, caller: TestClient, bot: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap(monkeypatch, doors, inbox=Gone())
    response = telegram(caller, bot)
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("channel", ["telegram", "whatsapp"])
def test_what_is_too_large_is_not_read_at_all(caller: TestClient, channel: str) -> None:
    assert caller.post(f"/webhooks/{channel}/x", content=b"x" * 131_073).status_code == 413
    assert caller.post(f"/webhooks/{channel}/x", content=iter([b"x"] * 3)).status_code == 411


@pytest.mark.parametrize("path", ["nobody", "%00", "é", "a" * 5000, "..%2f.."])
def test_a_path_that_nobody_was_given_leads_to_nobody(caller: TestClient, bot: Account, path: str) -> None:
    for channel in ("telegram", "whatsapp"):
        assert caller.post(f"/webhooks/{channel}/{path}", json={}).status_code == 404
    assert caller.post(f"/webhooks/whatsapp/{bot.secrets.path}", json={}).status_code == 404
