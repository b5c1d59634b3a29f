"""Second thoughts: a message that is held for a moment can be taken back, and is as good as never written."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.channels.base import Fault
from bot.conversations import queries as conversations
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Delivery
from bot.deliveries.models import DeliveryRow
from bot.deliveries.moves import end
from bot.deliveries.states import State


def hold(session: Session, message_id: int, until: dt.datetime) -> None:
    """Have a delivery that was just queued wait; what was under way before stays so."""
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.message_id == message_id, DeliveryRow.state == State.WAITING, DeliveryRow.taken_at.is_(None))
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )


def withdraw(session: Session, message_id: int) -> bool:
    """Take a held message back; gives whether that was in time."""
    row = session.get(DeliveryRow, message_id, with_for_update=True, populate_existing=True)
    if row is not None and row.taken_at is not None:
        return False
    taken_back = session.scalars(
        update(Message)
        .where(Message.id == message_id, Message.status.in_((Delivery.HELD, Delivery.WITHDRAWN)))
        .values(status=Delivery.WITHDRAWN)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    if taken_back and row is not None:
        session.delete(row)
        session.flush()
    return bool(taken_back)


def give_up_unsent(session: Session, beginning: str, *, citizen_id: uuid.UUID) -> int:
    """What was written to a citizen under keys that begin so and has not left is wanted no more; gives how many."""
    rows = session.scalars(
        select(DeliveryRow)
        .join(Message, Message.id == DeliveryRow.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.citizen_id == citizen_id,
            Message.key.startswith(beginning, autoescape=True),
            DeliveryRow.state.in_((State.WAITING, State.PARKED)),
        )
        .order_by(DeliveryRow.message_id)
        .with_for_update(of=DeliveryRow)
    ).all()
    for row in rows:
        end(session, row, Fault.ADDRESS, "unwanted", "The citizen wants it no more.")
    return len(rows)


def release(session: Session, conversation_id: uuid.UUID) -> Sequence[int]:
    """Let go all that is held in a conversation; gives the messages."""
    held = select(Message.id).where(Message.conversation_id == conversation_id, Message.status == Delivery.HELD)
    ids = session.scalars(held.order_by(Message.id)).all()
    sent = session.scalars(
        update(DeliveryRow)
        .where(DeliveryRow.message_id.in_(ids), DeliveryRow.state == State.WAITING)
        .values(due_at=func.now())
        .returning(DeliveryRow.message_id)
        .execution_options(synchronize_session=False)
    ).all()
    _raise(session, sent, Delivery.QUEUED)
    _raise(session, [one for one in ids if one not in sent], Delivery.SENT)
    return ids


def release_due(session: Session, *, channels: Sequence[str], limit: int = 500) -> Sequence[tuple[int, uuid.UUID]]:
    """Show what was held long enough where to keep is to deliver; gives messages with their conversations."""
    query = (
        select(Message.id, Message.conversation_id)
        .where(Message.status == Delivery.HELD, Message.held_until <= func.now(), Message.channel.in_(channels))
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [(message_id, conversation_id) for message_id, conversation_id in session.execute(query)]
    _raise(session, [message_id for message_id, _ in found], Delivery.SENT)
    return found


def _raise(session: Session, ids: Sequence[int], status: Delivery) -> None:
    for message_id in ids:
        conversations.raise_status(session, message_id, status)
