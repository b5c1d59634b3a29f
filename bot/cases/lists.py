"""The lists of the desk, page by page: what is most urgent first, what ended last first."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, any_, false, func, literal, select, true, tuple_
from sqlalchemy.orm import Session

from bot.accounts.models import Staff
from bot.cases.models import Case, Mention, Team
from bot.cases.schemas import CaseRow, Filters, Page
from bot.cases.states import Reason, View
from bot.citizens.models import Address
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Owner
from bot.db.base import utc_now

EXCERPT = 160
# What nobody waits for comes after all that somebody does.
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
URGENCY = func.coalesce(Case.due_at, literal(NEVER))


def list_cases(
    session: Session, view: View, filters: Filters, *, staff_id: uuid.UUID, cursor: str | None = None, limit: int = 50
) -> Page:
    """A part of a list as somebody sees it, in one query; raises ValueError for a cursor that is none."""
    calls = _mentions_of(staff_id) if view is View.MENTIONS else None
    key = _key(view, calls)
    query = _narrowed(_rows(calls), view, filters, staff_id)
    if cursor is not None:
        last = tuple_(*(literal(value, column.type) for value, column in zip(_read(cursor, view), key, strict=True)))
        query = query.where(tuple_(*key) > last if view in _BY_URGENCY else tuple_(*key) < last)
    order = [column if view in _BY_URGENCY else column.desc() for column in key]
    found = session.execute(query.add_columns(*key).order_by(*order).limit(limit + 1)).all()
    rows = [case_row(one) for one in found[:limit]]
    following = _write(found[limit - 1][-2:]) if len(found) > limit else None
    return Page(rows, following)


_BY_URGENCY = (View.MINE, View.WAITING, View.ALL)


def _key(view: View, calls: Subquery | None) -> tuple[Any, Any]:
    if calls is not None:
        return calls.c.note_id, Case.id
    return (Case.closed_at, Case.id) if view is View.CLOSED else (URGENCY, Case.id)


def _write(values: Sequence[Any]) -> str:
    first, case_id = values
    return f"{first.isoformat() if isinstance(first, dt.datetime) else first}_{case_id}"


def _read(cursor: str, view: View) -> tuple[Any, uuid.UUID]:
    first, _, case_id = cursor.partition("_")
    return (int(first) if view is View.MENTIONS else dt.datetime.fromisoformat(first)), uuid.UUID(case_id)


def _mentions_of(staff_id: uuid.UUID) -> Subquery:
    """The cases that somebody was called to, by the last note that did so."""
    return (
        select(
            Mention.case_id,
            func.max(Mention.note_id).label("note_id"),
            func.bool_or(Mention.seen_at.is_(None)).label("is_unseen"),
        )
        .where(Mention.staff_id == staff_id)
        .group_by(Mention.case_id)
        .subquery()
    )


def _rows(calls: Subquery | None = None) -> Select[Any]:
    last = (
        select(func.left(Message.body, EXCERPT).label("body"), Message.author)
        .where(Message.conversation_id == Case.conversation_id)
        .order_by(Message.id.desc())
        .limit(1)
        .lateral("last")
    )
    query = (
        select(
            Case,
            Team.names,
            Staff.name,
            Address.channel,
            last.c.body,
            last.c.author,
            calls.c.is_unseen if calls is not None else false(),
        )
        .join(Team, Team.id == Case.team_id)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .join(Address, Address.id == Conversation.address_id)
        .outerjoin(Staff, Staff.id == Case.assignee_id)
        .outerjoin(last, true())
    )
    return query if calls is None else query.join(calls, calls.c.case_id == Case.id)


def get_row(session: Session, case_id: uuid.UUID) -> CaseRow:
    """One case as the lists show it; raises LookupError."""
    found = session.execute(_rows().where(Case.id == case_id)).first()
    if found is None:
        raise LookupError(f"no case {case_id}")
    return case_row(found)


def case_row(found: Any) -> CaseRow:
    """A row of the database as the desk shows it."""
    case, names, assignee, channel, excerpt, author, is_unseen = found[:7]
    return CaseRow(
        id=case.id,
        conversation_id=case.conversation_id,
        state=Owner(case.state),
        version=case.version,
        team_id=case.team_id,
        team_names=names,
        assignee_id=case.assignee_id,
        assignee_name=assignee,
        channel=channel,
        reason=Reason(case.reason),
        language=case.language,
        service_id=case.service_id,
        labels=case.labels,
        question=case.question,
        opened_at=case.opened_at,
        due_at=case.due_at,
        last_citizen_at=case.last_citizen_at,
        closed_at=case.closed_at,
        rating=case.rating,
        excerpt=excerpt or "",
        excerpt_author=author or "",
        is_unseen=is_unseen,
    )


def _narrowed(query: Select[Any], view: View, filters: Filters, staff_id: uuid.UUID) -> Select[Any]:
    scope = filters.team_ids
    in_scope = [] if scope is None else [Case.team_id.in_(scope)]
    of_view: dict[View, list[ColumnElement[bool]]] = {
        View.MINE: [Case.closed_at.is_(None), Case.assignee_id == staff_id],
        View.WAITING: [Case.closed_at.is_(None), Case.state == Owner.WAITING, *in_scope],
        View.ALL: [Case.closed_at.is_(None), *in_scope],
        View.MENTIONS: [],
        View.CLOSED: [Case.closed_at.is_not(None), *in_scope],
    }
    return query.where(*of_view[view], *_filtered(filters))


def _filtered(filters: Filters) -> list[ColumnElement[bool]]:
    same = (
        (Case.team_id, filters.team_id),
        (Case.assignee_id, filters.assignee_id),
        (Case.language, filters.language),
        (Case.service_id, filters.service_id),
        (Case.reason, filters.reason),
    )
    wanted: list[ColumnElement[bool]] = [column == value for column, value in same if value is not None]
    if filters.label is not None:
        wanted.append(literal(filters.label) == any_(Case.labels))
    if filters.is_overdue:
        wanted.append(Case.due_at < utc_now())
    return wanted
