"""A desk after some years: thousands of closed cases and hundreds of open ones, made in a few statements."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from bot.cases.teams import list_teams
from bot.db.session import Database

CITIZENS = text(
    "INSERT INTO citizens (id, created_at) SELECT gen_random_uuid(), now() FROM generate_series(1, :number)"
)
ADDRESSES = text("""
INSERT INTO addresses (id, citizen_id, channel, kind, value_encrypted, value_hash, created_at)
SELECT gen_random_uuid(), id, 'telegram', 'user', '\\x00', id::text, now() FROM citizens
""")
TALKS = text("""
INSERT INTO conversations (id, citizen_id, address_id, state, version, language_chosen, context, rasa_session,
    session_turns, created_at, updated_at)
SELECT gen_random_uuid(), citizen_id, id, 'closed', 3, false, '{}', 0, 0, now(), now() FROM addresses
""")
MESSAGES = text("""
INSERT INTO messages (conversation_id, channel, direction, author, kind, body, folded, payload, status, created_at)
SELECT id, 'telegram', 'in', 'citizen', 'text', 'سؤال عن جواز السفر ' || number, 'سوال عن جواز السفر ' || number, '{}',
    'received', now() - interval '1 day' + number * interval '1 minute'
FROM conversations, generate_series(1, :each) AS number
""")
CASES = text("""
INSERT INTO cases (id, conversation_id, team_id, assignee_id, state, version, reason, question, language, tried,
    promised, labels, opened_at, last_citizen_at, closed_at, ending, due_at)
SELECT gen_random_uuid(), id, 'front', CASE WHEN number > :open OR number % 2 = 0 THEN CAST(:staff AS uuid) END,
    CASE WHEN number > :open THEN 'closed' WHEN number % 2 = 0 THEN 'staff' ELSE 'waiting' END, 3, 'asked',
    'question ' || number, CASE WHEN number % 3 = 0 THEN 'ar' ELSE 'fr' END, '{}', '{"when": "minutes"}', '{}',
    now() - number * interval '1 minute', now(),
    CASE WHEN number > :open THEN now() - number * interval '1 second' END,
    CASE WHEN number > :open THEN 'closed' END,
    CASE WHEN number <= :open AND number % 5 > 0 THEN now() + (number - 50) * interval '1 minute' END
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM conversations) AS numbered
""")


def fill(database: Database, staff_id: uuid.UUID, *, closed: int, open_ones: int, each: int = 3) -> None:
    """So many cases, half of the open ones in somebody's hands, with so many messages each."""
    with database.transaction() as session:
        list_teams(session)
        session.execute(CITIZENS, {"number": closed + open_ones})
        session.execute(ADDRESSES)
        session.execute(TALKS)
        session.execute(MESSAGES, {"each": each})
        session.execute(CASES, {"open": open_ones, "staff": str(staff_id)})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def counted(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are made meanwhile, with their values."""
    made: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        made.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
