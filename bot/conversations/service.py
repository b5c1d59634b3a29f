"""The record of a talk: what came in, who owns it, what was answered. Every step may run twice and counts once."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import Any

from sqlalchemy.orm import Session

from bot.citizens.models import Address
from bot.citizens.service import AddressBook
from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.moves import move_owner
from bot.conversations.schemas import (
    ApprovedText,
    Attachment,
    Button,
    Inbound,
    Line,
    Link,
    Offer,
    Outbound,
    TemplateUse,
)
from bot.conversations.states import Author, Delivery, Direction, Outcome, Owner
from bot.nlu.text import clean


@dataclass(frozen=True)
class Recorded:
    """A citizen's message as kept, and what its turn needs to know.

    `left_address_id` is where the citizen wrote from before, if that was another address.
    """

    message_id: int
    conversation_id: uuid.UUID
    address_id: uuid.UUID
    left_address_id: uuid.UUID | None
    owner: Owner
    is_new: bool
    # What the message's turn came to was kept: the turn runs again after a crash.
    is_over: bool
    # The talk before, as long as nothing was answered in this one.
    previous_id: uuid.UUID | None = None
    # The rows themselves: as long as somebody holds them, the session need not read them again.
    rows: tuple[object, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class ReplyValues:
    """One message to keep: its text, language, buttons and links, and which page of the buttons it shows.

    `template` may be sent instead where free text is not allowed; `file` goes with the text, which may be empty then.
    """

    text: str
    language: str
    buttons: Sequence[Button] = ()
    links: Sequence[Link] = ()
    page: int = 0
    template: TemplateUse | None = None
    file: Attachment | None = None


@dataclass(frozen=True)
class Origin:
    """Whose a message is that answers nothing: its key makes it once; until `held_until` it can be taken back."""

    author: Author
    key: str
    staff_id: uuid.UUID | None = None
    held_until: dt.datetime | None = None


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
    """Keep a message in its conversation, which opens with the first and goes on where the citizen wrote from last."""
    address = book.find_or_add(
        session,
        channel=inbound.channel,
        kind=inbound.address_kind,
        value=inbound.address,
        others=inbound.other_addresses,
    )
    citizen = queries.lock_citizen(session, address)
    conversation = queries.find_or_add_conversation(session, address)
    left_address_id = queries.move_conversation(session, conversation, address)
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
    owner = Owner(conversation.state)
    is_fresh = conversation.session_turns == 0 and conversation.rasa_session == 0
    previous_id = conversation.previous_id if is_fresh else None
    return Recorded(
        message.id,
        message.conversation_id,
        address.id,
        left_address_id,
        owner,
        is_new,
        message.outcome is not None,
        previous_id,
        rows=(address, citizen, conversation, message),
    )


def _payload(inbound: Inbound) -> dict[str, Any]:
    values: dict[str, Any] = {"payload": inbound.payload, "latitude": inbound.latitude, "longitude": inbound.longitude}
    if inbound.media is not None:
        values["media"] = asdict(inbound.media)
    return {key: value for key, value in values.items() if value not in (None, "")}


def keep_replies(
    session: Session,
    locked: tuple[Message, Conversation],
    record: TurnRecord,
    replies: Sequence[ReplyValues],
    memory: Callable[[Conversation], dict[str, Any]],
    status: Delivery = Delivery.QUEUED,
) -> list[int]:
    """Keep what a turn came to and its replies, unless the bot no longer owns the conversation.

    `locked` is the turn's message and its conversation, locked before.
    `memory` gives columns of the conversation (language, service_id, context …). Gives the replies' ids. Who waits for
    a person and is in danger is told what to do all the same.
    """
    message, conversation = locked
    if message.outcome is not None:  # This turn ran before, and its work was kept.
        return list(queries.list_replies(session, answers_id=message.id))
    owner = Owner(conversation.state)
    is_said = owner is Owner.BOT or (owner is Owner.WAITING and record.outcome is Outcome.EMERGENCY)
    _note_turn(message, record, is_said=is_said)
    if not is_said:
        return []
    for column, value in memory(conversation).items():
        setattr(conversation, column, value)
    return [
        keep_reply(session, message, reply, number=str(number), status=status) for number, reply in enumerate(replies)
    ]


def keep_reply(session: Session, message: Message, reply: ReplyValues, *, number: str, status: Delivery) -> int:
    """Keep one reply to a message, once for each `number`; gives its id."""
    row = _reply_row(message, reply) | {"status": status}
    return queries.add_outbound(session, f"reply:{message.id}:{number}", row)


def _note_turn(message: Message, record: TurnRecord, *, is_said: bool) -> None:
    message.intent = record.intent
    message.confidence = record.confidence
    message.language = record.language
    message.service_id = record.service_id
    message.outcome = record.outcome if is_said else Outcome.LEFT_TO_STAFF
    message.took_ms = record.took_ms
    message.payload = {**message.payload, **record.details}


def _reply_row(message: Message, reply: ReplyValues) -> dict[str, Any]:
    return _row_of(reply, message.conversation_id, message.channel, Author.BOT) | {"answers_id": message.id}


def _row_of(reply: ReplyValues, conversation_id: uuid.UUID, channel: str, author: Author) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "buttons": [asdict(button) for button in reply.buttons],
        "links": [asdict(link) for link in reply.links],
    }
    if reply.page:
        payload["page"] = reply.page
    if reply.template is not None:
        payload["template"] = asdict(reply.template)
    if reply.file is not None:
        payload["file"] = asdict(reply.file)
    return {
        "conversation_id": conversation_id,
        "channel": channel,
        "author": author,
        "kind": "text",
        "body": reply.text,
        "payload": payload,
        "language": reply.language,
    }


def keep_message(
    session: Session,
    conversation: Conversation,
    words: ReplyValues,
    origin: Origin,
    status: Delivery = Delivery.QUEUED,
) -> int:
    """Keep a message of ours that answers nothing, once per key; gives its id."""
    channel = session.get_one(Address, conversation.address_id).channel
    row = _row_of(words, conversation.id, channel, origin.author)
    how = {"status": status, "staff_id": origin.staff_id, "held_until": origin.held_until}
    return queries.add_outbound(session, origin.key, row | how)


def template_of(session: Session, message_id: int) -> tuple[TemplateUse | None, str | None]:
    """The template that may be sent instead of a message, if it names one, and the message's language."""
    message = queries.get_message(session, message_id)
    named = message.payload.get("template")
    return TemplateUse(**named) if named else None, message.language


def note_sent_as(session: Session, message_id: int, approved: ApprovedText | None) -> None:
    """What a message is sent as instead of itself: part of the record, as it is what the citizen reads."""
    message = queries.get_message(session, message_id)
    kept = {name: value for name, value in message.payload.items() if name != "sent_as"}
    message.payload = kept | ({"sent_as": asdict(approved)} if approved is not None else {})


def leave_to_staff(session: Session, message_id: int) -> None:
    """Note that nobody but staff answers this message."""
    message = queries.get_message(session, message_id)
    message.outcome = message.outcome or Outcome.LEFT_TO_STAFF


def outbound_of(session: Session, book: AddressBook, message_id: int, *, address_id: uuid.UUID) -> Outbound:
    """A message to send to one of its citizen's addresses; raises LookupError."""
    return _outbound(queries.get_message(session, message_id), book.value_of(session.get_one(Address, address_id)))


def outbounds_of(session: Session, book: AddressBook, addressed: Mapping[int, uuid.UUID]) -> dict[int, Outbound]:
    """Messages to send, by their ids, each to the address that is given for it."""
    addresses = {one.id: book.value_of(one) for one in queries.list_addresses(session, set(addressed.values()))}
    messages = queries.list_messages(session, addressed)
    return {one.id: _outbound(one, addresses[addressed[one.id]]) for one in messages}


def _outbound(message: Message, address: str) -> Outbound:
    sent_as = message.payload.get("sent_as")
    return Outbound(
        message.id,
        address,
        message.body,
        [Button(**button) for button in message.payload.get("buttons", ())],
        [Link(**link) for link in message.payload.get("links", ())],
        message.language,
        message.conversation_id,
        ApprovedText(**sent_as) if sent_as else None,
        message.payload.get("page", 0),
        _file_of(message),
    )


def _file_of(message: Message) -> Attachment | None:
    file = message.payload.get("file")
    return Attachment(**file) if file else None


def find_last_offer(session: Session, *, conversation_id: uuid.UUID) -> Offer | None:
    """What our last message in a conversation lets the citizen choose from."""
    found = queries.find_last_outbound(session, conversation_id=conversation_id)
    return Offer(found.id, len(found.payload.get("buttons", ())), found.payload.get("page", 0)) if found else None


def find_page(session: Session, message_id: int, page: int, *, conversation_id: uuid.UUID) -> ReplyValues | None:
    """Another page of the choices of a message; None for one that is not ours to this conversation."""
    message = queries.find_outbound(session, message_id, conversation_id=conversation_id)
    if message is None or message.language is None:
        return None
    buttons = [Button(**button) for button in message.payload.get("buttons", ())]
    return ReplyValues(message.body, message.language, buttons, page=page)


def open_conversation(
    session: Session, book: AddressBook, *, channel: str, kind: str, address: str, anew: bool
) -> uuid.UUID:
    """The conversation at an address, opened if need be; `anew` closes the one before, unless staff hold it."""
    known = book.find_or_add(session, channel=channel, kind=kind, value=address)
    queries.lock_citizen(session, known)
    before = queries.find_open_conversation(session, known, lock=True)
    if anew and before is not None and Owner(before.state) is Owner.BOT:
        move_owner(session, before, Owner.CLOSED)
    return queries.find_or_add_conversation(session, known).id


def find_conversation_id(session: Session, book: AddressBook, *, channel: str, address: str) -> uuid.UUID | None:
    """The open conversation at an address, else the one that was closed last, or None."""
    known = book.find(session, channel=channel, value=address)
    if known is None:
        return None
    found = queries.find_open_conversation(session, known) or queries.find_last_conversation(session, known)
    return found.id if found else None


def list_lines(session: Session, *, conversation_id: uuid.UUID, after_id: int) -> list[Line]:
    """What was said in a conversation after a message, oldest first, as both sides may see it.

    What is held back holds up what follows it: the order stays.
    """
    rows = queries.list_messages_after(session, conversation_id=conversation_id, after_id=after_id)
    shown = takewhile(lambda row: row.status != Delivery.HELD, rows)
    return [_line(row) for row in shown if row.status != Delivery.WITHDRAWN]


def _line(row: Message) -> Line:
    ours = row.direction == Direction.OUT
    return Line(
        id=row.id,
        vendor_id=None if ours else row.vendor_id,
        author=Author(row.author),
        text=row.payload.get("sent_as", {}).get("text", row.body),
        buttons=[Button(**button) for button in row.payload.get("buttons", ())] if ours else [],
        links=[Link(**link) for link in row.payload.get("links", ())] if ours else [],
        language=row.language,
        created_at=row.created_at,
        file=_file_of(row) if ours else None,
    )
