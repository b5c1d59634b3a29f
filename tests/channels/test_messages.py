"""Messages in: what is taken, what is refused in plain words, and what is too much."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from bot.channels.webchat.views import FLOOD
from bot.conversations.models import Message
from bot.db.session import Database
from bot.jobs.engine import Inbox
from bot.settings import Settings
from tests.channels.asking import body, count, swap
from tests.channels.visitor import HEADERS
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id": "not an id"}, "id"),
        ({"id": None}, "id"),
        ({"text": ""}, "empty"),
        ({"text": " \u0000\n\t"}, "empty"),
        ({"text": "x" * 8001}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": 7}, "text"),
        ({"payload": "ask_fee"}, "payload"),
        ({"payload": "/ask_fee" + "x" * 300}, "payload"),
        ({"payload": "/Ask; DROP"}, "payload"),
        ({"payload": '/ask_fee{"chosen": "\u0000"}'}, "payload"),
        ({"latitude": 33.5}, "latitude"),
        ({"latitude": 133.5, "longitude": 0}, "latitude"),
        ({"latitude": "NaN", "longitude": "NaN"}, "latitude"),
        ({"language": "de"}, "language"),
        ({"author": "staff"}, "author"),
    ],
)
def test_what_is_malformed_is_refused_in_plain_words(citizen: TestClient, wrong: dict[str, Any], field: str) -> None:
    content = json.dumps(body(**wrong)).encode()
    response = citizen.post("/chat/messages", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert set(response.json()) == {"error"}
    assert field in response.json()["error"]
    assert "DROP" not in response.text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"id": 1', b"text=bonjour"])
def test_what_is_no_json_is_refused_in_plain_words(citizen: TestClient, content: bytes) -> None:
    response = citizen.post("/chat/messages", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert isinstance(response.json()["error"], str)


def test_what_is_too_large_is_refused_before_it_is_read(citizen: TestClient) -> None:
    assert citizen.post("/chat/messages", content=b"x" * (64 * 1024 + 1)).status_code == 413
    lying = {"Content-Length": "many"}
    assert citizen.post("/chat/messages", content=b"{}", headers=lying).status_code == 413


def test_a_body_of_unknown_length_is_refused(citizen: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        yield b"{}"

    assert citizen.post("/chat/messages", content=endless()).status_code == 411


def test_a_message_taken_is_durable_and_counts_once(citizen: TestClient, empty: Database) -> None:
    sent = body()
    for _ in range(3):
        response = citizen.post("/chat/messages", json=sent)
        assert (response.status_code, response.json()) == (202, {"id": sent["id"]})
    wait_until(lambda: count(empty, Message) == 2)


def test_the_longest_text_that_is_taken_is_cut_and_answered(citizen: TestClient, empty: Database) -> None:
    assert citizen.post("/chat/messages", json=body(text="سؤال " * 1600)).status_code == 202
    wait_until(lambda: count(empty, Message) == 2)
    with empty.transaction() as session:
        assert all(len(row.body) <= 2100 for row in session.scalars(select(Message)))


def test_a_flood_is_asked_to_wait(citizen: TestClient, web: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    swap(monkeypatch, web, inbox=Nowhere())
    answers = [citizen.post("/chat/messages", json=body()).status_code for _ in range(FLOOD.amount)]
    assert set(answers) == {202}
    response = citizen.post("/chat/messages", json=body())
    assert (response.status_code, response.headers["retry-after"]) == (429, "10")
    assert "wait" in response.json()["error"]


def test_one_citizens_flood_is_not_anothers(citizen: TestClient, web: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    swap(monkeypatch, web, inbox=Nowhere())
    for _ in range(FLOOD.amount + 1):
        citizen.post("/chat/messages", json=body())
    other = TestClient(web, headers=HEADERS)
    other.post("/chat/session", json={})
    assert other.post("/chat/messages", json=body()).status_code == 202


class Nowhere:
    """An inbox that keeps nothing."""

    def accept(self, *_: object, **__: object) -> None:
        return None


def test_a_message_that_cannot_be_kept_is_not_taken(
    citizen: TestClient, web: FastAPI, monkeypatch: pytest.MonkeyPatch, away: Settings
) -> None:
    swap(monkeypatch, web, inbox=Inbox(away))
    response = citizen.post("/chat/messages", json=body())
    assert (response.status_code, response.headers["retry-after"]) == (503, "3")
    assert "try again" in response.json()["error"]
