"""Nothing changes that our own pages did not ask for."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from bot.accounts.permissions import Role
from bot.db.session import Database
from tests.desk.matrix import filled, routes_of
from tests.desk.people import ORIGIN, TOKEN, Browser, hire


def changing(web: FastAPI) -> Iterator[tuple[str, str]]:
    """Every address of the desk that changes something."""
    for route in routes_of(web):
        for method in route.methods - {"GET", "HEAD"}:
            yield method, filled(route.path)


def test_no_form_of_the_desk_is_taken_without_its_token(browser: Browser, database: Database, web: FastAPI) -> None:
    browser.come_in(hire(database, Role.ADMIN))
    found = list(changing(web))
    assert len(found) > 10
    for method, path in found:
        assert browser.request(method, path, headers={"Origin": ORIGIN}).status_code == 419, path


def test_no_form_of_the_desk_is_taken_from_elsewhere(browser: Browser, database: Database, web: FastAPI) -> None:
    browser.come_in(hire(database, Role.ADMIN))
    found = TOKEN.search(browser.page)
    assert found
    for method, path in changing(web):
        for origin in ("https://evil.example", "null", "http://testserver.evil.example", ""):
            headers = {"X-CSRF-Token": found.group(1)} | ({"Origin": origin} if origin else {})
            assert browser.request(method, path, headers=headers).status_code == 403, (path, origin)


@pytest.mark.parametrize("token", ["", "x", "é" * 80, "A" * 16 + "0" * 64])
def test_a_made_up_token_is_refused(browser: Browser, database: Database, token: str) -> None:
    browser.come_in(hire(database))
    response = browser.post("/desk/account/theme", data={"csrf": token, "theme": "dark"}, headers={"Origin": ORIGIN})
    assert response.status_code == 419
    assert "expired" in response.text


def test_a_token_of_somebody_else_is_refused(browser: Browser, other: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    other.come_in(hire(database))
    other.page = browser.page
    assert other.submit("/desk/account/theme", theme="dark").status_code == 419


def test_a_token_of_before_signing_in_is_of_no_use_after(browser: Browser, database: Database) -> None:
    outside = browser.see("/desk/login")
    browser.sign_in(hire(database))
    browser.page = outside
    assert browser.submit("/desk/account/theme", theme="dark").status_code == 419


def test_a_token_may_come_in_a_header_as_htmx_sends_it(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    found = TOKEN.search(browser.page)
    assert found
    headers = {"Origin": ORIGIN, "X-CSRF-Token": found.group(1)}
    assert browser.post("/desk/account/theme", data={"theme": "dark"}, headers=headers).status_code == 303
    assert 'data-theme="dark"' in browser.see("/desk")


def test_the_same_token_is_never_written_twice(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    seen = {TOKEN.findall(browser.see("/desk"))[0] for _ in range(3)}
    assert len(seen) == 3


def test_a_browser_that_tells_only_where_it_was_is_believed(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    browser.headers["Referer"] = f"{ORIGIN}/desk/account"
    assert browser.submit("/desk/account/theme", theme="dark", origin="").status_code == 303
