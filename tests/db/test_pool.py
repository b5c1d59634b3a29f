"""Connections are lent out again the last one first, and one that is dead never reaches who asked."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from bot.db import pool
from bot.db.pool import pool_options
from bot.db.session import Database

PID = text("SELECT pg_backend_pid()")
END = text("SELECT pg_terminate_backend(:pid, 5000)")


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    made = create_engine(database.engine.url, **pool_options(3, overflow=0))
    yield made
    made.dispose()


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The connections that were asked for a sign of life."""
    asked: list[object] = []
    really = pool._ask

    def ask(connection: psycopg.Connection) -> None:
        asked.append(connection)
        really(connection)

    monkeypatch.setattr(pool, "_ask", ask)
    return asked


def backends(engine: Engine, count: int) -> list[int]:
    """So many connections at once, by the processes that serve them; all are given back."""
    lent = [engine.connect() for _ in range(count)]
    found = [one.scalar(PID) or 0 for one in lent]
    for one in lent:
        one.close()
    return found


def test_the_connection_used_last_is_lent_out_first_and_not_asked(engine: Engine, pings: list[object]) -> None:
    found = backends(engine, 3)
    again = {backends(engine, 1)[0] for _ in range(20)}
    assert again == {found[-1]}
    assert not pings


def test_who_asks_after_the_server_ended_all_connections_gets_a_fresh_one(engine: Engine, database: Database) -> None:
    found = backends(engine, 3)
    with database.engine.connect() as other:
        for pid in found:
            assert other.scalar(END, {"pid": pid})
    fresh = backends(engine, 3)
    assert not set(fresh) & set(found)


def test_a_connection_that_was_long_silent_is_asked(
    engine: Engine, pings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    backends(engine, 1)
    monkeypatch.setattr(pool, "SILENT_SECONDS", 0.0)
    backends(engine, 1)
    assert len(pings) == 1
