"""The page in a real browser against the whole running system, in Arabic and French."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import browser
from tests.system.conftest import System

pytestmark = [
    pytest.mark.system,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
]
__all__ = ["browser"]
PATIENCE_MS = 30_000


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone's tab that reports every error of the page."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert not faults


def _ask(page: Page, text: str) -> None:
    page.locator("#question").fill(text)
    page.locator("#question").press("Enter")


@pytest.mark.parametrize(
    ("language", "direction", "question", "fact"),
    [("ar", "rtl", "بشحال التمبر ديال الباسبور؟", "500"), ("fr", "ltr", "Combien coûte le passeport ?", "500 DH")],
)
def test_a_question_is_answered_and_stays_after_a_reload(
    system: System, page: Page, language: str, direction: str, question: str, fact: str
) -> None:
    page.goto(f"{system.url}/?lang={language}")
    assert page.locator("html").get_attribute("dir") == direction
    _ask(page, question)
    log = page.get_by_role("log")
    expect(log).to_contain_text(fact, timeout=PATIENCE_MS)
    page.reload()
    expect(log).to_contain_text(question, timeout=PATIENCE_MS)
    expect(log).to_contain_text(fact, timeout=PATIENCE_MS)
