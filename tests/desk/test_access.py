"""Everybody can use the desk: by keyboard, with a screen reader, on any screen, in Arabic and French, dark or light."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
import redis
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from bot.accounts.permissions import Role
from bot.accounts.service import first_admin_link
from bot.db.session import Database
from bot.desk.words import strings
from bot.main import create_app
from bot.settings import REPOSITORY, Settings
from tests.browser.conftest import browser, node_modules
from tests.browser.test_access import findings
from tests.desk.people import PASSWORD, Member, add_second_step, hire
from tests.fakes.serving import listening

__all__ = ["browser", "node_modules"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = REPOSITORY / "results" / "desk"
SIZES = {"desktop": (1280, 800), "phone": (360, 740)}
PLACES = (
    *("/desk", "/desk/account", "/desk/account/second-step", "/desk/staff", "/desk/staff/new"),
    *("/desk/audit", "/desk/audit/check", "/desk/confirm", "/desk/nowhere"),
    *("/desk/canned", "/desk/canned/new", "/desk/labels", "/desk/labels/new", "/desk/teams", "/desk/teams/new"),
)
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"
RING = "() => { const { outlineStyle } = getComputedStyle(document.activeElement); return outlineStyle; }"


@pytest.fixture(scope="module")
def app(installed: Settings, node_modules: Path) -> FastAPI:
    """The application, with what npm brought."""
    link = installed.root / "node_modules"
    if not link.exists():
        link.symlink_to(node_modules)
    return create_app(installed.model_copy(update={"worker": "separate"}))


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    """Where it serves."""
    with listening(app) as url:
        yield url


@pytest.fixture
def page(address: str, browser: Browser, database: Database, cache: "redis.Redis") -> Iterator[Page]:
    """A tab that complains of nothing: no script fails, nothing breaks the page's policy."""
    context = browser.new_context(base_url=address, timezone_id="Africa/Casablanca")
    context.set_default_timeout(8000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert complaints == []


def serious(page: Page, node_modules: Path) -> list[str]:
    """What axe-core finds that keeps people out."""
    return [one for one in findings(page, node_modules) if one.startswith(("serious", "critical"))]


def come_in(page: Page, member: Member, language: str = "en") -> None:
    """Sign in as people do."""
    page.goto(f"/desk/login?lang={language}")
    page.locator("#email").fill(member.email)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url("**/desk")


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_a_keyboard_alone_signs_in_with_a_second_step_and_out_again(
    page: Page, node_modules: Path, app: FastAPI, database: Database, language: str
) -> None:
    member = hire(database, Role.ADMIN, language=language)
    totp, _ = add_second_step(app, database, member)
    page.goto(f"/desk/login?lang={language}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    assert serious(page, node_modules) == []
    for words in (member.email, PASSWORD):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/login/code*")
    assert serious(page, node_modules) == []
    page.keyboard.type(totp.now())
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    assert serious(page, node_modules) == []
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    tab_to(page, "form[action='/desk/logout'] button")
    assert serious(page, node_modules) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(strings(language)["said_signed_out"])


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus; everything on the way shows that it has it."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            assert page.evaluate(RING) == "solid"
            return
    raise AssertionError(f"{selector} is not reached")


def test_the_first_tab_leads_past_the_header(page: Page, database: Database) -> None:
    come_in(page, hire(database))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_an_authenticator_is_set_up_from_what_the_page_shows(page: Page, database: Database) -> None:
    come_in(page, hire(database))
    page.goto("/desk/account/second-step")
    assert page.evaluate("document.querySelector('.qr').naturalWidth") > 100
    secret = page.locator("code.secret").inner_text()
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    page.locator("#code").press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto("/desk/account")
    expect(page.locator("#second-step + p")).to_contain_text("10")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_axe_finds_nothing_serious_on_any_page(
    page: Page, node_modules: Path, database: Database, language: str, scheme: Any, size: str
) -> None:
    page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)
    with database.transaction() as session:
        link = f"/desk/link/{first_admin_link(session)}"
    outside = (link, f"/desk/login?lang={language}")
    variant = f"{language}-{scheme}-{size}"
    wrong = {place: look(page, node_modules, place, variant) for place in outside}
    member = hire(database, Role.ADMIN, language=language)
    come_in(page, member, language)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
    for place in (*PLACES, f"/desk/staff/{member.id}", "/desk/link/none"):
        wrong[place] = look(page, node_modules, place, variant)
    assert {place: faults for place, faults in wrong.items() if faults} == {}


def look(page: Page, node_modules: Path, place: str, variant: str) -> list[str]:
    """Open a page, keep its picture, and tell what is wrong with it."""
    page.goto(place)
    page.evaluate("document.fonts.ready")
    name = re.sub(r"[0-9a-f-]{36}|link/[\w-]{43}", "x", place.partition("?")[0]).strip("/").replace("/", "-")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{variant}.png", full_page=True)
    wide = ["runs over the edge"] if page.evaluate(OVERFLOW) > 0 else []
    return serious(page, node_modules) + wide


def test_the_desk_is_written_in_its_own_letters(page: Page, database: Database) -> None:
    come_in(page, hire(database, language="ar"), "ar")
    font = "document.fonts.load('16px \"IBM Plex Sans Arabic\"', 'جواب Jawab').then((faces) => faces.length)"
    assert page.evaluate(font) >= 2
    expect(page.locator("body")).to_have_css("direction", "rtl")


def test_light_or_dark_is_a_choice_that_stays(page: Page, database: Database) -> None:
    come_in(page, hire(database))
    page.locator("summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/desk/account")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
