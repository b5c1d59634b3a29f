"""Reading the record of what staff did: by page, by who and what, and as a table to take along."""

import csv
import datetime as dt
import io
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.accounts.models import AuditEntry, Staff

PAGE = 50
COLUMNS = ("number", "at", "staff_id", "email", "action", "subject", "before", "after", "hash")
# Spreadsheets take these at the beginning of a cell for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sought:
    """Which entries; what is empty says nothing."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since_at: dt.datetime | None = None
    until_at: dt.datetime | None = None


@dataclass(frozen=True)
class EntryView:
    """An entry with who it was by name; without one, an operator or the system."""

    number: int
    at: dt.datetime
    staff_id: uuid.UUID | None
    email: str
    name: str
    action: str
    subject: str
    before: Any
    after: Any
    hash: str


def list_entries(session: Session, sought: Sought, *, before: int | None = None) -> Sequence[EntryView]:
    """A page of entries, the newest first, older than the entry of number `before`."""
    query = _query(sought).order_by(AuditEntry.number.desc()).limit(PAGE)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return [_view(entry, staff) for entry, staff in session.execute(query)]


def export_csv(session: Session, sought: Sought) -> Iterator[str]:
    """The entries as lines of CSV, the oldest first, with a head line."""
    yield _line(COLUMNS)
    query = _query(sought).order_by(AuditEntry.number).execution_options(yield_per=1000)
    for entry, staff in session.execute(query):
        view = _view(entry, staff)
        yield _line([_cell(getattr(view, column)) for column in COLUMNS])


def _query(sought: Sought) -> Select[AuditEntry, Staff | None]:
    query = select(AuditEntry, Staff).outerjoin(Staff, Staff.id == AuditEntry.staff_id)
    if sought.who:
        query = query.where(Staff.email == sought.who)
    if sought.action:
        query = query.where(AuditEntry.action == sought.action)
    if sought.subject:
        query = query.where(AuditEntry.subject == sought.subject)
    if sought.since_at:
        query = query.where(AuditEntry.at >= sought.since_at)
    if sought.until_at:
        query = query.where(AuditEntry.at < sought.until_at)
    return query


def _view(entry: AuditEntry, staff: Staff | None) -> EntryView:
    return EntryView(
        number=entry.number,
        at=entry.at,
        staff_id=entry.staff_id,
        email=staff.email if staff else "",
        name=staff.name if staff else "",
        action=entry.action,
        subject=entry.subject,
        before=entry.before,
        after=entry.after,
        hash=entry.hash,
    )


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(FORMULA) else text


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
