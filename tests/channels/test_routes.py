"""Every address: its audience, its headers, and what it says when something is away."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Mount

from bot.db.session import Database
from bot.settings import Settings
from tests.channels.asking import body, swap

pytestmark = pytest.mark.slow

AUDIENCES = {"public", "vendor"}
PROMISED = {
    "content-security-policy": r"default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "geolocation=.self., camera=.., microphone=..",
    "cross-origin-opener-policy": "same-origin",
}


TALKS = {f"/{door}/{what}" for door in ("chat", "embed") for what in ("session", "messages", "events")}


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
        elif not route.path.startswith("/desk"):  # tests/desk/test_matrix.py asks those for their guards.
            stated[route.path] = (route.openapi_extra or {}).get("x-audience")
    assert TALKS | {"/", "/embed", "/widget.js", "/health/live", "/health/ready"} <= set(stated)
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


@pytest.mark.parametrize("path", ["/", "/embed"])
@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_page_has_nothing_that_its_policy_forbids(client: TestClient, language: str, path: str) -> None:
    page = client.get(f"{path}?lang={language}").text
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []
    assert re.findall(r"<[^>]*\s(?:style|on[a-z]+)=", page) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []


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
