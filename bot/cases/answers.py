"""What is said in a case, and what is due for it: a citizen's message wants an answer, staff's is one."""

import datetime as dt

from sqlalchemy.orm import Session

from bot.cases import news, queries, teams
from bot.cases.models import Case
from bot.conversations.models import Conversation
from bot.conversations.states import Author
from bot.db.base import utc_now


def note_citizen_message(session: Session, conversation: Conversation, message_id: int) -> None:
    """A citizen wrote to staff; the transaction has locked the conversation. An answer is due."""
    case = queries.find_open_case(session, conversation.id)
    if case is None:
        return
    case.last_citizen_at = utc_now()
    case.due_at = case.due_at or _next_due(session, case)
    _tell(session, case, message_id, Author.CITIZEN)


def note_staff_message(session: Session, case: Case, message_id: int) -> None:
    """Somebody answered: nothing is due until the citizen writes again."""
    case.last_staff_at = utc_now()
    case.first_answered_at = case.first_answered_at or case.last_staff_at
    case.due_at = None
    _tell(session, case, message_id, Author.STAFF)


def note_withdrawn(session: Session, conversation: Conversation, message_id: int) -> None:
    """Somebody took back what they said: it was no answer, and one may be due as before."""
    case = queries.find_open_case(session, conversation.id)
    if case is None:
        return
    said = queries.list_staff_moments(session, conversation.id, since=case.opened_at)
    case.first_answered_at, case.last_staff_at = (said[0], said[-1]) if said else (None, None)
    if case.last_staff_at is None or case.last_staff_at < case.last_citizen_at:
        case.due_at = _next_due(session, case)
    _tell(session, case, message_id, Author.STAFF)


def _next_due(session: Session, case: Case) -> dt.datetime:
    team = teams.get_team(session, case.team_id)
    minutes = team.next_answer_minutes if case.first_answered_at else team.first_answer_minutes
    return teams.due_at(session, team, minutes, case.last_citizen_at)


def _tell(session: Session, case: Case, message_id: int, author: Author) -> None:
    case.version += 1
    session.flush()
    news.note_message(session, case, message_id, author)
