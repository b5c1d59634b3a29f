"""Cases in the database: the open one of a conversation, what its talk was, how long others waited."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.models import Case, CaseCount, Team
from bot.cases.states import Count
from bot.conversations.models import Message
from bot.conversations.states import Author, Delivery, Direction, Outcome, Owner

# What staff need to see of what the bot tried, and how far back recent waits go.
TURNS, ANSWERED = 6, 200
# A turn of these is not what a citizen wanted to know.
BESIDE = {Outcome.OFFERED, Outcome.HANDED_OFF, Outcome.SMALL_TALK, Outcome.RESUMED, Outcome.RATED}


def get_case(session: Session, case_id: uuid.UUID) -> Case:
    """A case; raises LookupError."""
    found = session.get(Case, case_id)
    if found is None:
        raise LookupError(f"no case {case_id}")
    return found


def find_open_case(session: Session, conversation_id: uuid.UUID) -> Case | None:
    """The case of a conversation that is with people."""
    return session.scalar(select(Case).where(Case.conversation_id == conversation_id, Case.closed_at.is_(None)))


def list_turns(session: Session, conversation_id: uuid.UUID) -> list[dict[str, Any]]:
    """The citizen's last messages, oldest first: what was said, what it was taken for, what came of it."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
    rows = session.scalars(query.order_by(Message.id.desc()).limit(TURNS)).all()
    return [
        {
            "text": row.body,
            "intent": row.intent,
            "confidence": row.confidence,
            "outcome": row.outcome,
            "service": row.service_id,
            "ranked": list(row.payload.get("ranked") or ())[:3],
        }
        for row in reversed(rows)
    ]


def question_of(turns: Sequence[dict[str, Any]]) -> str:
    """What the citizen wanted to know, of these turns: the last words that are not beside the point."""
    said = [turn for turn in turns if turn["text"]]
    asked = [turn for turn in said if turn["outcome"] not in BESIDE]
    return next((str(turn["text"]) for turn in reversed(asked or said)), "")


def count_waiting(session: Session, team_id: str) -> int:
    """How many cases of a team wait."""
    query = select(CaseCount.count).where(CaseCount.name == Count.WAITING, CaseCount.owner == team_id)
    return session.scalar(query) or 0


def list_answered(session: Session, team_id: str) -> list[tuple[dt.datetime, dt.datetime]]:
    """When the last cases that waited for a team were opened and first answered, newest first."""
    query = (
        select(Case.opened_at, Case.first_answered_at)
        .where(Case.team_id == team_id, Case.first_answered_at.is_not(None), Case.promised != {})
        .order_by(Case.first_answered_at.desc())
        .limit(ANSWERED)
    )
    return [(opened, answered) for opened, answered in session.execute(query) if answered is not None]


def last_inbound_id(session: Session, conversation_id: uuid.UUID) -> int:
    """The citizen's last message; 0 when there is none."""
    query = select(Message.id).where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
    return session.scalar(query.order_by(Message.id.desc()).limit(1)) or 0


def list_staff_moments(session: Session, conversation_id: uuid.UUID, *, since: dt.datetime) -> Sequence[dt.datetime]:
    """When staff said something that they did not take back, in order."""
    query = select(Message.created_at).where(
        Message.conversation_id == conversation_id,
        Message.author == Author.STAFF,
        Message.status != Delivery.WITHDRAWN,
        Message.created_at >= since,
    )
    return session.scalars(query.order_by(Message.id)).all()


def list_idle(session: Session, now: dt.datetime, limit: int = 100) -> Sequence[uuid.UUID]:
    """Cases in somebody's hands in which nobody said anything for as long as their team allows."""
    last = func.greatest(Case.last_citizen_at, Case.last_staff_at, Case.claimed_at)
    query = select(Case.id).join(Team, Team.id == Case.team_id)
    query = query.where(Case.closed_at.is_(None), Case.state == Owner.STAFF)
    query = query.where(last <= now - func.make_interval(0, 0, 0, 0, 0, Team.idle_minutes))
    return session.scalars(query.order_by(Case.id).limit(limit)).all()


def is_idle(session: Session, case: Case, now: dt.datetime) -> bool:
    """Whether a case is idle at a moment."""
    moments = [one for one in (case.last_citizen_at, case.last_staff_at, case.claimed_at) if one is not None]
    minutes = session.get_one(Team, case.team_id).idle_minutes
    return max(moments) <= now - dt.timedelta(minutes=minutes)
