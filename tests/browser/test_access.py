"""Everybody can use the page: any screen, keyboard or screen reader, in three languages."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chat import Chat
from tests.browser.test_strings import strings
from tests.fakes.webchat_stub import Stub

pytestmark = pytest.mark.browser

LANGUAGES = {"ar": "rtl", "fr": "ltr", "en": "ltr"}
LONG = f"*جواز السفر*\n• https://www.exemple.ma/{'a' * 90}\n• 05 37 27 37 27\n\nالمصدر: passeport.ma"
BUTTONS = [{"title": "تحدث مع موظف من فضلك " * 3, "payload": "/a"}, {"title": "الرسوم", "payload": "/b"}]
LINKS = [{"title": "البوابة الوطنية لجواز السفر البيومتري", "url": "https://www.passeport.ma/"}]

# The question box has its ring around the whole composer.
RING = """() => {
    const focused = document.activeElement.closest("form:has(textarea:focus)") ?? document.activeElement;
    const { outlineStyle, boxShadow } = getComputedStyle(focused);
    return `${outlineStyle} ${boxShadow}`;
}"""
# Every time that something is put into the log, also when it is only moved there.
WATCH = """() => {
    window.said = [];
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
        if (node.classList?.contains("message")) window.said.push(node.querySelector(".text, .plain").textContent);
    }))).observe(document.querySelector("#log"), { childList: true });
}"""
PLACE = """() => {
    const parts = ".skip, .languages, #new-conversation, .emergency, #log, #replies, #composer, footer";
    const found = document.activeElement.closest(parts);
    return found?.id || found?.className || found?.localName;
}"""
LISTEN = """addEventListener("DOMContentLoaded", () => {
    const log = document.querySelector("#log");
    new MutationObserver(() => (window.live ??= log.ariaLive)).observe(log, { childList: true });
})"""
SETTLED = (
    "() => Promise.all(document.getAnimations()"
    ".filter((each) => each.effect.getTiming().iterations === 1).map((each) => each.finished))"
)


def fill(chat: Chat) -> None:
    """A conversation with every kind of message, one of them not sent."""
    chat.stub.say("بشحال التامبر؟ w chno lwra9", author="citizen")
    chat.stub.say("لحظة من فضلك", author="system")
    chat.stub.say("مرحبا", author="staff")
    chat.stub.say(LONG, buttons=BUTTONS, links=LINKS)
    expect(chat.choices).to_have_count(2)
    chat.stub.faults.extend([(422, {}, {"error": "لا"})])
    chat.write("؟")
    expect(chat.page.locator("[data-state=refused]")).to_be_visible()
    chat.stub.say("واخا", buttons=BUTTONS)
    expect(chat.choices).to_have_count(2)


def findings(page: Page, node_modules: Path) -> list[str]:
    """What axe-core finds, of any weight."""
    page.evaluate(SETTLED)
    page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text("utf-8"))
    result: dict[str, Any] = page.evaluate("() => axe.run()")
    return [f"{each['impact']} {each['id']} {each['nodes'][0]['html']}" for each in result["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(chat: Chat, node_modules: Path, language: str, scheme: Any) -> None:
    chat.page.emulate_media(color_scheme=scheme)
    chat.open(language)
    assert findings(chat.page, node_modules) == []
    fill(chat)
    chat.page.locator("#location").click()
    expect(chat.page.locator("#hint")).to_be_visible()
    assert findings(chat.page, node_modules) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_when_something_is_wrong(
    chat: Chat, context: BrowserContext, node_modules: Path, language: str, scheme: Any
) -> None:
    chat.page.emulate_media(color_scheme=scheme)
    chat.open(language)
    chat.stub.faults.extend([500, 500, (429, {"Retry-After": "30"}, {"error": "busy"})])
    chat.write("؟")
    expect(chat.page.locator("[data-state=failed]")).to_be_visible()
    chat.page.get_by_role("button", name=strings(language)["send_again"]).click()
    chat.question.fill("س" * 2003)
    context.set_offline(True)
    expect(chat.page.locator("#connection")).to_be_visible()
    assert findings(chat.page, node_modules) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_the_dialogs(chat: Chat, node_modules: Path, language: str, scheme: Any) -> None:
    chat.page.emulate_media(color_scheme=scheme)
    chat.open(language)
    for button in ("#new-conversation", "#about-open"):
        chat.page.locator(button).click()
        assert findings(chat.page, node_modules) == []
        chat.page.keyboard.press("Escape")


@pytest.mark.parametrize(("language", "direction"), LANGUAGES.items())
def test_the_page_stands_in_its_language_and_direction(chat: Chat, language: str, direction: str) -> None:
    chat.open(language)
    expect(chat.page.locator("html")).to_have_attribute("lang", language)
    expect(chat.page.locator("html")).to_have_css("direction", direction)
    expect(chat.page.locator("nav [aria-current]")).to_have_attribute("lang", language)
    font = "document.fonts.load('16px \"IBM Plex Sans Arabic\"', 'جواب Jawab').then((faces) => faces.length)"
    assert chat.page.evaluate(font) == 2


@pytest.mark.parametrize("size", [(320, 568), (320, 256), (360, 740), (640, 400), (768, 1024), (1280, 800)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_runs_over_the_edge(chat: Chat, language: str, size: tuple[int, int]) -> None:
    chat.page.set_viewport_size({"width": size[0], "height": size[1]})
    chat.open(language)
    overflow = "() => document.documentElement.scrollWidth - innerWidth"
    assert chat.page.evaluate(overflow) <= 0
    fill(chat)
    assert chat.page.evaluate(overflow) <= 0


def test_a_chosen_language_is_kept(chat: Chat) -> None:
    chat.page.get_by_role("link", name="Français").click()
    expect(chat.page.locator("html")).to_have_attribute("lang", "fr")
    chat.page.goto(chat.url)
    expect(chat.page.locator("html")).to_have_attribute("lang", "fr")


def test_the_first_tab_leads_to_the_question(chat: Chat) -> None:
    chat.page.keyboard.press("Tab")
    skip = chat.page.get_by_role("link", name="Skip to the question box")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    chat.page.keyboard.press("Enter")
    expect(chat.question).to_be_focused()


def test_every_control_is_reached_by_tab_and_shows_it(chat: Chat) -> None:
    chat.stub.say("Choose", buttons=BUTTONS, links=LINKS)
    expect(chat.choices).to_have_count(2)
    reached: list[str] = []
    for _ in range(15):
        chat.page.keyboard.press("Tab")
        reached.append(chat.page.evaluate("() => document.activeElement.textContent.trim()"))
        assert chat.page.evaluate(RING) != "none none"
    assert {"New conversation", "الرسوم", "Sources are shown under each answer"} <= set(reached)


def test_tabbing_through_the_header_leaves_the_reader_in_place(chat: Chat) -> None:
    chat.page.emulate_media(reduced_motion="reduce")
    chat.stub.say("\n\n".join(["line"] * 60))
    expect(chat.replies).to_have_count(1)
    chat.page.evaluate("scrollTo(0, 300)")
    for _ in range(8):
        chat.page.keyboard.press("Tab")
    assert chat.page.evaluate("scrollY") == 300


def test_a_screen_reader_hears_new_messages_but_not_the_old_ones(chat: Chat) -> None:
    chat.stub.say("old")
    chat.page.add_init_script(LISTEN)
    chat.reload()
    assert chat.page.evaluate("window.live") == "off"
    expect(chat.page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    expect(chat.page.get_by_role("log")).to_have_attribute("aria-busy", "false")


def test_each_message_is_put_into_the_log_once(chat: Chat) -> None:
    chat.page.evaluate(WATCH)
    chat.write("one")
    expect(chat.unsent).to_have_count(0)
    chat.stub.say("two")
    expect(chat.replies).to_have_count(1)
    chat.stub.cut_streams()
    chat.stub.say("three")
    expect(chat.replies).to_have_count(2)
    assert chat.page.evaluate("window.said") == ["one", "two", "three"]
    expect(chat.page.locator(".message:not(:has(.below[aria-live=off]))")).to_have_count(0)


def test_a_keyboard_alone_asks_chooses_and_begins_anew(chat: Chat) -> None:
    keys = chat.page.keyboard
    keys.press("Tab")
    keys.press("Enter")
    keys.type("hello")
    keys.press("Enter")
    expect(chat.unsent).to_have_count(0)
    chat.stub.say("Which?", buttons=[{"title": "Fees", "payload": "/ask_fee"}])
    expect(chat.choices).to_have_count(1)
    for key in ("Shift+Tab", "Shift+Tab", "Enter"):  # Past the button for the location.
        keys.press(key)
    expect(chat.mine).to_have_count(2)
    expect(chat.question).to_be_focused()
    tab_to(chat, "#new-conversation")
    keys.press("Enter")
    expect(chat.page.get_by_role("button", name="Keep this one")).to_be_focused()
    tab_to(chat, "#new-confirm")
    keys.press("Enter")
    expect(chat.mine).to_have_count(0)
    expect(chat.question).to_be_focused()


def tab_to(chat: Chat, place: str) -> None:
    """Presses Tab until that place has the focus."""
    for _ in range(20):
        if chat.page.locator(place).evaluate("(element) => element === document.activeElement"):
            return
        chat.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {place}")


def test_focus_goes_through_the_page_from_top_to_end(chat: Chat) -> None:
    chat.stub.say("Choose", buttons=BUTTONS, links=LINKS)
    expect(chat.choices).to_have_count(2)
    places = []
    for _ in range(15):
        chat.page.keyboard.press("Tab")
        places.append(chat.page.evaluate(PLACE))
    order = [place for number, place in enumerate(places) if place not in places[:number]]
    assert order == ["skip", "languages", "new-conversation", "emergency", "log", "replies", "composer", "footer"]


def test_emergency_numbers_can_be_called(chat: Chat) -> None:
    links = chat.page.get_by_role("region", name="Emergency numbers").get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == ["tel:19", "tel:15", "tel:177"]
    expect(links.first).to_have_accessible_name("Call 19, Police")


def test_a_dialog_gives_the_focus_back(chat: Chat) -> None:
    opener = chat.page.get_by_role("button", name="Sources are shown under each answer")
    opener.click()
    expect(chat.page.get_by_role("heading", name="What you can rely on")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_the_content_security_policy_has_nothing_to_forbid(page: Page, url: str, stub: Stub) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    chat = Chat(page, url, stub)
    chat.open("ar")
    chat.stub.say(LONG, buttons=BUTTONS, links=LINKS)
    expect(chat.choices).to_have_count(2)
    assert complaints == []


def test_who_wants_no_motion_sees_none(browser: Browser, url: str, stub: Stub) -> None:
    page = browser.new_page(reduced_motion="reduce")
    Chat(page, url, stub).open("ar")
    stub.type(on=True)
    expect(page.locator("#typing")).to_be_visible()
    assert page.evaluate("document.getAnimations().length") == 0
    page.close()
