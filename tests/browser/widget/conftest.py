"""The real application over https, another site that shows it, and one that may not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page

from bot.db.session import Database
from bot.ops.ports import free_ports
from bot.settings import Settings
from tests.browser.widget.sites import make_certificate, site
from tests.channels.server import serving
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.serving import listening
from tests.jobs.conftest import empty, installed, rasa, stub

__all__ = ["empty", "installed", "rasa", "stub"]


@dataclass(frozen=True)
class Addresses:
    """Where everybody is: the site that may show us is of another site than we are, as browsers see it."""

    ours: str
    allowed: str
    refused: str


@pytest.fixture(scope="module")
def addresses(installed: Settings, node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Everything runs."""
    if not (installed.root / "node_modules").exists():
        (installed.root / "node_modules").symlink_to(node_modules)
    ports = free_ports(3)
    ours, allowed, refused = f"https://localhost:{ports[0]}", *(f"https://127.0.0.1:{port}" for port in ports[1:])
    certificate = make_certificate(tmp_path_factory.mktemp("tls") / "localhost.pem")
    settings = installed.model_copy(update={"given_public_url": ours, "widget_origins": (allowed,)})
    with (
        serving(settings, certificate=certificate),
        listening(site(ours), ports[1], certificate),
        listening(site(ours), ports[2], certificate),
    ):
        yield Addresses(ours, allowed, refused)


@pytest.fixture
def context(browser: Browser, addresses: Addresses, empty: Database, rasa: RasaStub) -> Iterator[BrowserContext]:
    """A citizen's browser."""
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1100, "height": 800})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@dataclass
class Widget:
    """A page of another site with our button on it."""

    page: Page
    addresses: Addresses

    def visit(self, site: str, language: str = "fr") -> None:
        """Opens a page of the site and waits for the button."""
        self.page.goto(f"{site}/?lang={language}")
        self.launcher.wait_for()

    def open(self) -> None:
        """Presses the button and waits until the chat can be used."""
        self.launcher.click()
        self.frame.locator("#log[aria-live=polite]").wait_for(state="attached")
        self.frame.locator("#frame-close").wait_for()

    def ask(self, words: str) -> None:
        """Sends a question from within the frame."""
        self.frame.locator("#question").fill(words)
        self.frame.locator("#question").press("Enter")

    @property
    def launcher(self) -> Locator:
        """The button in the corner."""
        return self.page.locator("jawab-widget .launcher")

    @property
    def window(self) -> Locator:
        """The window that it opens."""
        return self.page.locator("jawab-widget dialog")

    @property
    def frame(self) -> FrameLocator:
        """The chat inside."""
        return self.page.frame_locator("jawab-widget iframe")

    @property
    def replies(self) -> Locator:
        """The bot's messages."""
        return self.frame.locator(".message[data-author=bot]")


@pytest.fixture
def widget(context: BrowserContext, addresses: Addresses) -> Widget:
    """A tab on the site that may show the chat, in French."""
    widget = Widget(context.new_page(), addresses)
    widget.visit(addresses.allowed)
    return widget


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> str:
    """The script of axe-core."""
    return (node_modules / "axe-core" / "axe.min.js").read_text("utf-8")
