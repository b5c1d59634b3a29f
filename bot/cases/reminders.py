"""What a citizen of a case is reminded of, and ending that at their wish."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.accounts.audit import record
from bot.alerts import service as alerts
from bot.alerts.due import next_on
from bot.alerts.ending import unsubscribe
from bot.cases import queries
from bot.catalogue.names import list_dated
from bot.conversations.queries import get_conversation


@dataclass(frozen=True)
class ReminderLine:
    """A deadline that a citizen is reminded of; without names and date when the catalogue has it no more."""

    deadline_id: str
    names: Mapping[str, str]
    next_on: dt.date | None
    since: dt.datetime
    reminded_at: dt.datetime | None


def list_reminders(session: Session, citizen_id: uuid.UUID, today: dt.date) -> list[ReminderLine]:
    """A citizen's, oldest first, in one query, or three when there are any."""
    living = alerts.list_living(session, citizen_id=citizen_id)
    if not living:
        return []
    deadlines, holidays = list_dated(session)
    known = {one.id: one for one in deadlines}
    return [
        ReminderLine(
            deadline_id=one.deadline_id,
            names={language.value: text for language, text in deadline.label.items()} if deadline else {},
            next_on=next_on(deadline, today, holidays) if deadline else None,
            since=one.created_at,
            reminded_at=one.reminded_at,
        )
        for one in living
        for deadline in [known.get(one.deadline_id)]
    ]


def end_reminder(session: Session, case_id: uuid.UUID, deadline_id: str, *, by: uuid.UUID) -> None:
    """Remind the citizen of a case no more, because they said so; it is on record. Raises LookupError."""
    conversation = get_conversation(session, queries.get_case(session, case_id).conversation_id)
    if not unsubscribe(session, [deadline_id], citizen_id=conversation.citizen_id):
        return
    about = {"case": case_id, "deadline": deadline_id}
    subject = f"citizen:{conversation.citizen_id}"
    record(session, staff_id=by, action="reminder_ended", subject=subject, after=about)
