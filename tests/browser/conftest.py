"""The system's Chromium, the stub server and an open page for each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chat import Chat
from tests.fakes.webchat_stub import REPOSITORY, Stub, serve

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Machines that test are busy; nothing here claims how fast the page is.
PATIENCE_MILLISECONDS = 20_000
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where `npm ci` put the fonts and axe-core: the repository, or what NODE_PATH names."""
    places = [REPOSITORY / "node_modules", *map(Path, filter(None, [os.environ.get("NODE_PATH")]))]
    for place in places:
        if (place / "axe-core").is_dir():
            return place
    raise FileNotFoundError("axe-core is not installed: run `npm ci`, or let NODE_PATH name its node_modules")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's own Chromium, without a window; ended with its module, for its event loop is in others' way."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def stub() -> Stub:
    """What the server holds and how it fails."""
    return Stub()


@pytest.fixture
def url(stub: Stub, node_modules: Path) -> Iterator[str]:
    """The address of the running stub."""
    with serve(stub, node_modules) as address:
        yield address


@pytest.fixture
def context(browser: Browser, url: str) -> Iterator[BrowserContext]:
    """A citizen's browser: nothing kept from before, no permission given; closed before the server is."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, timezone_id="Africa/Casablanca")
    context.set_default_timeout(8000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of that browser."""
    return context.new_page()


@pytest.fixture
def chat(page: Page, url: str, stub: Stub) -> Chat:
    """The page in English, ready to be used."""
    chat = Chat(page, url, stub)
    chat.open("en")
    return chat
