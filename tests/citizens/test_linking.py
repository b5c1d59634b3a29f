"""One citizen at several addresses: whoever is known by one is known by all, whatever comes first, and also at once."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from bot.citizens.models import Address, Citizen
from bot.citizens.service import note_opt_out
from bot.conversations.models import Conversation
from bot.db.base import Base, utc_now
from bot.db.session import Database
from tests.citizens.test_service import book, count
from tests.conversations.test_races import at_once

# They need the embedded PostgreSQL.
pytestmark = pytest.mark.slow

PHONE, BSUID = "whatsapp:+212600000001", "whatsapp:MA.1"
KINDS = {PHONE: "phone", BSUID: "bsuid"}


def arrive(database: Database, value: str, *others: str) -> tuple[uuid.UUID, uuid.UUID]:
    """A message from one address that names others; gives the address and the citizen."""
    with database.transaction() as session:
        found = book().find_or_add(
            session,
            channel="whatsapp",
            kind=KINDS[value],
            value=value,
            others={KINDS[other]: other for other in others},
        )
        return found.id, found.citizen_id


def citizens_of(database: Database) -> set[uuid.UUID]:
    with database.transaction() as session:
        return set(session.scalars(select(Address.citizen_id)))


def stop(database: Database, citizen_id: uuid.UUID, at: dt.datetime | None) -> None:
    with database.transaction() as session:
        note_opt_out(session, citizen_id, at)


def stopped(database: Database) -> list[bool]:
    with database.transaction() as session:
        return [one is not None for one in session.scalars(select(Address.opted_out_at))]


@pytest.mark.parametrize("first", [(PHONE,), (BSUID,), (PHONE, BSUID), (BSUID, PHONE)])
@pytest.mark.parametrize("then", [(PHONE, BSUID), (BSUID, PHONE)])
def test_who_is_known_by_one_address_is_known_by_both(
    database: Database, first: tuple[str, ...], then: tuple[str, ...]
) -> None:
    citizens = {arrive(database, *seen)[1] for seen in (first, then, (PHONE,), (BSUID,))}
    assert len(citizens) == 1
    assert (count(database, Address), count(database, Citizen)) == (2, 1)


def test_each_address_is_kept_under_its_kind(database: Database) -> None:
    phone, bsuid = arrive(database, PHONE, BSUID)[0], arrive(database, BSUID)[0]
    with database.transaction() as session:
        assert [session.get_one(Address, one).kind for one in (phone, bsuid)] == ["phone", "bsuid"]
        assert book().value_of(session.get_one(Address, bsuid)) == BSUID


def test_two_who_turn_out_to_be_one_are_the_one_known_first(database: Database) -> None:
    first, second = arrive(database, BSUID)[1], arrive(database, PHONE)[1]
    assert first != second
    assert arrive(database, PHONE, BSUID)[1] == first
    assert citizens_of(database) == {first}
    assert count(database, Citizen) == 1


def test_what_belonged_to_the_second_belongs_to_the_first(database: Database) -> None:
    first = arrive(database, BSUID)[1]
    address, second = arrive(database, PHONE)
    with database.transaction() as session:
        session.add(Conversation(citizen_id=second, address_id=address))
    arrive(database, PHONE, BSUID)
    with database.transaction() as session:
        assert session.scalars(select(Conversation.citizen_id)).all() == [first]


def test_every_table_that_names_a_citizen_lets_two_rows_name_the_same() -> None:
    keys = [key for table in Base.metadata.sorted_tables for key in table.foreign_keys]
    columns = [key.parent for key in keys if key.column is Citizen.__table__.c.id]
    assert {column.table.name for column in columns} >= {"addresses", "conversations"}
    assert not [column for column in columns if column.unique or column.primary_key]


def test_other_citizens_stay_who_they_are(database: Database) -> None:
    arrive(database, PHONE)
    with database.transaction() as session:
        other = book().find_or_add(session, channel="telegram", kind="chat", value="7").citizen_id
    arrive(database, PHONE, BSUID)
    assert other in citizens_of(database)
    assert count(database, Citizen) == 2


def test_a_stop_counts_at_every_address_also_one_that_comes_later(database: Database) -> None:
    stop(database, arrive(database, PHONE)[1], utc_now())
    arrive(database, PHONE, BSUID)
    assert stopped(database) == [True, True]
    stop(database, arrive(database, BSUID)[1], None)
    assert stopped(database) == [False, False]


def test_a_stop_of_one_of_two_counts_for_the_one_that_they_are(database: Database) -> None:
    arrive(database, BSUID)
    stop(database, arrive(database, PHONE)[1], utc_now())
    arrive(database, BSUID, PHONE)
    assert stopped(database) == [True, True]


ALONE = ((PHONE, BSUID), (BSUID,), (PHONE,), (BSUID, PHONE))


@pytest.mark.parametrize("known", [(), (PHONE,), (BSUID, PHONE)])
def test_first_messages_at_once_make_one_citizen(database: Database, known: tuple[str, ...]) -> None:
    for attempt in range(8):
        for value in known:
            arrive(database, value)
        at_once(*[lambda seen=seen: arrive(database, *seen) for seen in ALONE])
        with database.transaction() as session:
            assert session.scalar(select(func.count(Address.citizen_id.distinct()))) == 1, attempt
            assert session.scalar(select(func.count()).select_from(Citizen)) == 1
            session.delete(session.scalars(select(Citizen)).one())
