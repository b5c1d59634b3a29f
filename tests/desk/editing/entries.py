"""Entries of the FAQ as editors type them, and what came of that."""

import re
from collections.abc import Mapping
from typing import Any

import httpx2
from sqlalchemy import select

from bot.accounts.models import AuditEntry
from bot.catalogue.faq import Kept, get_faq
from bot.catalogue.models import FaqRow
from bot.catalogue.service import import_files
from bot.db.session import Database
from tests.catalogue.samples import EVERY_KIND
from tests.desk.people import ORIGIN, TOKEN, Browser

REVISION = re.compile(r'name="revision" value="(\d+)"')
# In the sample catalogue.
WIND = "what_is_wind"
TYPED: dict[str, Any] = {
    "question-ar": "كيف أطلق طائرة ورقية؟",
    "question-fr": "Comment lancer un cerf-volant ?",
    "question-en": "How do I fly a kite?",
    "answer-ar": "بالخيط والريح.",
    "answer-fr": "Avec un fil et du vent.",
    "answer-en": "With a line and some wind.",
    "phrasings-en": "make it rise\r\n\r\n  get it up there  ",
    "source-url": ["https://kites.example.ma/how", ""],
    "source-title": ["Kites", ""],
    "source-date": ["2026-02", ""],
    "source-kind": ["official", "official"],
    "confidence": "medium",
}


def stock(database: Database) -> None:
    """Bring the sample catalogue in."""
    with database.transaction() as session:
        import_files(session, [EVERY_KIND])


def kept(database: Database, entry_id: str) -> Kept:
    """An entry as it is kept now."""
    with database.transaction() as session:
        return get_faq(session, entry_id)


def ids(database: Database) -> set[str]:
    """The ids of all entries."""
    with database.transaction() as session:
        return set(session.scalars(select(FaqRow.id)))


def acts_on(database: Database, entry_id: str) -> list[tuple[str, Any, Any]]:
    """What was recorded of an entry, before and after."""
    query = select(AuditEntry).where(AuditEntry.subject == f"faq:{entry_id}").order_by(AuditEntry.number)
    with database.transaction() as session:
        return [(one.action, one.before, one.after) for one in session.scalars(query)]


def send(browser: Browser, path: str, fields: Mapping[str, Any]) -> httpx2.Response:
    """Send the form of the page that was seen last, in parts as browsers do."""
    found = TOKEN.search(browser.page)
    form = {"csrf": found.group(1) if found else "", **fields}
    listed = {name: [value] if isinstance(value, str) else value for name, value in form.items()}
    parts = [(name, (None, one.encode())) for name, values in listed.items() for one in values]
    response = browser.post(path, files=parts, headers={"Origin": ORIGIN})
    if TOKEN.search(response.text):
        browser.page = response.text
    return response


def revision_in(page: str) -> str:
    """The revision that a form was made of."""
    found = REVISION.search(page)
    assert found
    return found.group(1)
