"""Conversations and messages in the database."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.citizens.models import Address
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Delivery, Direction, Owner
from bot.db.base import utc_now

# The order in which a message's delivery goes; a status never goes back. A vendor may take a message and then fail to
# deliver it, and tell of these two in the wrong order: who received it has received it.
RANK = {
    Delivery.QUEUED: 0,
    Delivery.PARKED: 1,
    Delivery.SENDING: 2,
    Delivery.UNKNOWN: 3,
    Delivery.SENT: 4,
    Delivery.FAILED: 5,
    Delivery.DELIVERED: 6,
    Delivery.READ: 7,
}


def find_open_conversation(session: Session, *, address_id: uuid.UUID, lock: bool = False) -> Conversation | None:
    """The newest conversation at an address that is not closed."""
    query = (
        select(Conversation)
        .where(Conversation.address_id == address_id, Conversation.state != Owner.CLOSED)
        .order_by(Conversation.created_at.desc())
        .limit(1)
    )
    return session.scalar(query.with_for_update() if lock else query)


def lock_address(session: Session, address_id: uuid.UUID) -> None:
    """Let nobody else open or close a conversation at an address; taken before any lock on a conversation."""
    session.execute(select(Address.id).where(Address.id == address_id).with_for_update())


def find_or_add_conversation(session: Session, address: Address) -> Conversation:
    """The open conversation at an address, locked for this transaction; a new one when there is none."""
    # Two first messages must not open two conversations.
    lock_address(session, address.id)
    found = find_open_conversation(session, address_id=address.id, lock=True)
    if found is None:
        found = Conversation(citizen_id=address.citizen_id, address_id=address.id)
        session.add(found)
        session.flush()
    return found


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
        .values(direction=Direction.IN, author="citizen", status=Delivery.RECEIVED, **values)
        .on_conflict_do_nothing(index_elements=["channel", "vendor_id"])
        .returning(Message)
    )
    if added is not None:
        return added, True
    query = select(Message).where(Message.channel == values["channel"], Message.vendor_id == values["vendor_id"])
    return session.scalars(query).one(), False


def add_outbound(session: Session, key: str, values: dict[str, Any]) -> int:
    """Keep a message to a citizen, once per key; gives its id."""
    added = session.execute(
        insert(Message)
        .values({"status": Delivery.QUEUED, **values, "direction": Direction.OUT, "key": key})
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Message.id)
    ).scalar()
    if added is not None:
        return added
    return session.scalars(select(Message.id).where(Message.key == key)).one()


def has_issued_button(session: Session, *, conversation_id: uuid.UUID, payload: str) -> bool:
    """Whether we offered a button with this payload in a conversation."""
    query = select(Message.id).where(
        Message.conversation_id == conversation_id,
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


def raise_status(session: Session, message_id: int, status: Delivery, *, vendor_id: str | None = None) -> None:
    """Note how far a message got, never backwards."""
    lower = [known.value for known, rank in RANK.items() if rank < RANK[status]]
    values: dict[str, Any] = {"status": status.value}
    if vendor_id is not None:
        values["vendor_id"] = vendor_id
    session.execute(update(Message).where(Message.id == message_id, Message.status.in_(lower)).values(**values))


def reset_status(session: Session, message_id: int) -> None:
    """Let a message that failed be sent once more."""
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.status == Delivery.FAILED)
        .values(status=Delivery.QUEUED)
    )


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


def close_conversation(session: Session, conversation: Conversation, at: dt.datetime | None = None) -> None:
    """End a conversation; the next message opens a new one."""
    conversation.state = Owner.CLOSED
    conversation.version += 1
    conversation.updated_at = at or utc_now()
