"""Which cases somebody may see, and whom they work with."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from bot.accounts.models import Staff
from bot.accounts.permissions import PERMISSIONS, Permission, Role
from bot.cases.models import Case, Mention
from bot.cases.teams import ANSWERING, PRESENT, list_team_ids
from bot.conversations.models import Message


@dataclass(frozen=True)
class Colleague:
    """Somebody who answers citizens; `is_there` tells whether they look at the desk and take cases."""

    id: uuid.UUID
    name: str
    is_there: bool


def scope_of(session: Session, staff_id: uuid.UUID, role: Role) -> Sequence[str] | None:
    """The teams whose cases somebody sees; None is all."""
    if Permission.SEE_ALL_CASES in PERMISSIONS[role]:
        return None
    return list_team_ids(session, staff_id)


def may_see(session: Session, case_id: uuid.UUID, staff_id: uuid.UUID, scope: Sequence[str] | None) -> bool:
    """Whether there is a case that is somebody's to look at: of their teams, in their hands, or they were called."""
    case = session.get(Case, case_id)
    if case is None or scope is None or case.team_id in scope or case.assignee_id == staff_id:
        return case is not None
    called = exists().where(Mention.case_id == case_id, Mention.staff_id == staff_id)
    return bool(session.scalar(select(called)))


def list_seen(
    session: Session, case_ids: Sequence[uuid.UUID], staff_id: uuid.UUID, scope: Sequence[str] | None
) -> set[uuid.UUID]:
    """Which of these cases are somebody's to look at, as `may_see` says it of one."""
    query = select(Case.id).where(Case.id.in_(case_ids))
    if scope is not None:
        called = exists().where(Mention.case_id == Case.id, Mention.staff_id == staff_id)
        query = query.where(or_(Case.team_id.in_(scope), Case.assignee_id == staff_id, called))
    return set(session.scalars(query))


def is_said_in(session: Session, message_id: int, conversation_id: uuid.UUID) -> bool:
    """Whether a message is one of a conversation's."""
    message = session.get(Message, message_id)
    return message is not None and message.conversation_id == conversation_id


def list_colleagues(session: Session, now: dt.datetime) -> list[Colleague]:
    """Everybody who may answer, those who are there first."""
    query = select(Staff).where(Staff.is_active, Staff.role.in_(ANSWERING)).order_by(Staff.name, Staff.id)
    found = [Colleague(one.id, one.name, _is_there(one, now)) for one in session.scalars(query)]
    return sorted(found, key=lambda one: not one.is_there)


def _is_there(one: Staff, now: dt.datetime) -> bool:
    return not one.is_paused and one.last_seen_at is not None and one.last_seen_at >= now - PRESENT
