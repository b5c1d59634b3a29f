"""A citizen who comes from another address than before: one conversation, and answers go where they wrote from last."""

import uuid
from functools import partial

import pytest
from sqlalchemy import select

from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Inbound
from bot.conversations.service import Recorded, outbound_of
from bot.conversations.states import Outcome, Owner
from bot.db.session import Database
from tests.conversations.records import BOOK, conversation_in, give_to, keep, message, record
from tests.conversations.test_races import at_once

# They need the embedded PostgreSQL.
pytestmark = pytest.mark.slow

PHONE, BSUID = "whatsapp:+212600000001", "whatsapp:MA.1"


def from_phone(vendor_id: str) -> Inbound:
    return message(vendor_id, address=PHONE)


def from_bsuid(vendor_id: str) -> Inbound:
    return message(vendor_id, address=BSUID)


def from_both(vendor_id: str) -> Inbound:
    return message(vendor_id, address=PHONE, other_addresses={"bsuid": BSUID})


def address_of_reply(database: Database, recorded: Recorded) -> str:
    (reply_id,) = keep(database, recorded.message_id)
    with database.transaction() as session:
        conversation = queries.get_conversation(session, recorded.conversation_id)
        return outbound_of(session, BOOK, reply_id, address_id=conversation.address_id).address


def open_ones(database: Database) -> list[uuid.UUID]:
    with database.transaction() as session:
        return list(session.scalars(select(Conversation.id).where(Conversation.state != Owner.CLOSED)))


def test_the_conversation_goes_on_and_answers_follow_the_citizen(database: Database) -> None:
    first, second, third = (record(database, one) for one in (from_phone("1"), from_both("2"), from_bsuid("3")))
    assert first.conversation_id == second.conversation_id == third.conversation_id
    assert (second.left_address_id, third.left_address_id) == (None, first.address_id)
    assert address_of_reply(database, third) == BSUID
    assert address_of_reply(database, record(database, from_both("4"))) == PHONE


def test_two_conversations_of_one_citizen_become_the_last_one(database: Database) -> None:
    hidden, shown = record(database, from_bsuid("1")), record(database, from_phone("2"))
    united = record(database, from_both("3"))
    assert open_ones(database) == [united.conversation_id] == [shown.conversation_id]
    with database.transaction() as session:
        assert set(session.scalars(select(Message.conversation_id))) == {shown.conversation_id}
        assert conversation_in(session, hidden.conversation_id).state == Owner.CLOSED


def test_the_conversation_that_staff_hold_is_the_one(database: Database) -> None:
    held = record(database, from_bsuid("1")).conversation_id
    give_to(database, held, Owner.STAFF)
    record(database, from_phone("2"))
    united = record(database, from_both("3"))
    assert (united.conversation_id, united.owner) == (held, Owner.STAFF)
    assert open_ones(database) == [held]


def test_two_that_staff_hold_are_left_to_staff(database: Database) -> None:
    held = [record(database, one).conversation_id for one in (from_bsuid("1"), from_phone("2"))]
    for one in held:
        give_to(database, one, Owner.STAFF)
    assert record(database, from_both("3")).owner is Owner.STAFF
    assert set(open_ones(database)) == set(held)


def test_an_answer_that_was_being_computed_is_kept_in_the_conversation_that_goes_on(database: Database) -> None:
    asked = record(database, from_bsuid("1"))
    record(database, from_phone("2"))
    goes_on = record(database, from_both("3")).conversation_id
    (reply_id,) = keep(database, asked.message_id, language="fr")
    with database.transaction() as session:
        assert queries.get_message(session, reply_id).conversation_id == goes_on
        assert queries.get_message(session, asked.message_id).outcome == Outcome.ANSWERED
        assert conversation_in(session, goes_on).language == "fr"


def test_whatever_happens_at_once_one_conversation_is_open_and_every_message_answered(database: Database) -> None:
    for attempt in range(1, 13):
        phone, bsuid = f"{PHONE}{attempt}", f"{BSUID}{attempt}"
        asked = record(database, message(f"{attempt}:0", address=bsuid)).message_id
        arriving = [
            message(f"{attempt}:1", address=phone, other_addresses={"bsuid": bsuid}),
            message(f"{attempt}:2", address=bsuid),
            message(f"{attempt}:3", address=phone),
        ]
        *_, replies = at_once(*(partial(record, database, one) for one in arriving), partial(keep, database, asked))
        record(database, message(f"{attempt}:4", address=bsuid, other_addresses={"phone": phone}))
        assert (len(open_ones(database)), len(replies)) == (attempt, 1)
