"""The record of a talk: what came in, who owns it, what was answered. Every step may run twice and counts once."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.citizens.models import Address
from bot.citizens.service import AddressBook
from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Button, Inbound, Line, Link, Outbound
from bot.conversations.states import Author, Delivery, Direction, Outcome, Owner
from bot.nlu.text import clean


@dataclass(frozen=True)
class Recorded:
    """A citizen's message as kept, and what its turn needs to know."""

    message_id: int
    conversation_id: uuid.UUID
    address_id: uuid.UUID
    owner: Owner
    is_new: bool


@dataclass(frozen=True)
class ReplyValues:
    """One reply to keep: its text, language, buttons and links."""

    text: str
    language: str
    buttons: Sequence[Button]
    links: Sequence[Link]


@dataclass(frozen=True)
class TurnRecord:
    """What a turn came to, as kept on the citizen's message."""

    intent: str | None
    confidence: float
    language: str
    service_id: str | None
    outcome: Outcome
    took_ms: int
    details: dict[str, Any]


def record_inbound(session: Session, book: AddressBook, inbound: Inbound) -> Recorded:
    """Keep a message in its conversation, which opens with the first one."""
    address = book.find_or_add(session, channel=inbound.channel, kind=inbound.address_kind, value=inbound.address)
    conversation = queries.find_or_add_conversation(session, address)
    message, is_new = queries.add_inbound(
        session,
        {
            "conversation_id": conversation.id,
            "channel": inbound.channel,
            "vendor_id": inbound.vendor_id,
            "kind": inbound.kind.value,
            "body": clean(inbound.text),
            "payload": _payload(inbound),
        },
    )
    return Recorded(message.id, message.conversation_id, address.id, Owner(conversation.state), is_new)


def _payload(inbound: Inbound) -> dict[str, Any]:
    values: dict[str, Any] = {"payload": inbound.payload, "latitude": inbound.latitude, "longitude": inbound.longitude}
    if inbound.media is not None:
        values["media"] = asdict(inbound.media)
    return {key: value for key, value in values.items() if value not in (None, "")}


def keep_replies(
    session: Session,
    message_id: int,
    record: TurnRecord,
    replies: Sequence[ReplyValues],
    memory: Callable[[Conversation], dict[str, Any]],
    status: Delivery = Delivery.QUEUED,
) -> list[int]:
    """Keep what a turn came to and its replies, unless the bot no longer owns the conversation.

    `memory` gives columns of the conversation (language, service_id, context …). Gives the replies' ids.
    """
    message = queries.get_message(session, message_id)
    conversation = queries.get_conversation(session, message.conversation_id, lock=True)
    if message.outcome is not None:  # This step ran before, and its work was kept.
        return list(queries.list_replies(session, answers_id=message_id))
    owner = Owner(conversation.state)
    _note_turn(message, record, owner)
    if owner is not Owner.BOT:
        return []
    for column, value in memory(conversation).items():
        setattr(conversation, column, value)
    return [
        queries.add_outbound(session, f"reply:{message_id}:{number}", _reply_row(message, reply) | {"status": status})
        for number, reply in enumerate(replies)
    ]


def _note_turn(message: Message, record: TurnRecord, owner: Owner) -> None:
    message.intent = record.intent
    message.confidence = record.confidence
    message.language = record.language
    message.service_id = record.service_id
    message.outcome = record.outcome if owner is Owner.BOT else Outcome.LEFT_TO_STAFF
    message.took_ms = record.took_ms
    message.payload = {**message.payload, **record.details}


def _reply_row(message: Message, reply: ReplyValues) -> dict[str, Any]:
    return {
        "conversation_id": message.conversation_id,
        "channel": message.channel,
        "author": Author.BOT,
        "kind": "text",
        "body": reply.text,
        "payload": {
            "buttons": [asdict(button) for button in reply.buttons],
            "links": [asdict(link) for link in reply.links],
        },
        "language": reply.language,
        "answers_id": message.id,
    }


def leave_to_staff(session: Session, message_id: int) -> None:
    """Note that nobody but staff answers this message."""
    message = queries.get_message(session, message_id)
    message.outcome = message.outcome or Outcome.LEFT_TO_STAFF


def outbound_of(session: Session, book: AddressBook, message_id: int) -> Outbound:
    """A message to send."""
    message = queries.get_message(session, message_id)
    conversation = queries.get_conversation(session, message.conversation_id)
    address = session.get_one(Address, conversation.address_id)
    return Outbound(
        message_id,
        book.value_of(address),
        message.body,
        [Button(**button) for button in message.payload.get("buttons", ())],
        [Link(**link) for link in message.payload.get("links", ())],
        message.language,
        conversation.id,
    )


def open_conversation(
    session: Session, book: AddressBook, *, channel: str, kind: str, address: str, anew: bool
) -> uuid.UUID:
    """The conversation at an address, opened if need be; `anew` closes the one before, unless staff hold it."""
    known = book.find_or_add(session, channel=channel, kind=kind, value=address)
    queries.lock_address(session, known.id)
    before = queries.find_open_conversation(session, address_id=known.id, lock=True)
    if anew and before is not None and Owner(before.state) is Owner.BOT:
        queries.close_conversation(session, before)
        session.flush()
    return queries.find_or_add_conversation(session, known).id


def find_conversation_id(session: Session, book: AddressBook, *, channel: str, address: str) -> uuid.UUID | None:
    """The open conversation at an address, or None."""
    known = book.find(session, channel=channel, value=address)
    found = queries.find_open_conversation(session, address_id=known.id) if known else None
    return found.id if found else None


def list_lines(session: Session, *, conversation_id: uuid.UUID, after_id: int) -> list[Line]:
    """What was said in a conversation after a message, oldest first, as both sides may see it."""
    rows = queries.list_messages_after(session, conversation_id=conversation_id, after_id=after_id)
    return [_line(row) for row in rows]


def _line(row: Message) -> Line:
    ours = row.direction == Direction.OUT
    return Line(
        id=row.id,
        vendor_id=None if ours else row.vendor_id,
        author=Author(row.author),
        text=row.body,
        buttons=[Button(**button) for button in row.payload.get("buttons", ())] if ours else [],
        links=[Link(**link) for link in row.payload.get("links", ())] if ours else [],
        language=row.language,
        created_at=row.created_at,
    )
