"""What the bot should learn from: marked once each, and dealt with once."""

import re
import uuid

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.accounts.models import Staff
from bot.cases.models import Case
from bot.conversations.models import Message
from bot.conversations.states import Direction
from bot.db.base import utc_now
from bot.reviews.models import Review
from bot.reviews.schemas import Correction, Example, ReviewLine, ReviewPage
from bot.reviews.states import OF, Kind, Verdict

PAGE = 20
DIGIT = re.compile(r"\d")
# A telephone, an account, a Massar code: eight digits and more, however parted. An identity card: CIN, as AB123456.
NUMBER = re.compile(r"\d(?:[\s.()/_-]{0,2}\d){7,}|(?<![^\W_])[A-Za-z]{1,2}[\s-]?\d{5,7}(?!\d)")
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
MASKED_ADDRESS = "nom@example.ma"


def mark(session: Session, kind: Kind, message_id: int, *, case_id: uuid.UUID, by: uuid.UUID) -> int:
    """Keep a message of a case with the question that it answers; gives the mark's id.

    Raises LookupError for a message that is none of the case's, or not of whom this is said.
    """
    message, case = session.get(Message, message_id), session.get_one(Case, case_id)
    if message is None or message.conversation_id != case.conversation_id or message.author != OF[kind]:
        raise LookupError(f"message {message_id} cannot be marked as {kind}")
    asked = _question_of(session, message)
    statement = insert(Review).values(
        kind=kind,
        message_id=message_id,
        case_id=case_id,
        staff_id=by,
        question=asked.body if asked else "",
        answer=message.body,
        language=message.language or (asked.language if asked else None),
        intent=asked.intent if asked else None,
        service_id=asked.service_id if asked else None,
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "message_id"]))
    return session.scalars(select(Review.id).where(Review.kind == kind, Review.message_id == message_id)).one()


def list_open(session: Session, kind: Kind, *, before: int | None = None) -> ReviewPage:
    """A page of the marks that nobody has dealt with."""
    query = _reviews().where(Review.kind == kind, Review.done_at.is_(None))
    if before is not None:
        query = query.where(Review.id < before)
    found = session.execute(query.order_by(Review.id.desc()).limit(PAGE + 1)).all()
    lines = [_line(*one) for one in found[:PAGE]]
    return ReviewPage(lines, lines[-1].id if len(found) > PAGE else None)


def count_open(session: Session) -> dict[Kind, int]:
    """How many marks of each kind nobody has dealt with."""
    query = select(Review.kind, func.count()).where(Review.done_at.is_(None)).group_by(Review.kind)
    found = dict(session.execute(query).all())
    return {kind: found.get(kind, 0) for kind in Kind}


def get_review(session: Session, review_id: int, *, kind: Kind | None = None) -> ReviewLine:
    """A mark, dealt with or not; raises LookupError."""
    query = _reviews().where(Review.id == review_id)
    found = session.execute(query.where(Review.kind == kind) if kind else query).one_or_none()
    if found is None:
        raise LookupError(f"no review {review_id}")
    return _line(*found)


def finish(session: Session, review_id: int, said: Correction, *, by: uuid.UUID) -> bool:
    """Keep what a reviewer says of an open mark; False when somebody was faster."""
    statement = update(Review).where(Review.id == review_id, Review.done_at.is_(None))
    values = {
        "verdict": said.verdict,
        "right_intent": said.intent,
        "right_service_id": said.service_id,
        "right_faq_id": said.faq_id,
        "done_by": by,
        "done_at": utc_now(),
    }
    return session.scalar(statement.values(values).returning(Review.id)) is not None


def list_examples(session: Session) -> list[Example]:
    """What wrong answers teach, the oldest first: questions, without numbers of people, and what was right."""
    query = select(Review).where(Review.kind == Kind.WRONG_ANSWER, Review.verdict == Verdict.DONE)
    rows = session.scalars(query.where(Review.question != "").order_by(Review.id))
    return [
        Example(mask(one.question), one.right_intent, one.right_service_id, one.right_faq_id, one.language)
        for one in rows
    ]


def mask(text: str) -> str:
    """A text in which nobody can be called, written to or looked up: the digits of what looks like that are zeros."""
    return ADDRESS.sub(MASKED_ADDRESS, NUMBER.sub(lambda found: DIGIT.sub("0", found[0]), text))


def _reviews() -> Select[Review, str]:
    return select(Review, Staff.name).join(Staff, Staff.id == Review.staff_id)


def _line(row: Review, marked_by: str) -> ReviewLine:
    return ReviewLine(
        id=row.id,
        kind=Kind(row.kind),
        question=row.question,
        answer=row.answer,
        language=row.language,
        intent=row.intent,
        service_id=row.service_id,
        case_id=row.case_id,
        marked_by=marked_by,
        created_at=row.created_at,
        done_at=row.done_at,
        right_faq_id=row.right_faq_id,
    )


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
