"""Connections that are kept: used again the last one first, and looked at before they are lent out."""

import select
import time
from typing import Any

import psycopg
from sqlalchemy.exc import InvalidatePoolError

# A network may lose a connection that says nothing for so long.
SILENT_SECONDS = 30.0


def pool_options(size: int, *, overflow: int) -> dict[str, Any]:
    """What `create_engine` is told of its pool.

    The connection used last is lent out first: it has the statements prepared. SQLAlchemy's own `pool_pre_ping` asks
    the server each time, which took a seventh of a turn; a server that is gone has closed the socket, which costs
    nothing to see.
    """
    return {
        "pool_size": size,
        "max_overflow": overflow,
        "pool_use_lifo": True,
        "pool_pre_ping": False,
        "pool_events": [(_note_return, "checkin"), (_look, "checkout")],
    }


def _note_return(_connection: psycopg.Connection | None, record: Any) -> None:
    record.info["returned_at"] = time.monotonic()


def _look(connection: psycopg.Connection, record: Any, _proxy: Any) -> None:
    """Ask the server for a sign of life where the socket has news, or was long silent."""
    returned_at = record.info.get("returned_at")
    if returned_at is None or (time.monotonic() - returned_at < SILENT_SECONDS and not _has_news(connection)):
        return
    try:
        _ask(connection)
    except psycopg.Error as error:
        raise InvalidatePoolError from error


def _ask(connection: psycopg.Connection) -> None:
    """The shortest question that the server answers; leaves no transaction open."""
    before = connection.autocommit
    connection.autocommit = True
    try:
        connection.execute("")
    finally:
        if not connection.closed:
            connection.autocommit = before


def _has_news(connection: psycopg.Connection) -> bool:
    """Whether the server said something unasked, or closed: before an answer is wanted it says nothing."""
    if connection.closed:
        return True
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    return bool(look.poll(0))
