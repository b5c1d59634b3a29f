"""The record of a talk: kept once, answered once, and only by its owner."""

import uuid

import pytest
from sqlalchemy import func, select

from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Kind
from bot.conversations.service import (
    find_conversation_id,
    leave_to_staff,
    list_lines,
    open_conversation,
    outbound_of,
)
from bot.conversations.states import MOVES, Author, Delivery, Direction, Outcome, Owner
from bot.db.session import Database
from tests.conversations.records import BOOK, CHANNEL, REPLY, conversation_in, give_to, keep, message, record

# They need the embedded PostgreSQL.
pytestmark = pytest.mark.slow


def count(database: Database, table: type[Message | Conversation]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def opened(database: Database, *, anew: bool = False, address: str = "an address") -> uuid.UUID:
    with database.transaction() as session:
        return open_conversation(session, BOOK, channel=CHANNEL, kind="session", address=address, anew=anew)


def test_a_message_is_kept_once_however_often_it_comes(database: Database) -> None:
    first, again = record(database, message()), record(database, message())
    assert (first.is_new, again.is_new) == (True, False)
    assert (first.message_id, first.conversation_id) == (again.message_id, again.conversation_id)
    assert count(database, Message) == 1


def test_messages_of_one_address_are_one_conversation(database: Database) -> None:
    found = {record(database, message(str(number))).conversation_id for number in range(3)}
    other = record(database, message("x", address="another")).conversation_id
    assert len(found) == 1
    assert other not in found


def test_what_is_kept_of_a_message(database: Database) -> None:
    pressed = message(kind=Kind.BUTTON, text="Prix\x00", payload="/ask_fee", latitude=0.0, longitude=0.0)
    recorded = record(database, pressed)
    with database.transaction() as session:
        row = queries.get_message(session, recorded.message_id)
    assert (row.direction, row.author, row.kind, row.body) == (Direction.IN, Author.CITIZEN, "button", "Prix")
    assert row.payload == {"payload": "/ask_fee", "latitude": 0.0, "longitude": 0.0}
    assert row.created_at.utcoffset() is not None


def test_replies_are_kept_once_with_their_turn_and_memory(database: Database) -> None:
    recorded = record(database, message())
    kept = keep(database, recorded.message_id, REPLY, REPLY, service_id="passport", context={"last_act": "ask_fee"})
    assert len(kept) == 2
    assert keep(database, recorded.message_id, REPLY, REPLY, service_id="other") == kept
    assert count(database, Message) == 3
    with database.transaction() as session:
        asked = queries.get_message(session, recorded.message_id)
        talk = conversation_in(session, recorded.conversation_id)
    assert (asked.intent, asked.outcome, asked.took_ms, asked.language) == ("ask_fee", Outcome.ANSWERED, 12, "fr")
    assert (talk.service_id, talk.context) == ("passport", {"last_act": "ask_fee"})


@pytest.mark.parametrize("owner", [Owner.STAFF, Owner.WAITING, Owner.CLOSED])
def test_an_answer_that_comes_after_the_bot_lost_the_talk_is_dropped(database: Database, owner: Owner) -> None:
    recorded = record(database, message())
    give_to(database, recorded.conversation_id, owner)
    assert keep(database, recorded.message_id, REPLY, service_id="passport") == []
    with database.transaction() as session:
        assert queries.get_message(session, recorded.message_id).outcome == Outcome.LEFT_TO_STAFF
        assert conversation_in(session, recorded.conversation_id).service_id is None
    assert count(database, Message) == 1


def test_a_message_left_to_staff_is_noted_but_an_earlier_outcome_stays(database: Database) -> None:
    first, second = record(database, message("1")), record(database, message("2"))
    keep(database, first.message_id)
    with database.transaction() as session:
        leave_to_staff(session, first.message_id)
        leave_to_staff(session, second.message_id)
    with database.transaction() as session:
        assert queries.get_message(session, first.message_id).outcome == Outcome.ANSWERED
        assert queries.get_message(session, second.message_id).outcome == Outcome.LEFT_TO_STAFF


def test_a_reply_goes_to_the_address_in_clear_with_buttons_and_links(database: Database) -> None:
    recorded = record(database, message())
    (reply_id,) = keep(database, recorded.message_id)
    with database.transaction() as session:
        outbound = outbound_of(session, BOOK, reply_id, address_id=recorded.address_id)
    assert (outbound.message_id, outbound.address) == (reply_id, "an address")
    assert (outbound.text, outbound.buttons, outbound.links) == (REPLY.text, REPLY.buttons, REPLY.links)


def test_a_conversation_goes_on_until_the_citizen_begins_anew(database: Database) -> None:
    first = opened(database)
    assert opened(database) == first
    fresh = opened(database, anew=True)
    assert fresh != first
    assert record(database, message()).conversation_id == fresh
    with database.transaction() as session:
        assert conversation_in(session, first).state == Owner.CLOSED
        assert find_conversation_id(session, BOOK, channel=CHANNEL, address="an address") == fresh


@pytest.mark.parametrize("owner", [Owner.STAFF, Owner.WAITING])
def test_what_staff_hold_is_not_closed_by_beginning_anew(database: Database, owner: Owner) -> None:
    first = opened(database)
    give_to(database, first, owner)
    assert opened(database, anew=True) == first


def test_nobody_has_a_conversation_before_the_first_word(database: Database) -> None:
    with database.transaction() as session:
        assert find_conversation_id(session, BOOK, channel=CHANNEL, address="nobody") is None
    assert count(database, Conversation) == 0


def test_lines_come_in_order_after_a_message_with_the_citizens_own_ids_only(database: Database) -> None:
    first = record(database, message("one"))
    keep(database, first.message_id)
    second = record(database, message("two"))
    with database.transaction() as session:
        lines = list_lines(session, conversation_id=first.conversation_id, after_id=0)
        later = list_lines(session, conversation_id=first.conversation_id, after_id=lines[1].id)
    assert [(line.author, line.vendor_id) for line in lines] == [("citizen", "one"), ("bot", None), ("citizen", "two")]
    assert (lines[1].buttons, lines[1].links) == (REPLY.buttons, REPLY.links)
    assert [line.id for line in later] == [second.message_id]


@pytest.mark.parametrize("before", Delivery)
@pytest.mark.parametrize("after", Delivery)
def test_a_status_only_ever_rises(database: Database, before: Delivery, after: Delivery) -> None:
    (reply_id,) = keep(database, record(database, message()).message_id)
    with database.transaction() as session:
        queries.get_message(session, reply_id).status = before
    with database.transaction() as session:
        if after in queries.RANK:
            queries.raise_status(session, reply_id, after)
    with database.transaction() as session:
        rises = before in queries.RANK and after in queries.RANK and queries.RANK[before] < queries.RANK[after]
        assert queries.get_message(session, reply_id).status == (after if rises else before)


def test_a_message_that_failed_after_it_was_taken_has_failed() -> None:
    rank = queries.RANK
    assert rank[Delivery.SENT] < rank[Delivery.FAILED] < rank[Delivery.DELIVERED] < rank[Delivery.READ]


def test_what_is_not_there_is_a_lookup_error(database: Database) -> None:
    with database.transaction() as session:
        with pytest.raises(LookupError):
            queries.get_message(session, 1)
        with pytest.raises(LookupError):
            queries.get_conversation(session, uuid.uuid4())


def test_every_state_can_be_left_and_only_the_bot_reopens_a_closed_one() -> None:
    assert set(MOVES) == set(Owner)
    assert all(MOVES[owner] and owner not in MOVES[owner] for owner in Owner)
    assert MOVES[Owner.CLOSED] == {Owner.BOT}
