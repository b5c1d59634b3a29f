"""Sessions: who is who, and who may write for whom."""

import re
import string
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat.sessions import Door, find_session, new_session
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.settings import Settings
from tests.channels.asking import body, count, swap
from tests.channels.visitor import HEADERS

pytestmark = pytest.mark.slow

COOKIE = "jawab_chat"


@pytest.fixture
def secure_client(web: FastAPI, empty: Database, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser before an installation behind TLS."""
    services = web.state.services
    secure = services.settings.model_copy(update={"given_public_url": "https://jawab.example"})
    swap(monkeypatch, web, services=replace(services, settings=secure))
    return TestClient(web, headers=HEADERS, base_url="https://jawab.example")


def flags_of(response: Response) -> set[str]:
    """What a cookie is set with, besides its value."""
    return {part.strip().lower() for part in response.headers["set-cookie"].split(";")[1:]}


def test_the_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(client: TestClient) -> None:
    response = client.post("/chat/session", json={"language": "fr"})
    assert re.match(rf"{COOKIE}=[\w-]{{43}};", response.headers["set-cookie"])
    assert flags_of(response) == {"max-age=15552000", "path=/", "httponly", "samesite=lax"}
    assert client.cookies[COOKIE] not in response.text


def test_behind_tls_the_cookie_is_secure_and_bound_to_this_host(secure_client: TestClient) -> None:
    response = secure_client.post("/chat/session", json={})
    assert response.headers["set-cookie"].startswith("__Host-jawab_chat=")
    assert {"secure", "samesite=lax", "path=/"} <= flags_of(response)


def test_behind_tls_the_frames_cookie_works_in_other_sites_one_for_each(secure_client: TestClient) -> None:
    response = secure_client.post("/embed/session", json={})
    assert response.headers["set-cookie"].startswith("__Host-jawab_embed=")
    assert {"secure", "samesite=none", "partitioned", "path=/", "httponly"} <= flags_of(response)


def test_without_tls_the_frames_cookie_stays_in_its_own_site(client: TestClient) -> None:
    flags = flags_of(client.post("/embed/session", json={}))
    assert "samesite=lax" in flags
    assert not {"secure", "partitioned"} & flags


def test_page_and_frame_have_sessions_of_their_own(citizen: TestClient) -> None:
    assert citizen.post("/embed/messages", json=body()).status_code == 401
    first = citizen.post("/chat/session", json={}).json()["conversation"]
    assert citizen.post("/embed/session", json={}).json()["conversation"] != first
    assert citizen.post("/embed/messages", json=body()).status_code == 202


def test_a_session_goes_on_and_begins_anew_when_asked(client: TestClient) -> None:
    first = client.post("/chat/session", json={}).json()["conversation"]
    token = client.cookies[COOKIE]
    assert client.post("/chat/session", json={"new": False}).json()["conversation"] == first
    assert client.post("/chat/session", json={"new": True}).json()["conversation"] != first
    assert client.cookies[COOKIE] == token


def test_two_browsers_are_two_citizens(web: FastAPI, empty: Database) -> None:
    found = {TestClient(web, headers=HEADERS).post("/chat/session", json={}).json()["conversation"] for _ in range(3)}
    assert len(found) == 3


@pytest.mark.parametrize("cookie", ["", "short", "x" * 42, "x" * 43, "A" * 43, "x" * 65, "." * 43, "ü" * 43])
@pytest.mark.parametrize("door", ["chat", "embed"])
def test_a_cookie_that_was_not_issued_here_is_no_session(client: TestClient, door: str, cookie: str) -> None:
    shown = {b"Cookie": f"jawab_{door}={cookie}".encode()}
    assert client.post(f"/{door}/messages", json=body(), headers=shown).status_code == 401
    assert client.get(f"/{door}/events", headers=shown).status_code == 401
    begun = client.post(f"/{door}/session", json={}, headers=shown)
    assert begun.status_code == 200
    given = client.cookies[f"jawab_{door}"]
    assert given != cookie
    assert client.post(f"/{door}/messages", json=body()).status_code == 202


def test_a_cookie_that_was_signed_otherwise_is_no_session(installed: Settings) -> None:
    session = new_session(installed, Door.PAGE)
    assert find_session(installed, Door.PAGE, {COOKIE: session}) == session
    assert find_session(installed, Door.FRAME, {"jawab_embed": session}) is None
    another = installed.model_copy(update={"secret_key": installed.hash_key})
    assert find_session(another, Door.PAGE, {COOKIE: session}) is None


@given(place=st.integers(0, 42), letter=st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_not_one_letter_of_a_session_can_be_another(installed: Settings, place: int, letter: str) -> None:
    session = new_session(installed, Door.PAGE)
    changed = session[:place] + letter + session[place + 1 :]
    assert (find_session(installed, Door.PAGE, {COOKIE: changed}) is None) == (changed != session)


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
