"""What the desk hears of a case: `case` when it is not as it was, `message` when something was said in it."""

from sqlalchemy.orm import Session

from bot.cases.models import Case
from bot.db.news import note


def note_case(session: Session, case: Case) -> None:
    """A case is not as it was."""
    ids = {"case": str(case.id), "conversation": str(case.conversation_id)}
    note(session, "case", **ids, team=case.team_id, state=str(case.state), assignee=_who(case), version=case.version)


def note_message(session: Session, case: Case, message_id: int, author: str) -> None:
    """Something was said in a case."""
    ids = {"case": str(case.id), "conversation": str(case.conversation_id), "message": message_id}
    note(session, "message", **ids, author=author, team=case.team_id, assignee=_who(case))


def _who(case: Case) -> str | None:
    return str(case.assignee_id) if case.assignee_id else None
