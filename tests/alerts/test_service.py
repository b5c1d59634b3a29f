"""Subscriptions: once as long as they live, ended for good, and still once when two citizens turn out to be one."""

import uuid
from collections.abc import Callable

import pytest

from bot.alerts import ending, service
from bot.citizens.models import Address
from bot.conversations.queries import get_conversation, lock_citizen
from bot.conversations.schemas import Inbound
from bot.db.session import Database
from tests.alerts.records import GRANT, TAX, living, subscribe
from tests.conversations.records import message, record
from tests.conversations.test_races import at_once
from tests.conversations.test_two_addresses import from_both, from_bsuid, from_phone

pytestmark = pytest.mark.slow


@pytest.fixture
def talk(database: Database) -> uuid.UUID:
    """A conversation with a citizen."""
    return record(database, message()).conversation_id


def reminded_of(database: Database, talk: uuid.UUID) -> list[str]:
    with database.transaction() as session:
        return service.list_reminded_of(session, conversation_id=talk)


def unsubscribe(database: Database, talk: uuid.UUID, *ids: str) -> int:
    with database.transaction() as session:
        return ending.unsubscribe(session, ids, citizen_id=get_conversation(session, talk).citizen_id)


def test_asking_twice_is_asking_once(database: Database, talk: uuid.UUID) -> None:
    subscribe(database, talk, TAX, GRANT, TAX)
    subscribe(database, talk, TAX)
    assert sorted(reminded_of(database, talk)) == [GRANT, TAX]


def test_asking_at_once_is_asking_once(database: Database, talk: uuid.UUID) -> None:
    at_once(*[lambda: subscribe(database, talk, TAX, GRANT)] * 4)
    assert sorted(reminded_of(database, talk)) == [GRANT, TAX]


def test_what_is_ended_can_be_asked_for_again(database: Database, talk: uuid.UUID) -> None:
    subscribe(database, talk, TAX, GRANT)
    assert [unsubscribe(database, talk, TAX) for _ in range(2)] == [1, 0]
    assert reminded_of(database, talk) == [GRANT]
    subscribe(database, talk, TAX)
    assert sorted(reminded_of(database, talk)) == [GRANT, TAX]


def test_another_citizen_keeps_theirs(database: Database, talk: uuid.UUID) -> None:
    other = record(database, message("2", address="another")).conversation_id
    subscribe(database, talk, TAX)
    subscribe(database, other, TAX)
    unsubscribe(database, talk, TAX)
    assert (reminded_of(database, talk), reminded_of(database, other)) == ([], [TAX])
    assert reminded_of(database, uuid.uuid4()) == []


@pytest.mark.parametrize("first", [from_phone, from_bsuid])
def test_two_citizens_who_are_one_are_reminded_once(database: Database, first: Callable[[str], Inbound]) -> None:
    second = from_bsuid if first is from_phone else from_phone
    before, after = record(database, first("1")).conversation_id, record(database, second("2")).conversation_id
    subscribe(database, before, TAX)
    subscribe(database, after, TAX, GRANT)
    united = record(database, from_both("3")).conversation_id
    assert sorted(reminded_of(database, united)) == [GRANT, TAX]
    with database.transaction() as session:
        assert len(living(session)) == 2


def test_a_reminder_that_is_asked_for_while_citizens_become_one_is_kept_once(database: Database) -> None:
    talks = [record(database, one).conversation_id for one in (from_phone("1"), from_bsuid("2"))]
    asking = [lambda talk=talk: asked_in_turn(database, talk) for talk in talks]
    at_once(*asking, lambda: record(database, from_both("3")))
    with database.transaction() as session:
        assert [one.deadline_id for one in living(session)] == [TAX]


def asked_in_turn(database: Database, talk: uuid.UUID) -> None:
    """In the order of locks that a turn keeps."""
    with database.transaction() as session:
        address = session.get_one(Address, get_conversation(session, talk).address_id)
        lock_citizen(session, address)
        service.subscribe(session, get_conversation(session, talk, lock=True), [TAX])
