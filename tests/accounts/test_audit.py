"""The chain: whole under many writers, unchangeable by accident, broken visibly by intent."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from bot.accounts.audit import find_break, record
from bot.accounts.models import AuditEntry
from bot.db.session import Database

OFF = text("ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stay")
ON = text("ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_stay")


def fill(database: Database, count: int = 5) -> None:
    """Record some acts."""
    for number in range(count):
        with database.transaction() as session:
            record(session, staff_id=None, action="tried", subject=f"thing:{number}", after={"number": number})


def broken(database: Database) -> int | None:
    """Where the chain breaks."""
    with database.transaction() as session:
        return find_break(session)


def tamper(database: Database, statement: str) -> None:
    """Do what somebody with the database's own rights can do."""
    with database.transaction() as session:
        session.execute(OFF)
        session.execute(text(statement))
        session.execute(ON)


def test_a_chain_holds_when_it_is_empty_and_when_it_is_not(database: Database) -> None:
    assert broken(database) is None
    fill(database)
    assert broken(database) is None


@pytest.mark.parametrize(
    "value", [None, "نص", {"ب": ["a", 1, 2.5, None, True]}, [1e300, 0.1], {"b": 1, "a": {"d": 1, "c": 2}}, 2**70, ""]
)
def test_every_value_comes_back_as_it_was_sealed(database: Database, value: Any) -> None:
    with database.transaction() as session:
        record(session, staff_id=None, action="tried", subject="thing", before=value, after=value)
    assert broken(database) is None


def test_many_writers_make_one_chain(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: fill(database, 10), range(8)))
    with database.transaction() as session:
        assert session.scalars(select(AuditEntry.number).order_by(AuditEntry.number)).all() == list(range(1, 81))
    assert broken(database) is None


def record_and_stumble(database: Database) -> None:
    """An act that is undone."""
    with database.transaction() as session:
        record(session, staff_id=None, action="tried", subject="undone")
        raise LookupError


def test_what_is_undone_leaves_no_gap(database: Database) -> None:
    fill(database, 1)
    with pytest.raises(LookupError):
        record_and_stumble(database)
    fill(database, 1)
    assert broken(database) is None


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
def test_entries_are_neither_changed_nor_deleted(database: Database, statement: str) -> None:
    fill(database, 2)
    with pytest.raises(IntegrityError, match="never changed"), database.transaction() as session:
        session.execute(text(statement))
    assert broken(database) is None


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit_entries SET action = 'other' WHERE number = 3", 3),
        ("UPDATE audit_entries SET subject = 'other' WHERE number = 3", 3),
        ("UPDATE audit_entries SET after = '{\"number\": 9}' WHERE number = 3", 3),
        ("UPDATE audit_entries SET before = '1' WHERE number = 3", 3),
        ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE number = 3", 3),
        ("UPDATE audit_entries SET hash = repeat('0', 64) WHERE number = 3", 3),
        ("DELETE FROM audit_entries WHERE number = 1", 1),
        ("DELETE FROM audit_entries WHERE number = 4", 4),
        ("UPDATE audit_entries SET number = 0 WHERE number = 1", 1),
    ],
)
def test_what_was_tampered_with_is_found(database: Database, statement: str, number: int) -> None:
    fill(database)
    tamper(database, statement)
    assert broken(database) == number
