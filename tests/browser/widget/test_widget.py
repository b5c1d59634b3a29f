"""The chat in another site: one script tag, our words and looks, nothing of the citizen's for the site."""

import json
import uuid
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.widget.conftest import Widget
from tests.fakes.rasa_stub import RasaStub

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = {"ar": "اسأل جواب", "fr": "Demander à Jawab", "en": "Ask Jawab"}
SETTLED = (
    "() => Promise.all(document.querySelector('jawab-widget').shadowRoot.getAnimations().map((each) => each.finished))"
)


@pytest.mark.parametrize(("language", "side"), [("ar", "left"), ("fr", "right")])
def test_a_citizen_is_answered_on_another_site(widget: Widget, language: str, side: str) -> None:
    widget.visit(widget.addresses.allowed, language)
    expect(widget.launcher).to_have_accessible_name(NAMES[language])
    box = widget.launcher.bounding_box()
    assert box
    assert (box["x"] < 550) == (side == "left")
    widget.open()
    expect(widget.frame.locator("html")).to_have_attribute("lang", language)
    widget.ask("bonjour tout le monde")
    expect(widget.replies).to_contain_text(["echo: bonjour tout le monde"])


def test_the_talk_goes_on_on_the_sites_next_page(widget: Widget) -> None:
    widget.open()
    widget.ask("bonjour tout le monde")
    expect(widget.replies).to_have_count(1)
    widget.page.get_by_role("link", name="Services").click()
    expect(widget.launcher).to_have_attribute("aria-expanded", "true")
    expect(widget.replies).to_have_count(1)
    assert widget.page.evaluate("document.activeElement === document.body")


def test_a_closed_window_stays_closed_on_the_next_page(widget: Widget) -> None:
    widget.open()
    widget.launcher.click()
    widget.page.reload()
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")
    expect(widget.window).to_be_hidden()


def test_nothing_of_ours_is_asked_for_before_the_first_opening(widget: Widget) -> None:
    asked: list[str] = []
    widget.page.on("request", lambda request: asked.append(request.url))
    widget.page.reload(wait_until="networkidle")
    ours = [url for url in asked if url.startswith(widget.addresses.ours)]
    assert ours in ([], [f"{widget.addresses.ours}/widget.js"])


def test_a_site_that_is_not_allowed_says_so_and_leads_to_our_page(widget: Widget) -> None:
    widget.visit(widget.addresses.refused)
    widget.launcher.click()
    way_out = widget.page.get_by_role("link", name="Ouvrir Jawab dans sa propre fenêtre")
    expect(way_out).to_be_visible(timeout=15_000)
    expect(way_out).to_have_attribute("href", f"{widget.addresses.ours}/?lang=fr")
    assert all(frame.url in ("", "about:blank", "chrome-error://chromewebdata/") for frame in widget.page.frames[1:])
    widget.page.get_by_role("button", name="Fermer la conversation").click()
    expect(widget.launcher).to_be_focused()


def test_we_may_frame_ourselves_and_page_and_frame_are_two_talks(widget: Widget) -> None:
    page = widget.page
    page.goto(f"{widget.addresses.ours}/embed?lang=fr")
    page.wait_for_selector("#log[aria-live=polite]", state="attached")
    page.locator("#question").fill("bonjour tout le monde")
    page.keyboard.press("Enter")
    expect(page.locator(".message[data-author=bot]")).to_have_count(1)
    expect(page.locator("#frame-close")).to_be_hidden()
    page.goto(f"{widget.addresses.ours}/?lang=fr")
    expect(page.locator("#welcome")).to_be_visible()


def test_focus_goes_in_and_comes_back(widget: Widget) -> None:
    widget.launcher.focus()
    widget.page.keyboard.press("Enter")
    expect(widget.frame.locator("#question")).to_be_focused()
    widget.page.keyboard.press("Escape")
    expect(widget.window).to_be_hidden()
    expect(widget.launcher).to_be_focused()
    widget.page.keyboard.press("Enter")
    expect(widget.frame.locator("#question")).to_be_focused()
    widget.frame.locator("#frame-close").press("Enter")
    expect(widget.launcher).to_be_focused()


def test_escape_closes_a_dialog_of_the_chat_before_the_window(widget: Widget) -> None:
    widget.open()
    widget.frame.locator("#about-open").click()
    widget.page.keyboard.press("Escape")
    expect(widget.frame.locator("#about-dialog")).to_be_hidden()
    expect(widget.window).to_be_visible()


def test_on_a_phone_the_window_takes_the_screen_and_keeps_the_focus(widget: Widget) -> None:
    widget.page.set_viewport_size({"width": 360, "height": 740})
    widget.open()
    assert widget.window.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    assert widget.window.evaluate("(dialog) => dialog.matches(':modal')")
    overflow = "() => document.documentElement.scrollWidth - innerWidth"
    assert widget.page.frames[1].evaluate(overflow) <= 0
    widget.page.reload()
    expect(widget.launcher).to_have_attribute("aria-expanded", "false")


def test_what_comes_while_the_window_is_closed_is_counted(widget: Widget, rasa: RasaStub) -> None:
    rasa.answer = rasa.later
    widget.open()
    widget.ask("bonjour tout le monde")
    expect(widget.frame.locator(".message[data-state]")).to_have_count(0)
    widget.launcher.click()
    rasa.released.set()
    expect(widget.page.locator("jawab-widget .badge")).to_have_text("1")
    expect(widget.page.locator("jawab-widget [role=status]")).to_have_text("nouveaux messages\u00a0: 1")
    widget.page.reload()
    expect(widget.page.locator("jawab-widget .badge")).to_have_text("1")
    widget.open()
    expect(widget.page.locator("jawab-widget .badge")).to_be_hidden()
    widget.launcher.click()
    widget.page.reload()
    expect(widget.replies).to_have_count(1)
    expect(widget.page.locator("jawab-widget .badge")).to_be_hidden()


def test_only_the_frame_moves_the_window(widget: Widget) -> None:
    widget.open()
    for word in ("close", "unread", "hello"):
        widget.page.evaluate("(word) => postMessage({ jawab: word, count: 7 }, '*')", word)
    widget.page.frames[1].evaluate("parent.postMessage({ jawab: 'unread', count: '<b>' }, '*')")
    widget.page.wait_for_timeout(300)
    expect(widget.window).to_be_visible()
    expect(widget.page.locator("jawab-widget .badge")).to_be_hidden()


def test_the_site_gains_no_names_and_is_forbidden_nothing(widget: Widget) -> None:
    complaints: list[str] = []
    widget.page.on("console", lambda message: complaints.append(message.text))
    widget.page.on("pageerror", lambda error: complaints.append(str(error)))
    widget.page.goto(f"{widget.addresses.allowed}/?plain")
    before = set(widget.page.evaluate("Object.getOwnPropertyNames(window)"))
    widget.visit(widget.addresses.allowed)
    widget.open()
    after = {name for name in widget.page.evaluate("Object.getOwnPropertyNames(window)") if not name.isdigit()}
    assert after - before == set()
    assert complaints == []


def test_the_sites_looks_do_not_reach_the_button(widget: Widget) -> None:
    expect(widget.launcher).to_be_visible()
    expect(widget.launcher).to_have_css("font-size", "16px")
    expect(widget.launcher).to_have_css("letter-spacing", "normal")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_axe_finds_nothing(widget: Widget, axe: str, language: str, scheme: Any) -> None:
    widget.page.emulate_media(color_scheme=scheme)
    widget.visit(widget.addresses.allowed, language)
    assert _findings(widget.page, axe, widget) == []
    widget.open()
    for place in widget.page.frames:
        assert _findings(place, axe, widget) == []


def _findings(place: Any, axe: str, widget: Widget) -> list[str]:
    widget.page.evaluate(SETTLED)
    place.evaluate(axe)
    result = place.evaluate("() => axe.run({ exclude: ['main > h1'] }, { iframes: false })")
    return [f"{each['impact']} {each['id']} {json.dumps(each['nodes'][0]['html'])}" for each in result["violations"]]


def test_who_wants_no_motion_sees_none(widget: Widget) -> None:
    widget.page.emulate_media(reduced_motion="reduce")
    widget.launcher.click()
    assert widget.page.evaluate("document.querySelector('jawab-widget').shadowRoot.getAnimations().length") == 0


def test_a_browser_that_keeps_no_cookie_is_led_to_our_own_page(widget: Widget) -> None:
    def forget(route: Route) -> None:
        route.fulfill(json={"conversation": str(uuid.uuid4())})

    widget.page.route("**/embed/session", forget)
    widget.launcher.click()
    notice = widget.frame.locator("#no-session")
    expect(notice).to_be_visible(timeout=20_000)
    expect(notice).to_contain_text("Votre navigateur ne laisse pas garder une conversation")
    expect(notice.get_by_role("link")).to_have_attribute("href", "/?lang=fr")


def test_a_language_chosen_in_the_frame_is_kept(widget: Widget) -> None:
    widget.open()
    widget.frame.get_by_role("link", name="العربية").click()
    expect(widget.frame.locator("html")).to_have_attribute("lang", "ar")
    expect(widget.frame.locator("#frame-close")).to_be_visible()
    widget.page.reload()
    expect(widget.frame.locator("html")).to_have_attribute("lang", "ar")


def test_the_frames_cookie_belongs_to_the_site_that_shows_it(widget: Widget, context: BrowserContext) -> None:
    widget.open()
    [cookie] = [one for one in context.cookies() if one.get("name", "").endswith("jawab_embed")]
    assert (cookie.get("sameSite"), cookie.get("secure"), cookie.get("httpOnly")) == ("None", True, True)
    assert "127.0.0.1" in str(cookie.get("partitionKey"))
