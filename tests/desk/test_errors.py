"""What goes wrong is told plainly, in the reader's language, with the desk's headers and nothing of the inside."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from bot.accounts.permissions import Role
from bot.db.session import Database
from bot.desk.security import HEADERS
from bot.settings import Settings
from tests.channels.asking import swap
from tests.channels.conftest import away
from tests.desk.people import Browser, hire

__all__ = ["away"]


def test_every_answer_of_the_desk_has_its_headers(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    answers = [
        browser.get("/desk"),
        browser.get("/desk/"),
        browser.get("/desk/nowhere"),
        browser.get("/desk/staff"),
        browser.get("/desk/login"),
        browser.post("/desk/account/theme"),
        browser.post("/desk/login", content=b"x" * 70_000),
    ]
    assert [one.status_code for one in answers] == [200, 307, 404, 403, 303, 403, 413]
    for one in answers:
        assert {name: one.headers.get(name) for name in HEADERS} == HEADERS, one.url
        assert one.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("language", "words"), [("ar", "الصفحة غير موجودة"), ("fr", "Page introuvable")])
def test_a_missing_page_says_so_in_the_readers_language(browser: Browser, language: str, words: str) -> None:
    assert words in browser.see(f"/desk/nowhere?lang={language}", 404)


def test_a_forbidden_page_keeps_its_reader_signed_in(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database, Role.EDITOR))
    page = browser.see("/desk/staff", 403)
    assert "Your role does not permit it" in page
    assert "Agent 1" in page


def test_htmx_gets_a_line_and_no_page(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    response = browser.get("/desk/staff", headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert response.text.startswith('<div class="alert')


def test_a_failure_that_nobody_foresaw_tells_nothing_of_the_inside(
    browser: Browser, web: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap(monkeypatch, web, services=None)
    response = browser.get("/desk")
    assert response.status_code == 500
    assert "NoneType" not in response.text
    assert response.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


def test_without_its_database_the_desk_says_so(
    browser: Browser, web: FastAPI, away: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.take("A" * 43)
    swap(monkeypatch, web, services=replace(web.state.services, database=Database(away.database_url)))
    response = browser.get("/desk")
    assert response.status_code == 503
    assert "<html" in response.text
