"""Marking what the bot should learn from, once each."""

import uuid

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.cases.models import Case
from bot.conversations.models import Message
from bot.conversations.states import Direction
from bot.reviews.models import Review
from bot.reviews.states import OF, Kind


def mark(session: Session, kind: Kind, message_id: int, *, case_id: uuid.UUID, by: uuid.UUID) -> None:
    """Keep a message of a case with the question that it answers; raises LookupError for any other."""
    message, case = session.get(Message, message_id), session.get_one(Case, case_id)
    if message is None or message.conversation_id != case.conversation_id or message.author != OF[kind]:
        raise LookupError(f"message {message_id} cannot be marked as {kind}")
    asked = _question_of(session, message)
    statement = insert(Review).values(
        kind=kind,
        message_id=message_id,
        staff_id=by,
        question=asked.body if asked else "",
        answer=message.body,
        language=message.language or (asked.language if asked else None),
        intent=asked.intent if asked else None,
        service_id=asked.service_id if asked else None,
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "message_id"]))


def _question_of(session: Session, message: Message) -> Message | None:
    """What a message answers, else the citizen's last words before it."""
    if message.answers_id is not None:
        return session.get(Message, message.answers_id)
    query = select(Message).where(
        Message.conversation_id == message.conversation_id,
        Message.direction == Direction.IN,
        Message.id < message.id,
        Message.body != "",
    )
    return session.scalar(query.order_by(Message.id.desc()).limit(1))
