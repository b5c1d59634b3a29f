"""Sessions of staff: kept here, known to the browser by a random key of which we keep the hash only."""

import datetime as dt
import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.accounts import queries
from bot.accounts.models import Staff, StaffSession
from bot.accounts.permissions import Role
from bot.accounts.schemas import Browser, Opened, Presence, SessionView, Times
from bot.accounts.states import AccountError, Fault, Stage
from bot.db.base import utc_now

KEY_BYTES = 32
KEY_SHAPE = re.compile(r"[\w-]{43}", re.ASCII)
# Between password and code.
HALFWAY = dt.timedelta(minutes=10)
# Noted at most so often, or each click would be a write.
NOTED = dt.timedelta(minutes=1)


def new_key() -> str:
    """A key that nobody guesses: 256 random bits."""
    return secrets.token_urlsafe(KEY_BYTES)


def hash_key(key: str) -> str:
    """What we keep of a key: it is random, so that a plain hash will do."""
    return hashlib.sha256(key.encode()).hexdigest()


def open_session(session: Session, staff_id: uuid.UUID, stage: Stage, browser: Browser, times: Times) -> Opened:
    """Begin a session under a new key."""
    key, now = new_key(), utc_now()
    row = StaffSession(
        key_hash=hash_key(key),
        staff_id=staff_id,
        stage=stage,
        seen_at=now,
        confirmed_at=now,
        ends_at=now + (times.absolute if stage is Stage.SIGNED_IN else HALFWAY),
        user_agent=browser.user_agent,
        address=browser.address,
    )
    queries.add_session(session, row)
    if stage is Stage.SIGNED_IN:
        session.get_one(Staff, staff_id).last_seen_at = now
    return Opened(key, stage)


def find_presence(session: Session, key: str, times: Times, *, is_background: bool = False) -> Presence | None:
    """Whose key it is; None when its session is over. What a page does by itself keeps no session alive."""
    if not KEY_SHAPE.fullmatch(key):
        return None
    now = utc_now()
    found = queries.find_session(session, hash_key(key), now=now, seen_after=now - times.idle)
    if found is None:
        return None
    row, staff = found
    if not is_background and now - row.seen_at > NOTED:
        row.seen_at = staff.last_seen_at = now
    return _presence(row, staff)


def renew(session: Session, session_id: uuid.UUID) -> str:
    """Give a session another key, as its owner has just proved who they are; the old one opens nothing any more.

    Raises AccountError when it is over.
    """
    key = new_key()
    row = session.get(StaffSession, session_id, with_for_update=True)
    if row is None:  # Somebody ended it at this very moment.
        raise AccountError(Fault.NOBODY)
    row.key_hash, row.confirmed_at = hash_key(key), utc_now()
    return key


def end(session: Session, *, staff_id: uuid.UUID, session_id: uuid.UUID) -> bool:
    """End one of somebody's sessions; False when they have no such one."""
    return bool(queries.delete_sessions(session, staff_id=staff_id, only=session_id))


def end_all(session: Session, *, staff_id: uuid.UUID, but: uuid.UUID | None = None) -> int:
    """End all of somebody's sessions, or all but the one that asks; gives how many."""
    return queries.delete_sessions(session, staff_id=staff_id, but=but)


def list_sessions(session: Session, *, staff_id: uuid.UUID, times: Times) -> Sequence[SessionView]:
    """Somebody's sessions that are not over, the newest first."""
    now = utc_now()
    rows = queries.list_sessions(session, staff_id=staff_id, now=now, seen_after=now - times.idle)
    return [SessionView(row.id, row.created_at, row.seen_at, row.user_agent, row.address) for row in rows]


def _presence(row: StaffSession, staff: Staff) -> Presence:
    return Presence(
        session_id=row.id,
        stage=Stage(row.stage),
        confirmed_at=row.confirmed_at,
        staff_id=staff.id,
        name=staff.name,
        role=Role(staff.role),
        language=staff.language,
        theme=str(staff.preferences.get("theme", "")),
    )
