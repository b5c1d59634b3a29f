"""What we could not answer is counted once for each text and language."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.db.session import Database
from bot.insights.models import Gap
from bot.insights.service import LONGEST_TEXT, record_gap
from bot.nlu.languages import Language


def record(database: Database, text: str, language: Language = Language.FRENCH, closest: str | None = None) -> None:
    with database.transaction() as session:
        record_gap(session, text, language=language, intent="ask_fee", topic_id="hajj", closest=closest)


def gaps(database: Database) -> list[Gap]:
    with database.transaction() as session:
        return list(session.scalars(select(Gap).order_by(Gap.id)))


def test_a_gap_keeps_what_was_asked(database: Database) -> None:
    record(database, "Combien coûte le Hajj ?", closest="evisa")
    gap = gaps(database)[0]
    assert (gap.text, gap.language, gap.intent, gap.topic_id) == ("Combien coûte le Hajj ?", "fr", "ask_fee", "hajj")
    assert (gap.closest, gap.count, gap.folded) == ("evisa", 1, "combien coute le hajj")


@pytest.mark.parametrize("again", ["combien coute le hajj", "COMBIEN  coûte le hajj???", "Combien coûte le hajjjjj"])
def test_the_same_words_are_one_gap_however_they_are_typed(database: Database, again: str) -> None:
    record(database, "Combien coûte le haj ?" if "jjj" in again else "Combien coûte le Hajj ?")
    record(database, again)
    (gap,) = gaps(database)
    assert gap.count == 2
    assert gap.last_at > gap.first_at


def test_another_language_is_another_gap(database: Database) -> None:
    for language in (Language.ARABIC, Language.DARIJA):
        record(database, "الحج", language)
    assert [gap.language for gap in gaps(database)] == ["ar", "ary"]


@pytest.mark.parametrize("text", ["", "???", "😀", "\u200f"])
def test_a_message_without_words_is_no_gap(database: Database, text: str) -> None:
    record(database, text)
    assert gaps(database) == []


def test_a_very_long_text_is_cut(database: Database) -> None:
    for end in ("a", "b"):
        record(database, "لماذا " * 1000 + end)
    (gap,) = gaps(database)
    assert (len(gap.text), gap.count) == (LONGEST_TEXT, 2)
    assert len(gap.folded) <= LONGEST_TEXT


def test_citizens_who_ask_at_once_are_all_counted(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: record(database, "hajj"), range(40)))
    (gap,) = gaps(database)
    assert gap.count == 40


def test_times_are_aware(database: Database) -> None:
    record(database, "hajj")
    assert gaps(database)[0].first_at.utcoffset() == dt.timedelta(0)
