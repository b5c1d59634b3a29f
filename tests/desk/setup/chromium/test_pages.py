"""The pages by which a desk is set up, in a real browser: read by everybody, and usable without a script."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.accounts.permissions import Role
from bot.db.session import Database
from bot.desk.words import strings
from tests.desk.inbox.chromium.test_desk import PICTURES, findings
from tests.desk.people import hire
from tests.desk.setup.chromium.conftest import SIZES, Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("catalogue")]

PAGES = {
    "canned": "/desk/canned",
    "canned-edit": "/desk/canned/1",
    "labels": "/desk/labels",
    "label-edit": "/desk/labels/complaint",
    "teams": "/desk/teams",
    "team-edit": "/desk/teams/front",
}


WIDE = """() => [...document.querySelectorAll("main *")]
    .filter((one) => !one.closest(".table-responsive") && !one.closest("details:not([open])"))
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
    .map((one) => one.outerHTML.slice(0, 200))"""


def whole(page: Page) -> None:
    """Nothing runs over the edge of its window."""
    assert page.evaluate(WIDE) == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def shoot(page: Page, name: str) -> None:
    """Keep what a whole page looks like."""
    page.evaluate("() => document.fonts.ready")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", caret="initial", full_page=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_the_pages_read_well_for_everybody(
    language: str, size: str, enter: Enter, database: Database, node_modules: Path
) -> None:
    hire(database, name="Agent 1")
    page = enter(hire(database, Role.ADMIN, name="Agent 2", language=language), "/desk/canned", SIZES[size])
    for name, path in PAGES.items():
        page.goto(path)
        shoot(page, f"{name}-{language}-{size}")
        assert findings(page, node_modules) == [], name
        whole(page)
    page.locator("[name=name_fr]").fill("")
    page.locator("[name=usual-0-closes]").fill("08:00")
    page.locator("form button.btn-primary").last.click()
    expect(page.get_by_role("alert")).to_have_text(strings(language)["setup_wrong"])
    expect(page.locator(".field-wrong")).to_have_count(2)
    shoot(page, f"team-wrong-{language}-{size}")
    assert findings(page, node_modules) == []
    whole(page)


def test_a_team_is_set_up_without_a_script(enter: Enter, database: Database) -> None:
    member = hire(database, Role.SUPERVISOR, name="Agent 1")
    page = enter(member, "/desk/teams/new", SIZES["phone"], has_script=False)
    for code, name in (("ar", "فاس"), ("fr", "Fès"), ("en", "Fez")):
        page.locator(f"[name=name_{code}]").fill(name)
    page.locator("[name=regions][value=fes]").check()
    page.locator("[name=more][value=usual]").click()
    expect(page.locator("[name=name_fr]")).to_have_value("Fès")
    expect(page.locator("[name=regions][value=fes]")).to_be_checked()
    page.locator("[name=usual-3-days][value='6']").check()
    page.locator("[name=usual-3-opens]").fill("09:00")
    page.locator("[name=usual-3-closes]").fill("12:00")
    page.locator("form button.btn-primary").last.click()
    expect(page.get_by_role("status")).to_contain_text("Fez")
    expect(page.locator("table")).to_contain_text("Sat 09:00–12:00")
