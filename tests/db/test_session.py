"""A transaction is kept whole or not at all."""

import pytest
from sqlalchemy import text

from bot.db.session import Database

ADD = text("INSERT INTO terms (id, position, spellings) VALUES ('x', 0, '{}')")
COUNT = text("SELECT count(*) FROM terms")


def count(database: Database) -> int:
    with database.transaction() as session:
        return session.scalar(COUNT) or 0


def add_and_stumble(database: Database) -> None:
    with database.transaction() as session:
        session.execute(ADD)
        raise LookupError


def test_what_ended_well_is_kept(database: Database) -> None:
    with database.transaction() as session:
        session.execute(ADD)
        assert count(database) == 0
    assert count(database) == 1


def test_what_failed_half_way_leaves_nothing(database: Database) -> None:
    with pytest.raises(LookupError):
        add_and_stumble(database)
    assert count(database) == 0
