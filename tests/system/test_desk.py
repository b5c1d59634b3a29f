"""Staff at the desk of the whole running system: a citizen asks for a person, two race, one helps, the bot goes on."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from bot.accounts.models import Staff
from bot.accounts.permissions import Role
from bot.accounts.service import create_staff
from bot.cases.teams import list_teams, save_team
from bot.citizens.models import Address
from bot.db.base import utc_now
from bot.db.session import Database
from bot.desk.words import strings
from bot.senders.service import SenderBook
from tests.browser.conftest import browser
from tests.channels.journeys.ways import CHAT, PHONE
from tests.desk.people import PASSWORD, PASSWORD_HASH
from tests.jobs.talk import wait_until
from tests.system.conftest import System

pytestmark = [
    pytest.mark.system,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
]
__all__ = ["browser"]
PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Words:
    """What is said in one language: by the citizen, by staff, and what the citizen reads in between."""

    language: str
    question: str
    fact: str
    wish: str
    agreement: str
    more: str
    reply: str
    second_reply: str


TALKS = [
    Words(
        "fr",
        "Bonjour, combien coûte le passeport ?",
        "500 DH",
        "je voudrais parler à un agent",
        "oui",
        "c’est pour ma fille, elle vit à Lyon",
        "Bonjour, je regarde votre dossier.",
        "Adressez-vous au consulat de Lyon.",
    ),
    Words(
        "ar",
        "السلام عليكم، كم ثمن جواز السفر؟",
        "500",
        "أريد التحدث إلى موظف من فضلكم",
        "نعم",
        "الأمر يخص ابنتي وهي تعيش في ليون",
        "مرحبا، أنظر في ملفكم.",
        "المرجو التوجه إلى القنصلية في ليون.",
    ),
]
Enter = Callable[..., Page]


@pytest.fixture
def database(system: System) -> Iterator[Database]:
    """The database of the running system, whose desk is always open."""
    found = Database(system.settings.database_url)
    with found.transaction() as session:
        list_teams(session)
        save_team(session, "front", {"hours": {"always_open": True}})
    yield found
    found.dispose()


@pytest.fixture
def enter(system: System, browser: Browser, database: Database) -> Iterator[Enter]:
    """Have a new member of staff come in by the door, to a page; nothing fails and nothing breaks the policy."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def come_in(name: str, language: str, path: str = "/desk/inbox?view=waiting") -> Page:
        email = f"{uuid.uuid4().hex[:12]}@example.ma"
        with database.transaction() as session:
            staff_id = create_staff(session, by=None, email=email, name=name, role=Role.AGENT, language=language)
            session.get_one(Staff, staff_id).password_hash = PASSWORD_HASH
        context = browser.new_context(viewport={"width": 1360, "height": 850}, locale=language)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{system.url}{path}")
        page.fill("#email", email)
        page.fill("#password", PASSWORD)
        page.locator("main form button").first.click()
        page.wait_for_selector("body[data-stream=open]", state="attached")
        return page

    yield come_in
    for context in contexts:
        context.close()
    assert complaints == []


def told(page: Page, selector: str, words: str, **more: Any) -> None:
    """Wait until something on a page holds these words."""
    expect(page.locator(selector)).to_contain_text(words, timeout=PATIENCE_MS, **more)


def say(page: Page, words: str) -> None:
    """Write to the citizen."""
    page.fill("#reply-text", words)
    page.locator(".reply-form button.btn-primary").click()
    told(page, "#lines .by-staff >> nth=-1", words)


def offline(page: Page, *, is_offline: bool) -> None:
    """Take a browser off the network, or put it on again."""
    page.context.set_offline(is_offline)


@pytest.mark.parametrize("words", TALKS, ids=lambda words: words.language)
def test_from_the_bot_to_two_who_race_and_back(system: System, enter: Enter, words: Words) -> None:
    telegram, chat = system.telegram, CHAT + len(words.language) + ord(words.language[0])

    def heard() -> list[str]:
        return [one.text for one in telegram.sent if one.chat_id == chat]

    wait_until(lambda: bool(telegram.courier.webhook.url))
    telegram.citizen_says(chat, words.question)
    wait_until(lambda: any(words.fact in text for text in heard()))
    names = [f"Agent {number} ({words.language})" for number in (1, 2)]
    pages = [enter(name, words.language) for name in names]
    telegram.citizen_says(chat, words.wish)
    wait_until(lambda: len(heard()) == 2)
    telegram.citizen_says(chat, words.agreement)
    for page in pages:
        told(page, "#queue", words.question)
        page.locator(".case-row a", has_text=words.question).click()
        expect(page.locator(".moves [data-shortcut=claim]")).to_be_visible()
    for page in pages:
        page.evaluate("() => document.querySelector('.moves [data-shortcut=claim]').click()")
    for page in pages:
        expect(page.locator(".moves [data-shortcut=claim]")).to_have_count(0)
    winner, loser = sorted(pages, key=lambda page: page.locator("#reply-text").count(), reverse=True)
    assert loser.locator("#reply-text").count() == 0
    told(loser, "#thread", names[pages.index(winner)])

    before = len(heard())
    say(winner, words.reply)
    told(loser, "#lines", words.reply)
    wait_until(lambda: heard()[before:] == [words.reply])
    offline(loser, is_offline=True)
    telegram.citizen_says(chat, words.more)
    told(winner, "#lines", words.more)
    offline(loser, is_offline=False)
    told(loser, "#lines", words.more)
    expect(loser.locator("#lines .by-citizen", has_text=words.more)).to_have_count(1)

    winner.locator("[data-shortcut=transfer]").click()
    colleague = f"{names[pages.index(loser)]} · {strings(words.language)['inbox_there']}"
    winner.locator("#transfer-to").select_option(label=colleague)
    winner.fill("#transfer-note", "à toi, c’est pour l’étranger")
    winner.locator(".more-menu button.btn-primary").click()
    expect(loser.locator("#reply-text")).to_be_visible()
    told(loser, "#lines .note", "à toi")
    say(loser, words.second_reply)
    wait_until(lambda: heard()[-1] == words.second_reply)
    assert len(heard()) == before + 2
    loser.locator("[data-shortcut=return]").click()
    wait_until(lambda: len(heard()) == before + 3)
    telegram.citizen_says(chat, words.question)
    wait_until(lambda: len(heard()) > before + 3 and words.fact in heard()[-1])


def test_when_the_window_is_closed_the_desk_says_so_and_the_reply_waits(
    system: System, enter: Enter, database: Database
) -> None:
    twilio, phone = system.twilio, PHONE
    book = SenderBook(encryption_key=system.settings.encryption_key.get_secret_value())
    with database.transaction() as session:
        path = next(one.secrets.path for one in book.list(session) if one.channel == "whatsapp")
    twilio.webhook_url = f"{system.url}/webhooks/whatsapp/{path}"

    def heard() -> list[str]:
        return [one.body for one in twilio.sent]

    twilio.citizen_says(phone, "je veux parler à un agent")
    wait_until(lambda: len(heard()) == 1)
    twilio.citizen_says(phone, "oui")
    wait_until(lambda: len(heard()) == 3)
    page = enter("Agent 3", "fr")
    page.locator(".case-row a").first.click()
    page.locator(".moves [data-shortcut=claim]").click()
    expect(page.locator("#reply-text")).to_be_visible()
    twilio.windows.clear()
    with database.transaction() as session:
        address = session.scalars(select(Address).where(Address.channel == "whatsapp")).one()
        address.window_expires_at = utc_now() - dt.timedelta(seconds=1)
    page.reload()
    told(page, ".window-note", strings("fr")["reply_parked"])
    say(page, "Bonjour, votre dossier est prêt.")
    told(page, "#lines .by-staff >> nth=-1", strings("fr")["sending_parked"])
    assert len(heard()) == 3
    twilio.citizen_says(phone, "vous êtes là ?")
    wait_until(lambda: heard()[-1] == "Bonjour, votre dossier est prêt.")
    told(page, "#lines", "vous êtes là ?")
