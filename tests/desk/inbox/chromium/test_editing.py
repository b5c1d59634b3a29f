"""Editors in a real browser: everybody can read the pages, a keyboard is enough, a reply becomes an entry."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.accounts.permissions import Role
from bot.catalogue.schemas import Status
from bot.db.session import Database
from bot.reviews.models import Review
from bot.reviews.states import Kind
from tests.desk.editing.entries import WIND, kept, stock
from tests.desk.inbox.chromium.conftest import Enter
from tests.desk.inbox.chromium.test_desk import SIZES, findings, shoot
from tests.desk.inbox.scene import Scene
from tests.desk.people import hire

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "بشحال كيسوى تجديد جواز السفر ديال ولدي الصغير؟"
ANSWER = "رسوم جواز السفر 150 درهما للقاصرين. passeport.ma"
FIELDS = {"ar": "لماذا تهب الريح؟", "fr": "Pourquoi le vent souffle-t-il ?", "en": "Why does the wind blow?"}


def look_at(page: Page, name: str, node_modules: Path) -> None:
    """Keep what a page looks like; everybody can read it, and nothing of it stands aside."""
    shoot(page, name)
    assert findings(page, node_modules) == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_the_pages_of_editors_read_well_for_everybody(
    language: str, size: str, scene: Scene, enter: Enter, database: Database, node_modules: Path
) -> None:
    stock(database)
    member = hire(database, Role.EDITOR, name="Editor 1", language=language)
    with database.transaction() as session:
        for kind in Kind:
            of = {"staff_id": member.id, "question": QUESTION, "answer": ANSWER, "language": "ary"}
            session.add(Review(kind=kind, intent="ask_fee", service_id="kite_licence", **of))
    page = enter(member, "/desk/faq", SIZES[size], is_live=False)
    look_at(page, f"faq-list-{language}-{size}", node_modules)
    page.locator(".rows a").first.click()
    expect(page.locator("#preview .bubble").first).to_be_visible()
    look_at(page, f"faq-entry-{language}-{size}", node_modules)
    page.locator("#preview").scroll_into_view_if_needed()
    shoot(page, f"faq-preview-{language}-{size}")
    page.goto(page.url.replace(f"/faq/{WIND}", "/faq/new?review=2"))
    page.locator("button[value=published]").click()
    expect(page.locator("#question-fr-wrong")).to_be_visible()
    look_at(page, f"faq-faults-{language}-{size}", node_modules)
    page.locator(".ways a[href='/desk/reviews']").click()
    expect(page.locator(".marks li")).to_have_count(1)
    look_at(page, f"reviews-{language}-{size}", node_modules)
    page.locator(".marks .btn").click()
    expect(page.locator("#intent")).to_be_visible()
    look_at(page, f"review-{language}-{size}", node_modules)


def test_a_keyboard_is_enough_to_publish(scene: Scene, enter: Enter, database: Database) -> None:
    stock(database)
    page = enter(hire(database, Role.EDITOR), "/desk/faq", is_live=False)
    tab_to(page, "a[href='/desk/faq/new']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/faq/new")
    for code, text in FIELDS.items():
        tab_to(page, f"#question-{code}")
        page.keyboard.type(text)
        tab_to(page, f"#answer-{code}")
        page.keyboard.type("1.")
        page.keyboard.press("Enter")
        page.keyboard.type("2.")
    tab_to(page, "[name=source-url]")
    page.keyboard.type("https://wind.example.ma")
    tab_to(page, "[name=source-title]")
    page.keyboard.type("Wind")
    tab_to(page, "button[value=published]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/faq/faq_why_does_the_wind_blow")
    entry = kept(database, "faq_why_does_the_wind_blow").entry
    assert entry.status is Status.PUBLISHED
    assert {one.value: text for one, text in entry.question.items()} == FIELDS
    assert set(entry.answer.values()) == {"1.\n2."}


def test_a_reply_in_the_thread_leads_to_its_entry(scene: Scene, enter: Enter, database: Database) -> None:
    admin = hire(database, Role.ADMIN)
    case = scene.ask(QUESTION, language="ary")
    scene.put(case, direction="out", author="staff", staff_id=admin.id, body=ANSWER, status="sent", language="ary")
    page = enter(admin, f"/desk/cases/{case.id}")
    page.locator(".by-staff .line-mark button").click()
    page.wait_for_url("**/desk/faq/new?review=1")
    expect(page.locator("#question-ary")).to_have_value(QUESTION)
    expect(page.locator("#answer-ary")).to_have_value(ANSWER)
