"""Things that happen at the same moment: pages that load, messages that come, staff that take over."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.conversations.models import Conversation, Message
from bot.conversations.service import open_conversation
from bot.conversations.states import Owner
from bot.db.session import Database
from tests.conversations.records import BOOK, CHANNEL, give_to, keep, message, record

# They need the embedded PostgreSQL.
pytestmark = pytest.mark.slow


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make all calls at the same moment; gives their results, raises the first error."""
    together = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        together.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(one, calls))


def page(database: Database, address: str, *, anew: bool) -> Any:
    with database.transaction() as session:
        return open_conversation(session, BOOK, channel=CHANNEL, kind="session", address=address, anew=anew)


def total(database: Database, table: type[Message | Conversation]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_two_first_messages_at_once_are_one_conversation(database: Database) -> None:
    for attempt in range(1, 11):
        arriving = [message(f"{attempt}:{number}", address=f"address {attempt}") for number in range(4)]
        found = at_once(*(partial(record, database, one) for one in arriving))
        assert len({one.conversation_id for one in found}) == 1
        assert total(database, Conversation) == attempt


def test_the_same_message_twice_at_once_is_kept_once(database: Database) -> None:
    for attempt in range(1, 11):
        found = at_once(*[partial(record, database, message(str(attempt)))] * 4)
        assert sorted(one.is_new for one in found) == [False, False, False, True]
        assert total(database, Message) == attempt


def test_a_page_that_loads_while_messages_come_and_are_answered_blocks_nobody(database: Database) -> None:
    asked = record(database, message("first")).message_id
    for attempt in range(25):
        at_once(
            partial(page, database, "an address", anew=False),
            partial(record, database, message(f"{attempt}")),
            partial(page, database, "an address", anew=True),
            partial(record, database, message(f"{attempt} too")),
            partial(keep, database, asked),
        )
    with database.transaction() as session:
        open_ones = select(func.count()).select_from(Conversation).where(Conversation.state != Owner.CLOSED)
        assert session.scalar(open_ones) == 1
    assert total(database, Message) >= 51


def test_staff_that_take_over_while_an_answer_is_kept_never_meet_half_of_it(database: Database) -> None:
    for attempt in range(10):
        recorded = record(database, message(str(attempt), address=str(attempt)))
        kept, _ = at_once(
            partial(keep, database, recorded.message_id, service_id="passport"),
            partial(give_to, database, recorded.conversation_id, Owner.STAFF),
        )
        with database.transaction() as session:
            outcome = session.get_one(Message, recorded.message_id).outcome
            talk = session.get_one(Conversation, recorded.conversation_id)
        assert (outcome == "answered") is bool(kept) is (talk.service_id == "passport")
