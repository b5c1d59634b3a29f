"""Staff at the desk in a real browser: two race, a citizen writes, a connection breaks, a keyboard is enough."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.accounts.permissions import Role
from bot.accounts.states import Stage
from bot.cases.states import Reason
from bot.db.session import Database
from bot.desk.security import cookie_name
from bot.main import create_app
from bot.ops.ports import free_ports
from bot.settings import REPOSITORY, Settings
from tests.desk.inbox.chromium.conftest import DESKTOP, PHONE, Enter
from tests.desk.inbox.scene import Scene
from tests.desk.people import hire, open_for
from tests.fakes.serving import listening

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "بشحال كيسوى تجديد جواز السفر ديال ولدي الصغير؟"
PICTURES = REPOSITORY / "results" / "desk"
SIZES = {"desktop": DESKTOP, "phone": PHONE}
SERIOUS = {"serious", "critical"}


def findings(page: Page, node_modules: Path) -> list[str]:
    """What axe-core finds that is serious."""
    page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text("utf-8"))
    result: dict[str, Any] = page.evaluate("() => axe.run()")
    found = [one for one in result["violations"] if one["impact"] in SERIOUS]
    return [f"{one['id']} {one['nodes'][0]['html'][:200]}" for one in found]


def test_two_race_and_what_happens_is_seen_live(scene: Scene, enter: Enter, database: Database) -> None:
    first, second = hire(database, name="Agent 1", language="fr"), hire(database, name="Agent 2", language="ar")
    one, two = enter(first, "/desk/inbox?view=waiting"), enter(second, "/desk/inbox?view=waiting")
    case = scene.ask("je veux un agent")
    for page in (one, two):
        expect(page.locator(".case-row")).to_have_count(1)
        page.locator(".case-row a").click()
        expect(page.locator("[data-shortcut=claim]")).to_be_visible()
    one.locator("[data-shortcut=claim]").click()
    expect(one.locator("#reply-text")).to_be_visible()
    expect(two.locator("[data-shortcut=claim]")).to_have_count(0)
    expect(two.locator("#case-head")).to_contain_text("Agent 1")
    began = time.monotonic()
    newest = scene.write(case, QUESTION)
    expect(two.locator(f"#message-{newest}")).to_be_visible()
    assert time.monotonic() - began < 5  # On a busy machine; alone it is far less.
    one.locator("#reply-text").fill("Bonjour, je regarde.")
    expect(two.locator("#watchers")).to_contain_text("Agent 1")
    one.locator(".reply-form button.btn-primary").click()
    expect(one.locator(".message.by-staff")).to_have_count(1)
    expect(two.locator(".message.by-staff")).to_have_count(1)
    expect(one.locator("#reply-text")).to_have_value("")
    one.locator("[data-shortcut=undo]").click()
    expect(two.locator(".is-withdrawn")).to_have_count(1)


def test_a_stream_that_breaks_loses_and_doubles_nothing(
    installed: Settings, browser: Browser, database: Database, node_modules: Path
) -> None:
    port = free_ports(1)[0]
    first, second = (create_app(installed.model_copy(update={"worker": "separate"})) for _ in range(2))
    with browser.new_context() as context:
        with listening(first, port) as url:
            scene = Scene(first.state.services)
            case = scene.ask("un")
            key = open_for(first, database, hire(database), Stage.SIGNED_IN)
            context.add_cookies([{"name": cookie_name(installed), "value": key, "url": url}])
            page = context.new_page()
            page.goto(f"{url}/desk/cases/{case.id}")
            page.wait_for_selector("body[data-stream=open]", state="attached")
            seen = scene.write(case, "deux")
            expect(page.locator(f"#message-{seen}")).to_be_visible()
        expect(page.locator("#connection")).to_be_visible()
        missed = [scene.write(case, word) for word in ("trois", "quatre")]
        with listening(second, port):
            for message_id in missed:
                expect(page.locator(f"#message-{message_id}")).to_have_count(1)
            expect(page.locator("#connection")).to_be_hidden()
            assert page.locator("#lines .message").count() == 4
            page.close()


def test_a_keyboard_is_enough_on_any_layout(scene: Scene, enter: Enter, database: Database) -> None:
    case = scene.ask("je veux un agent")
    page = enter(hire(database), "/desk/inbox?view=waiting")
    press_at = "([code, key]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {code, key, bubbles: true}))"
    page.evaluate(press_at, ["KeyJ", "ت"])
    expect(page.locator("#case-head")).to_be_visible()
    page.evaluate(press_at, ["KeyC", "ؤ"])
    expect(page.locator("#reply-text")).to_be_visible()
    page.evaluate(press_at, ["KeyR", "ق"])
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.type("Bonjour")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.by-staff")).to_have_count(1)
    assert scene.said(case) == ["Bonjour"]
    page.keyboard.press("Escape")
    page.evaluate(press_at, ["KeyN", "ى"])
    page.keyboard.type("à suivre")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".line.note")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    with page.expect_response("**/desk/account/switches"):
        page.locator("#keys-on").uncheck()
    page.reload()
    page.wait_for_selector("body[data-stream=open]", state="attached")
    expect(page.locator("#keys-on")).not_to_be_checked()
    page.evaluate(press_at, ["KeyR", "ق"])
    expect(page.locator("#reply-text")).not_to_be_focused()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["ar", "fr"])
def test_the_pages_read_well_for_everybody(
    language: str, size: str, scene: Scene, enter: Enter, database: Database, node_modules: Path
) -> None:
    member = hire(database, Role.SUPERVISOR, name="Agent 1", language=language)
    scene.can("bonjour", "Salutation", {"fr": "Bonjour, ici {agent}.", "ar": "السلام عليكم، معكم {agent}."})
    scene.ask("Ma carte nationale est perdue, que faire ?", reason=Reason.FAILED_TWICE)
    closest = [{"kind": "services", "id": "passport-renewal", "score": 0.62}]
    case = scene.ask(QUESTION, language="ar", question=QUESTION, closest=closest)
    buttons = {"buttons": [{"title": "الوثائق", "payload": "/a"}, {"title": "الرسوم", "payload": "/b"}]}
    scene.put(case, direction="out", author="bot", body="هل تريد الرسوم أم الوثائق؟", payload=buttons, status="read")
    page = enter(member, "/desk/inbox?view=all", SIZES[size])
    expect(page.locator(".case-row")).to_have_count(2)
    assert look_at(page, f"inbox-{language}-{size}", node_modules) == []
    page.locator(".case-row a", has_text="جواز").click()
    page.locator("[data-shortcut=claim]").click()
    expect(page.locator("#reply-text")).to_be_visible()
    scene.write(case, "شكرا بزاف، واش خاصني نجي مع ولدي؟ passeport 2026")
    expect(page.locator(".by-citizen")).to_have_count(2)
    page.locator("#reply-text").fill("/بونجور" if language == "ar" else "/bon")
    expect(page.locator("#canned")).to_be_visible()
    page.locator("#reply-text").fill("السلام عليكم، نعم يجب حضور القاصر.")
    page.locator(".note-box > summary").click()
    page.locator("#note-text").fill("à vérifier avec l’état civil")
    page.locator(".note-form .btn-note").click()
    expect(page.locator("#note-text")).to_have_value("")
    expect(page.locator(".line.note")).to_have_count(1)
    expect(page.locator("#reply-text")).not_to_have_value("")
    assert look_at(page, f"thread-{language}-{size}", node_modules) == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    if size == "phone":
        page.locator(".panes a[href='#panel']").click()
        expect(page.locator("#panel")).to_be_visible()
        assert look_at(page, f"citizen-{language}-{size}", node_modules) == []
    assert re.search(r"/desk/cases/", page.url)


def look_at(page: Page, name: str, node_modules: Path) -> list[str]:
    """Keep what a page looks like by day and by night; gives what axe finds in either."""
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        # Colours change slowly: half way they are nobody's.
        page.wait_for_function("() => document.getAnimations().every(({playState}) => playState !== 'running')")
        shoot(page, name if scheme == "light" else f"{name}-{scheme}")
        found += [f"{scheme}: {one}" for one in findings(page, node_modules)]
    return found


def shoot(page: Page, name: str) -> None:
    """Keep what a page looks like."""
    page.evaluate("() => document.fonts.ready")
    PICTURES.mkdir(parents=True, exist_ok=True)
    # Playwright hides the caret by a style of its own, which our policy would forbid.
    page.screenshot(path=PICTURES / f"{name}.png", caret="initial")
