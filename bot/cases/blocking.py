"""Blocking a citizen: all that people have open with them ends, and nobody answers any more."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.accounts.audit import record
from bot.cases import moves, service
from bot.cases.models import Case
from bot.cases.moves import Move
from bot.cases.notes import add_note
from bot.cases.states import Ending, Event
from bot.citizens.models import Citizen
from bot.conversations.models import Conversation
from bot.conversations.states import Owner
from bot.db.base import utc_now


def block(session: Session, case_id: uuid.UUID, reason: str, *, by: uuid.UUID) -> tuple[Case, bool]:
    """Block the citizen of a case; gives whether they were not blocked yet. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("blocking needs a reason")
    case, conversation = service.locked(session, case_id)
    citizen = session.get_one(Citizen, conversation.citizen_id, populate_existing=True)
    if citizen.blocked_at is not None:
        return case, False
    citizen.blocked_at = utc_now()
    add_note(session, case, reason, by=by)
    moves.tell(session, case, Event.BLOCKED, by=by)
    for one in _open_cases(session, citizen.id):
        found, talk = service.locked(session, one)
        moves.make(session, talk, found, Move(Owner.CLOSED, Event.ENDED, by=by, ending=Ending.BLOCKED))
    record(session, staff_id=by, action="citizen_blocked", subject=f"citizen:{citizen.id}", after={"case": case_id})
    return case, True


def unblock(session: Session, case_id: uuid.UUID, *, by: uuid.UUID) -> None:
    """Answer the citizen of a case again."""
    case, conversation = service.locked(session, case_id)
    citizen = session.get_one(Citizen, conversation.citizen_id, populate_existing=True)
    if citizen.blocked_at is None:
        return
    citizen.blocked_at = None
    moves.tell(session, case, Event.UNBLOCKED, by=by)
    record(session, staff_id=by, action="citizen_unblocked", subject=f"citizen:{citizen.id}", after={"case": case_id})


def _open_cases(session: Session, citizen_id: uuid.UUID) -> list[uuid.UUID]:
    query = select(Case.id).join(Conversation, Conversation.id == Case.conversation_id)
    query = query.where(Conversation.citizen_id == citizen_id, Case.closed_at.is_(None))
    return list(session.scalars(query.order_by(Case.id)))
