"""Claiming deliveries: what may be sent now, what has to wait, and what never goes."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.channels.base import Fault
from bot.citizens.models import Address
from bot.db.base import utc_now
from bot.deliveries import queries, window
from bot.deliveries.models import DeliveryRow
from bot.deliveries.moves import end, move, park
from bot.deliveries.states import Lane, State


@dataclass(frozen=True)
class Taken:
    """A claimed delivery, for whoever calls the vendor."""

    message_id: int
    sender_id: str
    address_id: uuid.UUID
    lane: Lane
    parts_sent: int
    parts_total: int
    is_repeat: bool


def take(session: Session, *, sender_id: str, lanes: Sequence[Lane], limit: int, has_window: bool) -> list[Taken]:
    """Claim what may be sent now; what has expired dies here, and what the window forbids is parked."""
    found = []
    for row, address in queries.take_next(session, sender_id=sender_id, lanes=lanes, limit=limit):
        refusal = _refusal(row, address)
        if refusal is not None:
            end(session, row, *refusal)
        elif not has_window or _may_go(session, row, address):
            found.append(_taken(row))
        elif _is_opened(session, address):
            move(row, State.WAITING)
        else:
            park(session, row, "window", "The citizen has not written for a day.")
    return found


def _refusal(row: DeliveryRow, address: Address) -> tuple[Fault, str, str] | None:
    """By whose fault and why a delivery never goes; None when it may."""
    if row.expires_at < utc_now():
        return Fault.PASSING, "expired", "It waited too long to be of use."
    if address.unreachable_at is not None:
        return Fault.ADDRESS, "unreachable", "The address cannot be reached."
    if row.lane != Lane.INTERACTIVE and address.opted_out_at is not None:
        return Fault.ADDRESS, "opted_out", "The citizen asked for no messages."
    return None


def _taken(row: DeliveryRow) -> Taken:
    return Taken(
        message_id=row.message_id,
        sender_id=row.sender_id,
        address_id=row.address_id,
        lane=Lane(row.lane),
        parts_sent=row.parts_sent,
        parts_total=row.parts_total or 1,
        is_repeat=row.repeats > 0,
    )


def _may_go(session: Session, row: DeliveryRow, address: Address) -> bool:
    """As it is written in the window, outside of it as a template."""
    if not window.is_open(address, utc_now()):
        return window.go_as_template(session, row)
    window.go_as_written(session, row)
    return True


def _is_opened(session: Session, address: Address) -> bool:
    """Whether the citizen wrote at this very moment: that releases what was parked, and it has its place before this.

    Whoever writes from now on waits, and finds parked what is parked here.
    """
    session.refresh(address, with_for_update={"read": True})
    return window.is_open(address, utc_now())


def may_still_go(session: Session, taken: Taken, *, has_window: bool) -> bool:
    """Whether a delivery that waited long since it was claimed would be claimed again."""
    row = queries.get_delivery(session, taken.message_id)
    address = session.get_one(Address, row.address_id)
    is_written = has_window and row.template_language is None
    return _refusal(row, address) is None and (not is_written or window.is_open(address, utc_now()))


def put_off(session: Session, taken: Taken, wait: dt.timedelta) -> None:
    """Give back a claimed delivery for later: its citizen was just written to."""
    row = queries.get_delivery(session, taken.message_id, lock=True)
    move(row, State.WAITING)
    row.due_at = utc_now() + wait


def note_total(session: Session, taken: Taken, total: int) -> None:
    """How many calls a message takes; one, unless it is noted otherwise."""
    queries.get_delivery(session, taken.message_id, lock=True).parts_total = total
