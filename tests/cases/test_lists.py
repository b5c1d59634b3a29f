"""The desk's lists: complete, in order, page by page, and no slower with ten thousand cases than with ten."""

import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.cases import counts, service
from bot.cases.lists import list_cases
from bot.cases.models import Case
from bot.cases.notes import add_note
from bot.cases.schemas import CaseRow, Filters, Page
from bot.cases.search import search
from bot.cases.states import Reason, View
from bot.cases.threads import get_card, read_thread
from bot.db.session import Database
from tests.cases.crowd import counted, fill
from tests.cases.desk import ask_for_help, change_team, hire
from tests.conversations.records import keep, message, record

pytestmark = pytest.mark.slow

EVERYTHING = Filters()
MOST_MILLISECONDS = 250  # On a busy machine; alone it is less than thirty.


def rows(
    database: Database, view: View, agent: uuid.UUID, filters: Filters = EVERYTHING, limit: int = 7
) -> list[CaseRow]:
    """A whole list, page by page."""
    found: list[CaseRow] = []
    cursor: str | None = None
    while True:
        with database.transaction() as session:
            page: Page = list_cases(session, view, filters, staff_id=agent, cursor=cursor, limit=limit)
        found += page.rows
        cursor = page.cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("view", View)
def test_pages_make_the_whole_list_without_gap_or_double(database: Database, view: View) -> None:
    agent = hire(database)
    fill(database, agent, closed=30, open_ones=40)
    for number in range(9):
        case = ask_for_help(database, f"called {number}")
        with database.transaction() as session:
            add_note(session, session.get_one(Case, case.id), "regarde", by=None, mentions=[agent])
    found = rows(database, view, agent)
    expected = {View.MINE: 20, View.WAITING: 29, View.ALL: 49, View.MENTIONS: 9, View.CLOSED: 30}
    assert len(found) == len({one.id for one in found}) == expected[view]
    assert found == rows(database, view, agent, limit=1000)


def test_what_is_most_overdue_comes_first_and_what_nobody_waits_for_last(database: Database) -> None:
    agent = hire(database)
    fill(database, agent, closed=0, open_ones=60)
    due = [one.due_at for one in rows(database, View.ALL, agent)]
    waited_for = [moment for moment in due if moment is not None]
    assert due == sorted(waited_for) + [None] * 12
    late = rows(database, View.ALL, agent, Filters(is_overdue=True))
    assert [one.due_at for one in late] == [moment for moment in due if moment is not None][: len(late)]
    assert 0 < len(late) < 60


def test_filters_narrow_a_list(database: Database) -> None:
    agent = hire(database)
    change_team(database, "taxes", languages=["en"])
    first, angry = ask_for_help(database, "1"), ask_for_help(database, "2", Reason.ANGER)
    for filters, expected in (
        (Filters(reason=Reason.ANGER), [angry.id]),
        (Filters(team_ids=["front"]), [first.id, angry.id]),
        (Filters(team_ids=[]), []),
        (Filters(language="ar"), []),
        (Filters(team_id="taxes"), []),
        (Filters(label="vip"), []),
        (Filters(service_id="passport_adult"), []),
        (Filters(assignee_id=agent), []),
    ):
        assert sorted(one.id for one in rows(database, View.WAITING, agent, filters)) == sorted(expected)


def test_a_row_shows_the_last_words_and_who_has_it(database: Database) -> None:
    agent, case = hire(database), ask_for_help(database, text="ma carte est perdue")
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
    record(database, message("later", text="toujours là ?"))
    (row,) = rows(database, View.MINE, agent)
    assert (row.excerpt, row.excerpt_author, row.assignee_name) == ("toujours là ?", "citizen", "Agent 1")
    assert (row.question, row.channel, row.reason) == ("ma carte est perdue", "webchat", "asked")


def test_a_thread_has_messages_notes_and_events_page_by_page(database: Database) -> None:
    agent = hire(database)
    for number in range(5):
        keep(database, record(database, message(str(number), text=f"question {number}")).message_id)
    case = ask_for_help(database)
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
        add_note(session, session.get_one(Case, case.id), "à voir", by=agent, mentions=[agent, hire(database, 2)])
    with database.transaction() as session:
        newest = read_thread(session, case.conversation_id, limit=4)
        earlier = read_thread(session, case.conversation_id, before_id=newest.lines[0].id, limit=100)
    assert [line.id for line in (*earlier.lines, *newest.lines)] == list(range(1, 12))
    assert (newest.has_earlier, earlier.has_earlier) == (True, False)
    assert [(one.text, one.staff_name, len(one.mentions)) for one in newest.notes] == [("à voir", "Agent 1", 1)]
    assert [one.kind for one in newest.events] == ["opened", "claimed"]
    assert (earlier.notes, earlier.events) == ([], [])


def test_the_card_tells_what_the_bot_tried_and_what_came_before(database: Database) -> None:
    agent = hire(database)
    keep(database, record(database, message("1", text="combien coûte le passeport ?")).message_id)
    first = ask_for_help(database)
    with database.transaction() as session:
        service.claim(session, first.id, by=agent)
        service.close(session, first.id, by=agent)
    second = ask_for_help(database)
    with database.transaction() as session:
        before, now = get_card(session, first.id), get_card(session, second.id)
    assert [turn["text"] for turn in before.tried["turns"]] == ["combien coûte le passeport ?", "je veux un agent"]
    assert before.tried["turns"][0]["ranked"] == ["passport"]
    assert (now.previous_id, [one.id for one in now.earlier]) == (first.conversation_id, [first.id])
    assert now.promised["when"] in ("minutes", "before", "tomorrow", "today", "day", "nobody")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("أُريدُ تَجديدَ الجَوازِ", "تجديد جواز"),
        ("اريد تجديد الجواز", "الجَوَاز"),
        ("Où est la PRÉFECTURE d'Agadir ?", "prefec agadir"),
        ("bghit lpassport dyali", "passport"),
        ("dossier n° ١٢٣٤", "1234"),
    ],
)
def test_search_finds_words_in_any_spelling(database: Database, said: str, wanted: str) -> None:
    found_in = record(database, message("1", text=said)).conversation_id
    record(database, message("2", address="another", text="أوقات العمل"))
    with database.transaction() as session:
        assert [hit.conversation_id for hit in search(session, wanted)] == [found_in]
        assert search(session, wanted, team_ids=["front"]) == []


@pytest.mark.parametrize("odd", ["", "  ", "& | ! ( :*", "'", "\\", "a" * 5000, "no such word"])
def test_odd_searches_find_nothing_and_break_nothing(database: Database, odd: str) -> None:
    record(database, message("1", text="bonjour"))
    with database.transaction() as session:
        assert search(session, odd) == []


def inbox(session: Session, agent: uuid.UUID) -> Any:
    """What the first page of the desk asks for."""
    return counts.read(session, staff_id=agent, team_ids=None), list_cases(
        session, View.ALL, EVERYTHING, staff_id=agent
    )


READS: dict[str, Callable[[Session, uuid.UUID], Any]] = {
    "inbox": inbox,
    "mine": lambda session, agent: list_cases(session, View.MINE, EVERYTHING, staff_id=agent),
    "closed": lambda session, agent: list_cases(session, View.CLOSED, EVERYTHING, staff_id=agent),
    "mentions": lambda session, agent: list_cases(session, View.MENTIONS, EVERYTHING, staff_id=agent),
    "search": lambda session, _: search(session, "جواز السفر"),
}


def test_ten_thousand_cases_cost_no_more_queries_and_little_time(database: Database) -> None:
    agent = hire(database)
    fill(database, agent, closed=10_000, open_ones=200)
    for name, read in READS.items():
        took = []
        for _ in range(5):
            with counted(database) as made, database.transaction() as session:
                begin = time.perf_counter()
                read(session, agent)
                took.append((time.perf_counter() - begin) * 1000)
        assert len(made) <= 8, name
        assert statistics.median(took) < MOST_MILLISECONDS, name
    with database.transaction() as session:
        case = list_cases(session, View.ALL, EVERYTHING, staff_id=agent).rows[0]
    with counted(database) as made, database.transaction() as session:
        get_card(session, case.id)
        read_thread(session, case.conversation_id)
    assert len(made) <= 8
