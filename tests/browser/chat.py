"""The citizen's page as a test sees it."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from tests.fakes.webchat_stub import Stub


@dataclass
class Chat:
    """An open page and the server behind it."""

    page: Page
    url: str
    stub: Stub

    def open(self, language: str) -> None:
        """Opens the page and waits until everything earlier is on it."""
        self.page.goto(f"{self.url}/?lang={language}")
        self.wait_until_ready()

    def reload(self) -> None:
        """Reloads the page and waits until everything earlier is on it."""
        self.page.reload()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Waits for the end of the replay."""
        self.page.wait_for_selector("#log[aria-live=polite]", state="attached")

    def write(self, text: str) -> None:
        """Types a question and sends it by Enter."""
        self.question.fill(text)
        self.question.press("Enter")

    @property
    def question(self) -> Locator:
        """The question box."""
        return self.page.get_by_role("textbox")

    @property
    def mine(self) -> Locator:
        """The citizen's messages."""
        return self.page.locator(".message[data-author=citizen]")

    @property
    def replies(self) -> Locator:
        """The bot's messages."""
        return self.page.locator(".message[data-author=bot]")

    @property
    def unsent(self) -> Locator:
        """Messages that the server has not shown back."""
        return self.page.locator(".message[data-state]")

    @property
    def choices(self) -> Locator:
        """The suggested replies."""
        return self.page.locator("#replies button")
