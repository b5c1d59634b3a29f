"""The web chat's addresses: who may call them, what they take, and what they say when they do not."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import func, select
from starlette.routing import Mount

from bot.channels.webchat.views import COOKIE, FLOOD
from bot.conversations.models import Conversation, Message
from bot.db.session import Database
from bot.jobs.engine import Inbox
from bot.settings import Settings
from tests.channels.visitor import HEADERS
from tests.installations import free_ports
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

AUDIENCES = {"public"}
PROMISED = {
    "content-security-policy": r"default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "geolocation=.self., camera=.., microphone=..",
    "cross-origin-opener-policy": "same-origin",
}


def body(**changes: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "text": "bonjour tout le monde"} | changes


def count(database: Database, table: type[Message | Conversation]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def swap(monkeypatch: pytest.MonkeyPatch, web: FastAPI, **values: Any) -> None:
    """Let the application work with other services, settings or database for one test."""
    for name, value in values.items():
        monkeypatch.setitem(web.state._state, name, value)


def routes_of(router: Any) -> Iterator[Any]:
    """All routes, those of included routers too."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        yield from routes_of(inner) if inner else [route]


def test_every_route_states_its_audience(web: FastAPI) -> None:
    stated: dict[str, str | None] = {}
    for route in routes_of(web):
        if isinstance(route, Mount):
            assert route.path.startswith("/static/"), route.path
        else:
            stated[route.path] = (route.openapi_extra or {}).get("x-audience")
    assert {"/", "/chat/session", "/chat/messages", "/chat/events", "/health/live", "/health/ready"} <= set(stated)
    assert set(stated.values()) <= AUDIENCES, stated


def test_every_response_has_the_security_headers(citizen: TestClient, web: FastAPI) -> None:
    responses = [
        citizen.get("/"),
        citizen.get("/nowhere"),
        citizen.get("/static/webchat/chat.js"),
        citizen.get("/static/webchat/nothing.js"),
        citizen.put("/chat/messages", json={}),
        citizen.post("/chat/messages", json={}),
        citizen.post("/chat/messages", json=body()),
        citizen.post("/chat/messages", content=b"x" * 70_000),
        TestClient(web).get("/chat/events"),
        citizen.get("/health/live"),
        citizen.get("/health/ready"),
    ]
    assert [one.status_code for one in responses] == [200, 404, 200, 404, 405, 422, 202, 413, 401, 200, 200]
    for response in responses:
        for name, pattern in PROMISED.items():
            assert re.fullmatch(pattern, response.headers.get(name, "")), (response.url, name)


def test_a_failure_that_nobody_foresaw_is_plain_and_has_the_headers_too(
    citizen: TestClient, web: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap(monkeypatch, web, services=None)
    response = citizen.post("/chat/session", json={})
    assert response.status_code == 500
    assert "error" in response.json()
    assert "NoneType" not in response.text
    assert all(re.fullmatch(pattern, response.headers.get(name, "")) for name, pattern in PROMISED.items())


def test_neither_documentation_nor_schema_is_served(client: TestClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("query", "header", "language", "direction"),
    [
        ("", "", "ar", "rtl"),
        ("", "fr-FR,fr;q=0.9,en;q=0.8", "fr", "ltr"),
        ("", "de-DE, en-US;q=0.7, fr;q=0.3", "en", "ltr"),
        ("?lang=fr", "en", "fr", "ltr"),
        ("?lang=xx", "en", "en", "ltr"),
        ("?lang=", "*", "ar", "rtl"),
    ],
)
def test_the_page_is_in_the_language_wanted(
    client: TestClient, query: str, header: str, language: str, direction: str
) -> None:
    response = client.get(f"/{query}", headers={"Accept-Language": header})
    assert re.search(rf'<html[^>]*lang="{language}"[^>]*dir="{direction}"', response.text)
    assert response.headers["content-language"] == language
    assert "Accept-Language" in response.headers["vary"]


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_page_has_nothing_that_its_policy_forbids(client: TestClient, language: str) -> None:
    page = client.get(f"/?lang={language}").text
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []
    assert re.findall(r"<[^>]*\s(?:style|on[a-z]+)=", page) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []


def test_the_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(client: TestClient) -> None:
    response = client.post("/chat/session", json={"language": "fr"})
    cookie = response.headers["set-cookie"]
    assert re.match(rf"{COOKIE}=[\w-]{{43}};", cookie)
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert "secure" not in flags
    assert client.cookies[COOKIE] not in response.text


def test_behind_tls_the_cookie_is_secure(web: FastAPI, empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    services = web.state.services
    secure = services.settings.model_copy(update={"given_public_url": "https://jawab.example"})
    swap(monkeypatch, web, services=replace(services, settings=secure))
    response = TestClient(web, headers=HEADERS).post("/chat/session", json={})
    assert "; Secure" in response.headers["set-cookie"]


def test_a_session_goes_on_and_begins_anew_when_asked(client: TestClient) -> None:
    first = client.post("/chat/session", json={}).json()["conversation"]
    token = client.cookies[COOKIE]
    assert client.post("/chat/session", json={"new": False}).json()["conversation"] == first
    assert client.post("/chat/session", json={"new": True}).json()["conversation"] != first
    assert client.cookies[COOKIE] == token


def test_two_browsers_are_two_citizens(web: FastAPI, empty: Database) -> None:
    found = {TestClient(web, headers=HEADERS).post("/chat/session", json={}).json()["conversation"] for _ in range(3)}
    assert len(found) == 3


@pytest.mark.parametrize("cookie", ["short", "x" * 65, ""])
def test_a_cookie_that_is_not_ours_is_no_session(client: TestClient, cookie: str) -> None:
    response = client.post("/chat/messages", json=body(), headers={"Cookie": f"{COOKIE}={cookie}"})
    assert response.status_code == 401
    begun = client.post("/chat/session", json={}, headers={"Cookie": f"{COOKIE}={cookie}"})
    assert begun.status_code == 200
    assert len(client.cookies[COOKIE]) == 43


def test_without_a_session_nothing_is_taken_or_told(client: TestClient, empty: Database) -> None:
    for response in (client.post("/chat/messages", json=body()), client.get("/chat/events")):
        assert response.status_code == 401
        assert response.json() == {"error": "There is no session yet."}
    assert count(empty, Conversation) == 0


@pytest.mark.parametrize("path", ["/chat/session", "/chat/messages"])
def test_another_sites_form_cannot_write_for_a_citizen(citizen: TestClient, path: str) -> None:
    del citizen.headers["X-Requested-With"]
    response = citizen.post(path, json=body() if path.endswith("messages") else {})
    assert response.status_code == 422
    assert "X-Requested-With" in response.json()["error"]


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


@pytest.fixture
def away(installed: Settings) -> Settings:
    """Settings whose database nobody listens for."""
    url = f"postgresql+psycopg://jawab:x@127.0.0.1:{free_ports(1)[0]}/jawab"
    return installed.model_copy(update={"given_database_url": SecretStr(url)})


def test_a_message_that_cannot_be_kept_is_not_taken(
    citizen: TestClient, web: FastAPI, monkeypatch: pytest.MonkeyPatch, away: Settings
) -> None:
    swap(monkeypatch, web, inbox=Inbox(away))
    response = citizen.post("/chat/messages", json=body())
    assert (response.status_code, response.headers["retry-after"]) == (503, "3")
    assert "try again" in response.json()["error"]


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.post("/chat/session", json={}),
        lambda client: client.get("/chat/events"),
        lambda client: client.get("/health/ready"),
    ],
)
def test_without_its_database_the_web_says_so(
    citizen: TestClient,
    web: FastAPI,
    monkeypatch: pytest.MonkeyPatch,
    away: Settings,
    call: Callable[[TestClient], Any],
) -> None:
    services = web.state.services
    gone = Database(away.database_url)
    swap(monkeypatch, web, services=replace(services, database=gone))
    assert call(citizen).status_code == 503
    assert citizen.get("/health/live").status_code == 200
