"""The desk in the system's Chromium, behind a real server."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page

from bot.accounts.states import Stage
from bot.db.session import Database
from bot.desk.security import cookie_name
from bot.main import create_app
from bot.settings import Settings
from tests.browser.conftest import browser, node_modules
from tests.desk.inbox.scene import Scene
from tests.desk.people import Member, open_for
from tests.fakes.serving import listening

__all__ = ["browser", "node_modules"]

DESKTOP, PHONE = {"width": 1360, "height": 850}, {"width": 390, "height": 800}
Enter = Callable[..., Page]


@pytest.fixture(scope="module")
def served(installed: Settings, node_modules: Path) -> Iterator[tuple[FastAPI, str]]:
    """The web process, and its address."""
    if not (installed.root / "node_modules").exists():
        (installed.root / "node_modules").symlink_to(node_modules)
    app = create_app(installed.model_copy(update={"worker": "separate"}))
    with listening(app) as url:
        yield app, url


@pytest.fixture
def scene(served: tuple[FastAPI, str], database: Database, cache: "redis.Redis") -> Scene:
    """Nobody has written yet."""
    return Scene(served[0].state.services)


@pytest.fixture
def enter(browser: Browser, served: tuple[FastAPI, str], database: Database) -> Iterator[Enter]:
    """Have somebody open a page of the desk in a browser of their own; no script fails, nothing breaks the policy."""
    app, url = served
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        member: Member, path: str = "/desk/inbox", size: dict[str, int] = DESKTOP, *, is_live: bool = True
    ) -> Page:
        context = browser.new_context(viewport={**size}, timezone_id="Africa/Casablanca")  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(15_000)
        key = open_for(app, database, member, Stage.SIGNED_IN)
        context.add_cookies([{"name": cookie_name(app.state.settings), "value": key, "url": url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{url}{path}")
        if is_live:
            page.wait_for_selector("body[data-stream=open]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    rest(app)
    assert complaints == []


def rest(app: FastAPI) -> None:
    """Wait until the streams of closed pages have ended: the next test empties the tables."""
    pool, quiet = app.state.services.database.engine.pool, 0
    while quiet < 5:
        quiet = quiet + 1 if pool.checkedout() == 0 else 0
        time.sleep(0.1)
