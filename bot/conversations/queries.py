"""Conversations and messages in the database."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, Update, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.citizens.models import Address, Citizen
from bot.conversations.models import Conversation, Message
from bot.conversations.moves import move_owner
from bot.conversations.states import Author, Delivery, Direction, Owner
from bot.conversations.words import folded
from bot.db.news import note

# The order in which a message's delivery goes; a status never goes back. A vendor may take a message and then fail to
# deliver it, and tell of these two in the wrong order: who received it has received it.
RANK = {
    Delivery.HELD: -1,
    Delivery.QUEUED: 0,
    Delivery.PARKED: 1,
    Delivery.SENDING: 2,
    Delivery.UNKNOWN: 3,
    Delivery.SENT: 4,
    Delivery.FAILED: 5,
    Delivery.DELIVERED: 6,
    Delivery.READ: 7,
}


# Asked for every delivery: put together once.
_MESSAGES = select(Message).where(Message.id.in_(bindparam("ids", expanding=True)))
_ADDRESSES = select(Address).where(Address.id.in_(bindparam("ids", expanding=True)))


def find_open_conversation(session: Session, address: Address, *, lock: bool = False) -> Conversation | None:
    """The conversation of an address's citizen that is not closed; staff's before the bot's."""
    query = _open_conversations(address).limit(1)
    return session.scalar(query.with_for_update(of=Conversation) if lock else query)


def lock_citizen(session: Session, address: Address) -> Citizen:
    """The citizen of an address, whose conversations nobody else may open or close meanwhile.

    Taken before any lock on a conversation.
    """
    query = select(Citizen).join(Address, Address.citizen_id == Citizen.id).where(Address.id == address.id)
    query = query.with_for_update(of=Citizen, key_share=True)
    # Whoever held the lock may have made one citizen of two: then the address belongs to the other.
    citizen = session.scalar(query) or session.scalars(query).one()
    if citizen.id != address.citizen_id:
        session.refresh(address)
    return citizen


def find_or_add_conversation(session: Session, address: Address) -> Conversation:
    """The open conversation of an address's citizen, locked for this transaction; a new one when there is none.

    The citizen has been locked: two first messages must not open two conversations.
    """
    found = session.scalars(_open_conversations(address).with_for_update(of=Conversation)).all()
    if not found:
        previous = find_last_conversation(session, address)
        fresh = Conversation(
            citizen_id=address.citizen_id,
            address_id=address.id,
            previous_id=previous.id if previous else None,
        )
        session.add(fresh)
        session.flush()
        return fresh
    for other in found[1:]:
        if Owner(other.state) is Owner.BOT:
            _take_over(session, found[0], other)
    return found[0]


def move_conversation(session: Session, conversation: Conversation, address: Address) -> uuid.UUID | None:
    """Let a conversation go on at an address; gives the id of the one before, if it was another."""
    before = conversation.address_id
    if before == address.id:
        return None
    conversation.address_id = address.id
    session.flush()
    return before


def find_last_conversation(session: Session, address: Address) -> Conversation | None:
    """The conversation of an address's citizen, closed or not, that something happened in last."""
    query = _conversations(address).order_by(Conversation.updated_at.desc(), Conversation.id)
    return session.scalar(query.limit(1))


def _open_conversations(address: Address) -> Select[Conversation]:
    """Those that are not closed, staff's first, then the one that something happened in last."""
    return (
        _conversations(address)
        .where(Conversation.state != Owner.CLOSED)
        .order_by(Conversation.state == Owner.BOT, Conversation.updated_at.desc(), Conversation.id)
    )


def _conversations(address: Address) -> Select[Conversation]:
    """Of a citizen at all addresses of a channel."""
    return (
        select(Conversation)
        .join(Address, Address.id == Conversation.address_id)
        .where(Conversation.citizen_id == address.citizen_id, Address.channel == address.channel)
    )


def _take_over(session: Session, conversation: Conversation, other: Conversation) -> None:
    """Two citizens turned out to be one: what was said in the other conversation goes on in this one."""
    moved = update(Message).where(Message.conversation_id == other.id).values(conversation_id=conversation.id)
    session.execute(moved)
    move_owner(session, other, Owner.CLOSED)


def get_message_and_conversation(session: Session, message_id: int) -> tuple[Message, Conversation]:
    """A message and, locked for this transaction, the conversation that it is in; raises LookupError."""
    message = get_message(session, message_id)
    conversation = get_conversation(session, message.conversation_id, lock=True)
    session.refresh(message, ["conversation_id", "outcome"])
    if message.conversation_id != conversation.id:  # It was moved while we waited for the lock.
        conversation = get_conversation(session, message.conversation_id, lock=True)
    return message, conversation


def get_conversation(session: Session, conversation_id: uuid.UUID, *, lock: bool = False) -> Conversation:
    """A conversation; raises LookupError."""
    found = session.get(Conversation, conversation_id, with_for_update=lock)
    if found is None:
        raise LookupError(f"no conversation {conversation_id}")
    return found


def add_inbound(session: Session, values: dict[str, Any]) -> tuple[Message, bool]:
    """Keep a citizen's message, once per vendor id; tells whether it is new."""
    added = session.scalar(
        insert(Message)
        .values(
            direction=Direction.IN,
            author="citizen",
            status=Delivery.RECEIVED,
            folded=folded(values.get("body", "")),
            **values,
        )
        .on_conflict_do_nothing(index_elements=["channel", "vendor_id"])
        .returning(Message)
    )
    if added is not None:
        return added, True
    query = select(Message).where(Message.channel == values["channel"], Message.vendor_id == values["vendor_id"])
    return session.scalars(query).one(), False


def is_unchanged(session: Session, *, conversation_id: uuid.UUID, vendor_id: str, within: int) -> bool:
    """Whether an edit among the last messages says what its message said before.

    The id of an edit is that of its message with the moment after a colon.
    """
    first = vendor_id.rpartition(":")[0]
    query = select(Message).where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
    newest = session.scalars(query.order_by(Message.id.desc()).limit(within))
    versions = [one for one in newest if f"{one.vendor_id}:".startswith(f"{first}:")]
    said = [(one.body, one.payload.get("media")) for one in versions]
    return len(said) > 1 and said[0] == said[1]


def add_outbound(session: Session, key: str, values: dict[str, Any]) -> int:
    """Keep a message to a citizen, once per key; gives its id."""
    added = session.execute(
        insert(Message)
        .values(
            {
                "status": Delivery.QUEUED,
                "folded": folded(values.get("body", "")),
                **values,
                "direction": Direction.OUT,
                "key": key,
            }
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Message.id)
    ).scalar()
    if added is not None:
        return added
    return session.scalars(select(Message.id).where(Message.key == key)).one()


def find_by_key(session: Session, key: str) -> Message | None:
    """The message to a citizen that was kept under a key."""
    return session.scalar(select(Message).where(Message.key == key))


def has_issued_button(session: Session, *, conversation_ids: Collection[uuid.UUID], payload: str) -> bool:
    """Whether we offered a button with this payload in one of these conversations."""
    query = select(Message.id).where(
        Message.conversation_id.in_(conversation_ids),
        Message.direction == Direction.OUT,
        Message.payload.contains({"buttons": [{"payload": payload}]}),
    )
    return session.scalar(query.limit(1)) is not None


def list_offered(session: Session, *, conversation_id: uuid.UUID, messages: int) -> Sequence[list[str]]:
    """The payloads of the buttons of our last messages in a conversation, newest message first."""
    query = (
        select(Message.payload)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.OUT)
        .order_by(Message.id.desc())
        .limit(messages)
    )
    return [[button["payload"] for button in payload.get("buttons") or ()] for payload in session.scalars(query)]


def find_last_outbound(session: Session, *, conversation_id: uuid.UUID) -> Message | None:
    """Our last message in a conversation."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.direction == Direction.OUT)
    return session.scalar(query.order_by(Message.id.desc()).limit(1))


def find_outbound(session: Session, message_id: int, *, conversation_id: uuid.UUID) -> Message | None:
    """A message of ours in a conversation; None for another's, or a citizen's."""
    query = select(Message).where(Message.id == message_id, Message.conversation_id == conversation_id)
    return session.scalar(query.where(Message.direction == Direction.OUT))


def count_inbound_since(session: Session, *, conversation_id: uuid.UUID, since: dt.datetime, most: int) -> int:
    """How many messages came since a moment; counts no further than `most`."""
    newest = (
        select(Message.created_at)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(most)
    )
    return sum(moment >= since for moment in session.scalars(newest))


def get_message(session: Session, message_id: int) -> Message:
    """A message; raises LookupError."""
    found = session.get(Message, message_id)
    if found is None:
        raise LookupError(f"no message {message_id}")
    return found


def list_messages(session: Session, ids: Collection[int]) -> Sequence[Message]:
    """The messages of these ids."""
    return session.scalars(_MESSAGES, {"ids": list(ids)}).all()


def channel_of(session: Session, conversation: Conversation) -> str:
    """The channel that a citizen wrote by last."""
    return session.get_one(Address, conversation.address_id).channel


def list_addresses(session: Session, ids: Collection[uuid.UUID]) -> Sequence[Address]:
    """The addresses of these ids."""
    return session.scalars(_ADDRESSES, {"ids": list(ids)}).all()


def raise_status(session: Session, message_id: int, status: Delivery, *, vendor_id: str | None = None) -> None:
    """Note how far a message got, never backwards."""
    lower = [known.value for known, rank in RANK.items() if rank < RANK[status]]
    values: dict[str, Any] = {"status": status.value}
    if vendor_id is not None:
        values["vendor_id"] = vendor_id
    _set_status(session, update(Message).where(Message.id == message_id, Message.status.in_(lower)).values(**values))


def _set_status(session: Session, statement: Update) -> None:
    """Change how far a message is known to have got; the desk hears of staff's."""
    changed = session.execute(
        statement.returning(Message.id, Message.conversation_id, Message.author, Message.status)
    ).all()
    for message_id, conversation_id, author, status in changed:
        if author == Author.STAFF:
            note(session, "status", conversation=str(conversation_id), message=message_id, status=status)


def lower_status(session: Session, message_id: int, status: Delivery) -> None:
    """Note that a message did not get as far as its vendor said first; who has received it, has received it."""
    reached = [known.value for known, rank in RANK.items() if rank <= RANK[Delivery.FAILED]]
    moved = update(Message).where(Message.id == message_id, Message.status.in_(reached)).values(status=status.value)
    _set_status(session, moved)


def reset_status(session: Session, message_id: int) -> None:
    """Let a message that failed be sent once more."""
    failed = update(Message).where(Message.id == message_id, Message.status == Delivery.FAILED)
    _set_status(session, failed.values(status=Delivery.QUEUED))


def list_messages_after(
    session: Session, *, conversation_id: uuid.UUID, after_id: int, limit: int = 200
) -> Sequence[Message]:
    """The messages of a conversation after one, oldest first."""
    return session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after_id)
        .order_by(Message.id)
        .limit(limit)
    ).all()


def list_replies(session: Session, *, answers_id: int) -> Sequence[int]:
    """The ids of the replies to a message, in order."""
    return session.scalars(select(Message.id).where(Message.answers_id == answers_id).order_by(Message.id)).all()
