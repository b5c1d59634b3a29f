"""Sessions: who is who, and who may write for whom."""

import re
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.channels.webchat.views import COOKIE
from bot.conversations.models import Conversation
from bot.db.session import Database
from tests.channels.asking import body, count, swap
from tests.channels.visitor import HEADERS

pytestmark = pytest.mark.slow


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
