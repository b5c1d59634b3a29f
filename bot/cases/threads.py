"""A case opened: its card, and the talk with what staff noted and what happened, from the newest back."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.accounts.models import Staff
from bot.cases import queries
from bot.cases.lists import get_row
from bot.cases.models import Case, CaseEvent, Mention, Note
from bot.cases.schemas import Card, EarlierCase, EventLine, NoteLine, Talk, Thread, ThreadLine
from bot.cases.states import Ending, Event, Reason
from bot.citizens.models import Address
from bot.conversations import queries as conversations
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Owner
from bot.deliveries.models import DeliveryRow
from bot.media.models import MediaFile

EARLIER = 10
_EVER = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)


def get_card(session: Session, case_id: uuid.UUID) -> Card:
    """What stands above a thread, in four queries; raises LookupError."""
    row, case = get_row(session, case_id), queries.get_case(session, case_id)
    talk = select(Conversation, Address).join(Address, Address.id == Conversation.address_id)
    conversation, address = session.execute(talk.where(Conversation.id == case.conversation_id)).one()
    return Card(
        row=row,
        owner=Owner(conversation.state),
        citizen_id=conversation.citizen_id,
        address_id=address.id,
        previous_id=conversation.previous_id,
        window_expires_at=address.window_expires_at,
        tried=case.tried,
        promised=case.promised,
        claimed_at=case.claimed_at,
        first_answered_at=case.first_answered_at,
        comment=case.comment,
        ending=Ending(case.ending) if case.ending else None,
        earlier=list_earlier(session, conversation.citizen_id, besides=case.id),
    )


def list_earlier(session: Session, citizen_id: uuid.UUID, *, besides: uuid.UUID | None = None) -> list[EarlierCase]:
    """The last episodes of help of a citizen's, newest first."""
    query = select(Case).join(Conversation, Conversation.id == Case.conversation_id)
    query = query.where(Conversation.citizen_id == citizen_id, Case.id != besides).order_by(Case.opened_at.desc())
    return [
        EarlierCase(
            id=one.id,
            conversation_id=one.conversation_id,
            reason=Reason(one.reason),
            question=one.question,
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            ending=Ending(one.ending) if one.ending else None,
            rating=one.rating,
        )
        for one in session.scalars(query.limit(EARLIER))
    ]


def find_talk(session: Session, conversation_id: uuid.UUID) -> Talk | None:
    """A conversation, whether or not people ever had to do with it."""
    query = select(Conversation, Address.channel).join(Address, Address.id == Conversation.address_id)
    found = session.execute(query.where(Conversation.id == conversation_id)).first()
    if found is None:
        return None
    conversation, channel = found
    return Talk(conversation.id, channel, conversation.language, Owner(conversation.state))


def read_thread(
    session: Session, conversation_id: uuid.UUID, *, before_id: int | None = None, limit: int = 50
) -> Thread:
    """The last messages of a conversation (before one), with the notes and events of their time: four queries."""
    query = (
        select(Message, Staff.name, DeliveryRow.state, DeliveryRow.fault, DeliveryRow.code, MediaFile)
        .outerjoin(Staff, Staff.id == Message.staff_id)
        .outerjoin(DeliveryRow, DeliveryRow.message_id == Message.id)
        .outerjoin(MediaFile, MediaFile.message_id == Message.id)
        .where(Message.conversation_id == conversation_id)
    )
    if before_id is not None:
        query = query.where(Message.id < before_id)
    found = session.execute(query.order_by(Message.id.desc()).limit(limit + 1)).all()
    shown, has_earlier = found[:limit][::-1], len(found) > limit
    lines = [_line(message, name, (state, fault, code), media) for message, name, state, fault, code, media in shown]
    begin = lines[0].created_at if lines and has_earlier else _EVER[0]
    end = _EVER[1] if before_id is None else conversations.get_message(session, before_id).created_at
    notes, events = _notes(session, conversation_id), _events(session, conversation_id)
    return Thread(
        lines,
        [one for one in notes if begin <= one.created_at < end],
        [one for one in events if begin <= one.created_at < end],
        has_earlier,
    )


def _line(
    message: Message, name: str | None, delivery: tuple[str | None, str | None, str | None], media: MediaFile | None
) -> ThreadLine:
    state, fault, code = delivery
    return ThreadLine(
        id=message.id,
        direction=message.direction,
        author=message.author,
        staff_id=message.staff_id,
        staff_name=name,
        kind=message.kind,
        text=message.payload.get("sent_as", {}).get("text", message.body),
        payload=message.payload,
        language=message.language,
        outcome=message.outcome,
        status=message.status,
        held_until=message.held_until,
        delivery=state,
        fault=fault,
        code=code,
        media=_file(media) if media else None,
        created_at=message.created_at,
    )


def _file(media: MediaFile) -> dict[str, Any]:
    return {
        "kind": media.kind,
        "state": media.state,
        "mime_type": media.mime_type,
        "name": media.given_name,
        "size": media.size,
    }


def _notes(session: Session, conversation_id: uuid.UUID) -> Sequence[NoteLine]:
    called = select(func.array_agg(Mention.staff_id)).where(Mention.note_id == Note.id).scalar_subquery()
    query = select(Note, Staff.name, called).outerjoin(Staff, Staff.id == Note.staff_id)
    query = query.where(Note.conversation_id == conversation_id).order_by(Note.id)
    return [
        NoteLine(note.id, note.staff_id, name, note.body, mentions or [], note.created_at)
        for note, name, mentions in session.execute(query)
    ]


def _events(session: Session, conversation_id: uuid.UUID) -> Sequence[EventLine]:
    query = select(CaseEvent, Staff.name).join(Case, Case.id == CaseEvent.case_id)
    query = query.outerjoin(Staff, Staff.id == CaseEvent.staff_id)
    query = query.where(Case.conversation_id == conversation_id).order_by(CaseEvent.id)
    return [
        EventLine(one.id, one.case_id, Event(one.kind), one.staff_id, name, one.details, one.created_at)
        for one, name in session.execute(query)
    ]
