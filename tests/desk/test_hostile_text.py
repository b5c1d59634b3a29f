"""Text of others is never HTML, wherever the desk shows it."""

import pytest
from fastapi import FastAPI

from bot.accounts.audit import record
from bot.accounts.permissions import Role
from bot.db.session import Database
from tests.desk.people import Browser, Elements, hire

CORPUS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "{0.__class__} {name}",
    "javascript:alert(1)",
    "\u202eابجد\u202c <b>",
    "<!--<script>",
    "&lt;script&gt;",
]
ALLOWED_SOURCES = ("/static/", "data:image/svg+xml")


def check(page: str) -> None:
    """Everything that a page runs or loads is ours, and nothing stands in it that its policy forbids."""
    for tag, attributes in Elements(page).found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        assert tag not in ("style", "iframe", "object", "embed", "base"), tag
        if tag in ("script", "img"):
            assert str(attributes.get("src")).startswith(ALLOWED_SOURCES), (tag, attributes)
        target = attributes.get("href") or attributes.get("action") or "/"
        assert target.startswith(("/", "?", "#")), (tag, attributes)


@pytest.mark.parametrize("hostile", CORPUS)
def test_names_and_traces_are_shown_as_they_are_written(
    hostile: str, browser: Browser, other: Browser, database: Database, web: FastAPI
) -> None:
    admin = hire(database, Role.ADMIN, name=hostile)
    other.headers["User-Agent"] = hostile.encode("ascii", "ignore").decode()
    other.sign_in(admin)
    with database.transaction() as session:
        told = {hostile: hostile}
        record(session, staff_id=admin.id, action=hostile[:64], subject=hostile, before=told, after=told)
    browser.come_in(admin)
    for path in ("", "/staff", f"/staff/{admin.id}", "/staff/new", "/account", "/audit", "/audit/check", "/confirm"):
        page = browser.see(f"/desk{path}")
        check(page)
        assert "49" not in page or "7 * 7" not in hostile or "{{ 7 * 7 }}" in page


@pytest.mark.parametrize("hostile", CORPUS)
def test_what_is_sent_comes_back_as_text(hostile: str, browser: Browser, other: Browser, database: Database) -> None:
    browser.see("/desk/login")
    check(browser.submit("/desk/login", email=hostile, password=hostile, next=hostile).text)
    admin = hire(database, Role.ADMIN)
    other.come_in(admin, "/desk/staff/new")
    check(other.submit("/desk/staff/new", email=hostile, name=hostile, role="agent", language=hostile).text)
    for path in ("/desk/audit", "/desk/login", "/desk/confirm", "/desk/link/x", "/desk/nowhere"):
        response = other.get(path, params={"who": hostile, "next": hostile, "lang": hostile, "subject": hostile})
        check(response.text)
        assert response.headers.get("location", "/desk").startswith("/desk")


@pytest.mark.parametrize("hostile", [*CORPUS, "bm90IGpzb24=", "eyJ3b3JkIjoxfQ==", "e30="])
def test_a_planted_message_is_text_or_nothing(hostile: str, browser: Browser) -> None:
    browser.cookies.set("jawab_desk_said", hostile.encode("ascii", "ignore").decode())
    check(browser.see("/desk/login"))
