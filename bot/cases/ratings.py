"""What citizens say of the help they got: one of three faces, and a sentence if they like."""

import json
import re
import uuid
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.cases import moves
from bot.cases.models import Case
from bot.cases.states import UNRATED, Event
from bot.conversations.models import Conversation
from bot.conversations.schemas import Button
from bot.db.base import utc_now

ACT = "/rate_help"
SCORES = (3, 2, 1)
LONGEST_COMMENT = 500
_PRESS = re.compile(re.escape(ACT) + r"\{\"score\": ([1-3])\}")


def is_asked(case: Case) -> bool:
    """Whether a citizen is asked at the end: only who got an answer, and never about an emergency."""
    return case.first_answered_at is not None and case.reason not in UNRATED


def choices(titles: Sequence[str]) -> list[Button]:
    """The buttons, the best first; always the same ones, for vendors keep what they are given."""
    return [Button(title, ACT + json.dumps({"score": score})) for title, score in zip(titles, SCORES, strict=True)]


def read(payload: str) -> int | None:
    """The score that a pressed button means."""
    found = _PRESS.fullmatch(payload)
    return int(found[1]) if found else None


def rate(session: Session, conversation: Conversation, score: int) -> uuid.UUID | None:
    """Keep a citizen's rating of the help that ended last, in this talk or the one before; the first one counts.

    Gives the case, also when it was rated before; None when there is none to be rated.
    """
    talks = [one for one in (conversation.id, conversation.previous_id) if one]
    query = select(Case).where(Case.conversation_id.in_(talks), Case.closed_at.is_not(None))
    query = query.where(Case.first_answered_at.is_not(None), Case.reason.not_in(UNRATED))
    case = session.scalar(query.order_by(Case.closed_at.desc()).limit(1).with_for_update())
    if case is None:
        return None
    if case.rating is None:
        case.rating, case.rated_at = score, utc_now()
        moves.tell(session, case, Event.RATED, by=None, details={"score": score})
    return case.id


def add_comment(session: Session, case_id: uuid.UUID, comment: str) -> None:
    """Keep the sentence that goes with a rating, once."""
    session.execute(
        update(Case)
        .where(Case.id == case_id, Case.rating.is_not(None), Case.comment.is_(None))
        .values(comment=comment[:LONGEST_COMMENT])
        .execution_options(synchronize_session=False)
    )
