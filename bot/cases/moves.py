"""The one way in which a case moves: the conversation's owner, the counters, the story and the news go together."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import counts, news
from bot.cases.models import Case, CaseEvent
from bot.cases.states import Count, Ending, Event
from bot.conversations.models import Conversation
from bot.conversations.moves import move_owner
from bot.conversations.states import Owner
from bot.db.base import utc_now

# Where the case of a conversation stands, by whose it is; with anybody else there is no open case.
OPEN = {Owner.WAITING: Count.WAITING, Owner.STAFF: Count.STAFF}


@dataclass(frozen=True)
class Move:
    """Where to, why, by whom (None: the bot, the citizen or the clock), and who answers from now on."""

    to: Owner
    why: Event
    by: uuid.UUID | None = None
    assignee_id: uuid.UUID | None = None
    team_id: str | None = None
    ending: Ending | None = None
    details: dict[str, Any] = field(default_factory=dict)


def make(session: Session, conversation: Conversation, case: Case, move: Move) -> None:
    """Move a case and its conversation, which the transaction has locked; raises MovedError."""
    now, before = utc_now(), kinds(case)
    if move.to != conversation.state:
        move_owner(session, conversation, move.to, at=now)
    if move.to not in OPEN:
        case.closed_at, case.ending, case.due_at = now, move.ending, None
    if move.to is Owner.BOT:
        _forget(conversation)
    case.team_id = move.team_id or case.team_id
    case.state = move.to if move.to in OPEN else Owner.CLOSED
    if move.to in OPEN:
        case.assignee_id = move.assignee_id
    if move.assignee_id is not None:
        case.claimed_at = case.claimed_at or now
    tell(session, case, move.why, by=move.by, details=move.details)
    counts.change(session, before, kinds(case))


def tell(
    session: Session, case: Case, why: Event, *, by: uuid.UUID | None, details: dict[str, Any] | None = None
) -> None:
    """Write a line of the story, and have the desk told that the case is not as it was."""
    case.version += 1
    session.add(CaseEvent(case_id=case.id, kind=why, staff_id=by, details=details or {}))
    session.flush()
    news.note_case(session, case)


def kinds(case: Case) -> list[counts.Kind]:
    """Among which a case counts."""
    if case.closed_at is not None:
        return [(Count.CLOSED, case.team_id)]
    if case.version == 0:  # It was only just made.
        return []
    mine = [(Count.MINE, str(case.assignee_id))] if case.assignee_id else []
    return [(OPEN[Owner(case.state)], case.team_id), *mine]


def _forget(conversation: Conversation) -> None:
    """The bot begins anew: what it knew is from before people talked."""
    conversation.rasa_session += 1
    conversation.session_turns = 0
    conversation.context = {}
    conversation.service_id = None
