"""Whoever sets a desk up, in the system's Chromium."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page

from bot.accounts.states import Stage
from bot.db.session import Database
from bot.desk.security import cookie_name
from tests.desk.inbox.chromium.conftest import DESKTOP, PHONE, browser, node_modules, scene, served
from tests.desk.people import Member, open_for

__all__ = ["browser", "node_modules", "scene", "served"]

SIZES = {"desktop": DESKTOP, "phone": PHONE}
Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, served: tuple[FastAPI, str], scene: object, database: Database) -> Iterator[Enter]:
    """Have somebody open a page; no script fails, and nothing breaks the policy."""
    app, url = served
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(member: Member, path: str, size: dict[str, int], *, has_script: bool = True) -> Page:
        viewport = {"width": size["width"], "height": size["height"]}
        context = browser.new_context(
            base_url=url,
            viewport=viewport,  # type: ignore[arg-type]
            timezone_id="Africa/Casablanca",
            java_script_enabled=has_script,
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        key = open_for(app, database, member, Stage.SIGNED_IN)
        context.add_cookies([{"name": cookie_name(app.state.settings), "value": key, "url": url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
