"""Deliveries in the database: what is next, what is stuck, how far a message got."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    String,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import TypeEngine

from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.queries import RANK
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.deliveries.models import DeliveryRow, Part
from bot.deliveries.states import Lane, State


def _next() -> Select[DeliveryRow, Address]:
    other = aliased(DeliveryRow)
    is_earlier = and_(
        other.state == State.WAITING, other.message_id < DeliveryRow.message_id, other.lane <= DeliveryRow.lane
    )
    has_to_wait = exists().where(
        other.address_id == DeliveryRow.address_id,
        other.message_id != DeliveryRow.message_id,
        or_(other.state == State.SENDING, is_earlier),
    )
    return (
        select(DeliveryRow, Address)
        .join(Address, Address.id == DeliveryRow.address_id)
        .where(
            DeliveryRow.sender_id == bindparam("sender_id"),
            DeliveryRow.lane.between(bindparam("first"), bindparam("last")),
            DeliveryRow.state == State.WAITING,
            DeliveryRow.due_at <= func.now(),
            ~has_to_wait,
        )
        .order_by(DeliveryRow.lane, DeliveryRow.due_at, DeliveryRow.message_id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )


def _done() -> Select[int]:
    """Deliveries are locked first, as everywhere: their parts and messages follow from them."""
    columns: dict[str, TypeEngine[Any]] = {
        "message_id": BigInteger(),
        "number": SmallInteger(),
        "vendor_id": String(),
    }
    lists = (bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in columns.items())
    given = func.unnest(*lists).table_valued(*(column(name, kind) for name, kind in columns.items()))
    given = given.render_derived(name="given")
    done = (
        update(DeliveryRow)
        .where(
            DeliveryRow.message_id == given.c.message_id,
            DeliveryRow.state.in_((State.SENDING, State.DONE)),
            DeliveryRow.fault.is_distinct_from(WINDOW),
        )
        .values(state=State.DONE, parts_sent=func.greatest(DeliveryRow.parts_sent, given.c.number + 1))
        .returning(DeliveryRow.message_id, DeliveryRow.sender_id, given.c.number, given.c.vendor_id)
        .cte("done")
    )
    values = select(
        done.c.message_id,
        done.c.number,
        done.c.sender_id,
        done.c.vendor_id,
        literal(Delivery.SENT.value),
        func.now(),
    )
    part = (
        insert(Part)
        .from_select(
            [Part.message_id, Part.number, Part.sender_id, Part.vendor_id, Part.status, Part.sent_at],
            values.where(done.c.vendor_id.is_not(None)),
        )
        .on_conflict_do_nothing()
        .cte("part")
    )
    lower = [known.value for known, rank in RANK.items() if rank < RANK[Delivery.SENT]]
    told = update(Message).where(Message.id == done.c.message_id, Message.status.in_(lower))
    return select(done.c.message_id).add_cte(part, told.values(status=Delivery.SENT.value).cte("told"))


WINDOW = "window"
# What is asked with every message is put together once: to do so takes longer than to ask.
_NEXT, _DONE = _next(), _done()


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


def find_delivery_of(session: Session, *, sender_id: str, vendor_id: str, message_id: int | None) -> DeliveryRow | None:
    """The delivery of the part that a vendor calls so, locked before its part and its message, as everywhere.

    While the part is not noted, that of `message_id`.
    """
    noted = select(Part.message_id).where(Part.sender_id == sender_id, Part.vendor_id == vendor_id).scalar_subquery()
    return session.scalar(
        select(DeliveryRow)
        .where(DeliveryRow.message_id == func.coalesce(noted, message_id), DeliveryRow.sender_id == sender_id)
        .with_for_update(of=DeliveryRow)
    )


def take_next(
    session: Session, *, sender_id: str, lanes: Sequence[Lane], limit: int
) -> Sequence[tuple[DeliveryRow, Address]]:
    """Claim what is due in neighbouring lanes with its addresses, the most urgent first.

    Of each address only the oldest of a lane, and nothing while one of it is under way; an answer does not wait behind
    a campaign's message to the same citizen.
    """
    asked = {"sender_id": sender_id, "first": min(lanes), "last": max(lanes), "most": limit}
    found: dict[uuid.UUID, tuple[DeliveryRow, Address]] = {}
    for row, address in session.execute(_NEXT, asked):
        if found.setdefault(address.id, (row, address))[0] is row:  # Another lane may have one as well.
            row.state, row.taken_at = State.SENDING, utc_now()
    return list(found.values())


def note_done(session: Session, parts: Sequence[tuple[int, int, str | None]]) -> set[int]:
    """Note last parts and the ends of their deliveries at once: message, number, and what the vendor calls it.

    Gives the messages of which there is no more to think.
    """
    message_ids, numbers, vendor_ids = zip(*parts, strict=True)
    given = {"message_ids": list(message_ids), "numbers": list(numbers), "vendor_ids": list(vendor_ids)}
    return set(session.scalars(_DONE, given))


def next_due_at(session: Session, *, sender_id: str, lanes: Iterable[Lane] = Lane) -> dt.datetime | None:
    """When the next waiting delivery of a sender is due; a look at the beginning of each lane, however long it is."""
    first_of_lanes = (
        select(DeliveryRow.due_at)
        .where(DeliveryRow.sender_id == sender_id, DeliveryRow.lane == lane, DeliveryRow.state == State.WAITING)
        .order_by(DeliveryRow.due_at)
        .limit(1)
        .scalar_subquery()
        for lane in lanes
    )
    return session.scalar(select(func.least(*first_of_lanes)))


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
    return _release(session, DeliveryRow.address_id == address_id)


def release_for_template(session: Session, *, sender_id: str, name: str) -> int:
    """Let what is parked at a sender and may be sent as a template of that name go now; gives how many."""
    is_named = Message.payload["template"]["name"].astext == name
    return _release(session, DeliveryRow.sender_id == sender_id, Message.id == DeliveryRow.message_id, is_named)


def _release(session: Session, *which: ColumnElement[bool]) -> int:
    moved = session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.state == State.PARKED, DeliveryRow.expires_at > func.now(), *which)
        .values(state=State.WAITING, due_at=func.now(), fault=None, code=None, reason=None)
        .returning(DeliveryRow.message_id)
        .execution_options(synchronize_session=False)
    )
    return len(moved.all())


def list_silent(
    session: Session, *, sender_id: str, since: dt.datetime, before: dt.datetime, limit: int
) -> Sequence[str]:
    """What a vendor calls the parts that it took in that time and told nothing of, the oldest first."""
    return session.scalars(
        select(Part.vendor_id)
        .where(Part.sender_id == sender_id, Part.status == Delivery.SENT, Part.sent_at >= since, Part.sent_at < before)
        .order_by(Part.sent_at)
        .limit(limit)
    ).all()


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
    return session.scalar(select(Part).where(Part.sender_id == sender_id, Part.vendor_id == vendor_id))


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
