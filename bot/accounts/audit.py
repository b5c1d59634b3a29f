"""The record of what staff did: each entry's hash covers the one before, so that no change goes unnoticed.

The chain shows entries that were changed, removed or put in between. Whoever may write to the database could make all
of it anew: each hash is therefore logged too, where it can be compared.
"""

import datetime as dt
import hashlib
import json
import uuid
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.accounts.models import AuditEntry
from bot.db.base import utc_now

log = structlog.get_logger()

# Entries follow each other one by one: two that were appended at once would both claim the same predecessor.
APPENDING = select(func.pg_advisory_xact_lock(func.hashtext("jawab audit")))
BEGINNING = "0" * 64
PAGE = 1000


def record(
    session: Session, *, staff_id: uuid.UUID | None, action: str, subject: str, before: Any = None, after: Any = None
) -> None:
    """Append an entry, in the transaction of what it tells about.

    Call it last in the transaction: others who have something to record wait until that is committed. `before` and
    `after` are JSON values and hold no words of citizens; without a member of staff it was an operator or the system.
    """
    session.flush()
    session.execute(APPENDING)
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1))
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=utc_now(),
        staff_id=staff_id,
        action=action,
        subject=subject,
        before=_plain(before),
        after=_plain(after),
    )
    entry.hash = _hash(entry, last.hash if last else BEGINNING)
    session.add(entry)
    session.flush()
    log.info("audit_recorded", number=entry.number, action=action, hash=entry.hash)


def find_break(session: Session) -> int | None:
    """The number of the first entry that is not as it was recorded, or is missing; None when the chain holds."""
    previous = BEGINNING
    query = select(AuditEntry).order_by(AuditEntry.number)
    entries = session.scalars(query.execution_options(yield_per=PAGE, populate_existing=True))
    for number, entry in enumerate(entries, start=1):
        if entry.number != number or entry.hash != _hash(entry, previous):
            return number
        previous = entry.hash
    return None


def _hash(entry: AuditEntry, previous: str) -> str:
    at = entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    who = str(entry.staff_id) if entry.staff_id else None
    told = [previous, entry.number, at, who, entry.action, entry.subject, entry.before, entry.after]
    canonical = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as it will come back out of the database: fractions as text, what JSON does not know written out."""
    return json.loads(json.dumps(value, default=str), parse_float=str, parse_constant=str)
