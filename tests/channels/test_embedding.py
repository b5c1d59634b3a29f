"""The page in another site: who may frame it, and the script that puts it there."""

import re
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.channels.asking import swap

pytestmark = pytest.mark.slow

SITE = "https://www.commune.example"


@pytest.fixture
def allowing(client: TestClient, web: FastAPI, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser before an installation that one other site may show."""
    services = web.state.services
    settings = services.settings.model_copy(update={"widget_origins": (SITE, "https://b.example")})
    swap(monkeypatch, web, services=replace(services, settings=settings))
    return client


def ancestors(client: TestClient, path: str) -> str:
    """Who may frame that page."""
    return client.get(path).headers["content-security-policy"].rpartition("frame-ancestors ")[2]


def test_nobody_but_ourselves_frames_the_page_unless_allowed(client: TestClient) -> None:
    assert ancestors(client, "/embed") == "'self'"
    assert ancestors(client, "/") == "'none'"


def test_the_sites_of_the_settings_may_frame_the_embedded_page_only(allowing: TestClient) -> None:
    assert ancestors(allowing, "/embed") == f"'self' {SITE} https://b.example"
    assert ancestors(allowing, "/") == "'none'"


def test_but_for_that_the_policies_are_the_same(client: TestClient) -> None:
    framed, page = (client.get(path).headers["content-security-policy"] for path in ("/embed", "/"))
    assert framed.partition("frame-ancestors")[0] == page.partition("frame-ancestors")[0]


def test_a_frame_does_not_ask_where_somebody_is(client: TestClient) -> None:
    response = client.get("/embed")
    assert "geolocation=()" in response.headers["permissions-policy"]
    assert 'id="location"' not in response.text


@pytest.mark.parametrize(("origin", "host"), [(SITE, SITE), ("https://evil.example", ""), ('"><script>', ""), ("", "")])
def test_the_frame_talks_to_allowed_sites_only(allowing: TestClient, origin: str, host: str) -> None:
    page = allowing.get("/embed", params={"origin": origin, "lang": "fr"}).text
    assert re.findall(r'data-host="([^"]*)"', page) == [host]
    assert "evil" not in page


def test_the_script_may_be_included_anywhere_and_is_fetched_once(client: TestClient) -> None:
    response = client.get("/widget.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    again = client.get("/widget.js", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_the_script_has_its_words_in_every_language_and_no_gap(client: TestClient) -> None:
    script = client.get("/widget.js").text
    assert "{{" not in script
    for name in re.findall(r"\bwords\.(\w+)", script):
        assert len(re.findall(rf'"{name}": "[^"]+"', script)) == 3, name
