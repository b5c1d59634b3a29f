"""Deliveries in the database: what is next, what is stuck, how far a message got."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from bot.conversations.queries import RANK
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.deliveries.models import DeliveryRow, Part
from bot.deliveries.states import Lane, State


def add_delivery(session: Session, **values: Any) -> None:
    """Put a message on its way, once."""
    session.execute(insert(DeliveryRow).values(**values).on_conflict_do_nothing(index_elements=["message_id"]))


def get_delivery(session: Session, message_id: int, *, lock: bool = False) -> DeliveryRow:
    """A delivery; raises LookupError."""
    found = session.get(DeliveryRow, message_id, with_for_update=lock)
    if found is None:
        raise LookupError(f"no delivery of message {message_id}")
    return found


def find_delivery(session: Session, message_id: int) -> DeliveryRow | None:
    """A delivery, locked for this transaction, or None."""
    return session.get(DeliveryRow, message_id, with_for_update=True)


def take_next(session: Session, *, sender_id: str, lane: Lane, limit: int) -> Sequence[DeliveryRow]:
    """Claim what is due in a lane: of each address only the oldest, and nothing while one of it is under way."""
    earlier = aliased(DeliveryRow)
    overtakes = exists().where(
        earlier.address_id == DeliveryRow.address_id,
        earlier.message_id < DeliveryRow.message_id,
        earlier.state.in_((State.WAITING, State.SENDING)),
    )
    query = (
        select(DeliveryRow)
        .where(
            DeliveryRow.sender_id == sender_id,
            DeliveryRow.lane == lane,
            DeliveryRow.state == State.WAITING,
            DeliveryRow.due_at <= func.now(),
            ~overtakes,
        )
        .order_by(DeliveryRow.due_at, DeliveryRow.message_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.state, row.taken_at = State.SENDING, utc_now()
    return rows


def next_due_at(session: Session, *, sender_id: str) -> dt.datetime | None:
    """When the next waiting delivery of a sender is due."""
    return session.scalar(
        select(func.min(DeliveryRow.due_at)).where(
            DeliveryRow.sender_id == sender_id, DeliveryRow.state == State.WAITING
        )
    )


def list_in_state(
    session: Session, state: State, *, sender_id: str | None = None, before: dt.datetime | None = None, limit: int = 500
) -> Sequence[DeliveryRow]:
    """Deliveries in a state, oldest first; `before` keeps those that were taken before a moment."""
    query = select(DeliveryRow).where(DeliveryRow.state == state).order_by(DeliveryRow.message_id).limit(limit)
    if sender_id is not None:
        query = query.where(DeliveryRow.sender_id == sender_id)
    if before is not None:
        query = query.where(DeliveryRow.taken_at < before)
    return session.scalars(query).all()


def release_parked(session: Session, *, address_id: uuid.UUID) -> int:
    """Let what was parked for an address go now; gives how many."""
    moved = session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.address_id == address_id,
            DeliveryRow.state == State.PARKED,
            DeliveryRow.expires_at > func.now(),
        )
        .values(state=State.WAITING, due_at=func.now(), fault=None, code=None, reason=None)
        .returning(DeliveryRow.message_id)
    )
    return len(moved.all())


def readdress(session: Session, left_id: uuid.UUID, address_id: uuid.UUID, *, sender_id: str) -> None:
    """Have what waits or is parked for one address go to another."""
    session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.address_id == left_id,
            DeliveryRow.sender_id == sender_id,
            DeliveryRow.state.in_((State.WAITING, State.PARKED)),
        )
        .values(address_id=address_id)
    )


def add_part(session: Session, *, message_id: int, number: int, sender_id: str, vendor_id: str) -> None:
    """Note that a vendor took a part, once."""
    values = {"message_id": message_id, "number": number, "sender_id": sender_id, "vendor_id": vendor_id}
    session.execute(insert(Part).values(**values).on_conflict_do_nothing())


def find_part(session: Session, *, sender_id: str, vendor_id: str) -> Part | None:
    """The part that a vendor calls so."""
    return session.scalar(
        select(Part).where(Part.sender_id == sender_id, Part.vendor_id == vendor_id).with_for_update()
    )


def raise_part(part: Part, status: Delivery, code: str | None) -> bool:
    """Note how far a part got, never backwards; tells whether that is news."""
    if RANK[status] <= RANK[Delivery(part.status)]:
        return False
    part.status, part.code = status, code
    return True


def set_aside_parts(session: Session, message_id: int, *, since: int) -> None:
    """Have parts from one on be sent anew; what the vendor calls them stays known, under numbers below zero."""
    parts = session.scalars(select(Part).where(Part.message_id == message_id).order_by(Part.number)).all()
    lowest = min([0, *(part.number for part in parts)])
    for below, part in enumerate((part for part in parts if part.number >= since), start=1):
        part.number = lowest - below


def find_part_given_back(session: Session, message_id: int, code: str | None) -> int | None:
    """The first part that failed with a code after it was taken."""
    return session.scalar(
        select(func.min(Part.number)).where(
            Part.message_id == message_id, Part.number >= 0, Part.status == Delivery.FAILED, Part.code == code
        )
    )


def lowest_status(session: Session, message_id: int) -> Delivery:
    """How far a message got with all its parts: as far as the part that got least far."""
    found = session.scalars(select(Part.status).where(Part.message_id == message_id, Part.number >= 0)).all()
    return min((Delivery(status) for status in found), key=lambda status: RANK[status])
