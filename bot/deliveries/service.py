"""Deciding about deliveries: how a message is put on its way, and what a vendor's answer means for it."""

import datetime as dt
import random
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.channels.base import DeliveryError, Fault
from bot.citizens.models import Address
from bot.conversations import queries as conversations
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.deliveries import queries, window
from bot.deliveries.claims import Taken
from bot.deliveries.models import DeliveryRow, Part
from bot.deliveries.moves import end, move, park
from bot.deliveries.states import Lane, State

# What nobody reads after so long is not sent any more.
REPLY_LASTS = dt.timedelta(minutes=30)
MOST_ATTEMPTS = 8
LONGEST_WAIT_SECONDS = 300.0
# So long after a call whose end nobody knows, it is resolved.
UNKNOWN_SECONDS = 20
# What a vendor took and told nothing of for so long is asked for, up to that age (VENDORS T12).
SILENT_AFTER, SILENT_UNTIL = dt.timedelta(minutes=15), dt.timedelta(hours=1)
MOST_SILENT = 100
_chance = random.SystemRandom()


@dataclass(frozen=True)
class News:
    """How far a vendor says that a part got, and by whose `fault` it failed.

    With our own id of the message, news may also come before the answer to our call, or instead of it.
    """

    sender_id: str
    vendor_id: str
    status: Delivery
    code: str | None = None
    fault: Fault | None = None
    message_id: int | None = None


def put_on_its_way(
    session: Session,
    message_id: int,
    *,
    sender_id: str,
    address_id: uuid.UUID,
    lane: Lane = Lane.INTERACTIVE,
    lasts: dt.timedelta = REPLY_LASTS,
) -> None:
    """Queue a kept message for its vendor."""
    queries.add_delivery(
        session,
        message_id=message_id,
        sender_id=sender_id,
        address_id=address_id,
        lane=lane,
        expires_at=utc_now() + lasts,
    )


def release_parked(session: Session, address_id: uuid.UUID) -> int:
    """The citizen wrote again: what was parked for them may go; gives how many."""
    return queries.release_parked(session, address_id=address_id)


def follow(session: Session, left_id: uuid.UUID, address_id: uuid.UUID, *, sender_id: str) -> None:
    """A citizen writes from another address now: what waits at the one before goes there, from the same sender."""
    queries.readdress(session, left_id, address_id, sender_id=sender_id)


def address_of(session: Session, message_id: int) -> uuid.UUID:
    """Where a delivery goes."""
    return queries.get_delivery(session, message_id).address_id


def taken_at(session: Session, message_id: int) -> tuple[dt.datetime, int]:
    """When a delivery was last claimed, and which part was next."""
    row = queries.get_delivery(session, message_id)
    return row.taken_at or row.created_at, row.parts_sent


def seconds_until_due(session: Session, sender_id: str, lanes: Iterable[Lane] = Lane) -> float | None:
    """How long until the next delivery of a sender in some lanes is due; None when nothing waits there."""
    due = queries.next_due_at(session, sender_id=sender_id, lanes=lanes)
    return (due - utc_now()).total_seconds() if due else None


@dataclass(frozen=True)
class Gone:
    """One part, numbered from 0, that a vendor took and calls by an id; `is_last` of its message."""

    taken: Taken
    number: int
    vendor_id: str | None
    is_last: bool = False


def note_parts(session: Session, parts: Sequence[Gone]) -> None:
    """Vendors took these parts."""
    last = [(one.taken.message_id, one.number, one.vendor_id) for one in parts if one.is_last]
    done = queries.note_done(session, last) if last else set()
    for one in parts:
        if not (one.is_last and one.taken.message_id in done):
            _note_part(session, one)


def _note_part(session: Session, part: Gone) -> None:
    row = queries.get_delivery(session, part.taken.message_id, lock=True)
    row.parts_sent = max(row.parts_sent, part.number + 1)
    if part.vendor_id:
        queries.add_part(
            session, message_id=row.message_id, number=part.number, sender_id=row.sender_id, vendor_id=part.vendor_id
        )
    if part.is_last:
        _finish(session, row)


def _finish(session: Session, row: DeliveryRow) -> None:
    """All parts were taken; a callback may have told so before, or that a part was given back."""
    if State(row.state) is not State.DONE:
        move(row, State.DONE)
    conversations.raise_status(session, row.message_id, Delivery.SENT)
    if row.fault == Fault.WINDOW:
        _send_anew(session, row)


def note_failure(session: Session, taken: Taken, error: DeliveryError) -> State:
    """A call failed: decide by whose fault it is; gives the state that the delivery is in then."""
    row = queries.get_delivery(session, taken.message_id, lock=True)
    row.attempts += 1
    row.fault, row.code, row.reason = error.fault, error.code[:16] or None, str(error)[:200]
    match error.fault:
        case Fault.PASSING | Fault.SENDER if row.attempts < MOST_ATTEMPTS or error.fault is Fault.SENDER:
            move(row, State.WAITING)
            row.due_at = utc_now() + dt.timedelta(seconds=_seconds_to_wait(row.attempts, error.retry_after))
        case Fault.UNKNOWN:
            _lose_sight(session, row)
        case Fault.WINDOW:
            _close_window(session, row, error.code, str(error))
            _wait_for_window(session, row)
        case Fault.ADDRESS:
            address = session.get_one(Address, row.address_id)
            address.unreachable_at, address.unreachable_reason = utc_now(), (error.code or str(error))[:64]
            end(session, row, error.fault, error.code, str(error))
        case _:
            end(session, row, error.fault, error.code, str(error))
    return State(row.state)


def _seconds_to_wait(attempts: int, retry_after: float | None) -> float:
    """The vendor's own number and a little more, else full jitter over a growing span (VENDORS E5, G12)."""
    if retry_after is not None:
        return retry_after + _chance.uniform(0.1, 1.0)
    return _chance.uniform(0.2, min(LONGEST_WAIT_SECONDS, 2.0**attempts))


def note_status(session: Session, news: News) -> int | None:
    """A vendor tells how far a part got; gives the message's id when that changed how far the message is.

    A part that failed because the window is closed is sent again when that is allowed.
    """
    row = queries.find_delivery_of(
        session, sender_id=news.sender_id, vendor_id=news.vendor_id, message_id=news.message_id
    )
    if row is None:
        return None
    part = queries.find_part(session, sender_id=news.sender_id, vendor_id=news.vendor_id)
    part = part or _first_heard_of(session, row, news.vendor_id)
    if part is None or not queries.raise_part(part, news.status, news.code):
        return None
    session.flush()
    if news.fault is Fault.WINDOW and part.number >= 0:
        _give_back(session, row, part)
    else:
        conversations.raise_status(session, part.message_id, _reached(session, row, part))
    return part.message_id


def _reached(session: Session, row: DeliveryRow, part: Part) -> Delivery:
    """How far a message got with all its parts."""
    is_whole = (row.parts_total or 1) == 1 and part.number == 0
    return Delivery(part.status) if is_whole else queries.lowest_status(session, part.message_id)


def _give_back(session: Session, row: DeliveryRow, part: Part) -> None:
    """A vendor took a part and did not let it through; while other parts are under way, these end first."""
    _close_window(session, row, part.code or "window", "The vendor took it, and then said that the window is closed.")
    if State(row.state) is not State.SENDING:
        _send_anew(session, row)


def _send_anew(session: Session, row: DeliveryRow) -> None:
    """Have the parts that were given back sent again, if there are any."""
    first = queries.find_part_given_back(session, row.message_id, row.code)
    if first is None:
        return
    row.parts_sent = first
    queries.set_aside_parts(session, row.message_id, since=first)
    if State(row.state) is State.DONE:
        conversations.lower_status(session, row.message_id, Delivery.QUEUED)
        _wait_for_window(session, row)


def _close_window(session: Session, row: DeliveryRow, code: str, reason: str) -> None:
    session.get_one(Address, row.address_id).window_expires_at = None
    row.fault, row.code, row.reason = Fault.WINDOW, code[:16] or "window", reason[:200]
    window.note_refused(session, row, f"{row.code}: {reason}")


def _wait_for_window(session: Session, row: DeliveryRow) -> None:
    """As a template that is approved it may go at once; else it waits for the citizen."""
    if window.is_approved(session, row):
        move(row, State.WAITING)
        row.due_at, row.fault = utc_now(), None
    else:
        park(session, row, row.code or "window", row.reason or "The window is closed.")


def _first_heard_of(session: Session, row: DeliveryRow, vendor_id: str) -> Part | None:
    """A part of which the vendor tells before its answer to our call was noted, or came."""
    if State(row.state) is State.PARKED:
        return None
    if State(row.state) is State.UNKNOWN:
        resolve_unknown(session, row.message_id, vendor_id=vendor_id)
    else:
        queries.add_part(
            session, message_id=row.message_id, number=row.parts_sent, sender_id=row.sender_id, vendor_id=vendor_id
        )
    return queries.find_part(session, sender_id=row.sender_id, vendor_id=vendor_id)


def resolve_unknown(session: Session, message_id: int, *, vendor_id: str | None) -> None:
    """What a listing told about a call with an unknown end: it left under that id, or (None) it did not."""
    row = queries.get_delivery(session, message_id, lock=True)
    if State(row.state) is not State.UNKNOWN:
        return
    if vendor_id is not None:
        queries.add_part(
            session, message_id=message_id, number=row.parts_sent, sender_id=row.sender_id, vendor_id=vendor_id
        )
        row.parts_sent += 1
        conversations.raise_status(session, message_id, Delivery.SENT)
    if vendor_id is not None and row.parts_sent >= (row.parts_total or 1):
        move(row, State.DONE)
        return
    move(row, State.WAITING)
    row.due_at = utc_now()


def repeat_unknown(session: Session, message_id: int) -> bool:
    """Where no listing tells: an answer is said once more, marked as such; anything else dies."""
    row = queries.get_delivery(session, message_id, lock=True)
    if State(row.state) is not State.UNKNOWN:
        return False
    if row.lane != Lane.INTERACTIVE or row.repeats:
        end(session, row, Fault.UNKNOWN, row.code or "", row.reason or "Nobody knows whether it left.")
        return False
    move(row, State.WAITING)
    row.repeats += 1
    row.due_at = utc_now()
    return True


def give_back(session: Session, sender_id: str, before: dt.datetime, under_way: Collection[int] = ()) -> int:
    """What a pump that died was sending: its end is unknown. What is `under_way` here and now is not lost."""
    found = queries.list_in_state(session, State.SENDING, sender_id=sender_id, before=before)
    rows = [row for row in found if row.message_id not in under_way]
    for row in rows:
        _lose_sight(session, row)
        row.fault, row.code, row.reason = Fault.UNKNOWN, "crash", "The process that sent it ended."
    return len(rows)


def _lose_sight(session: Session, row: DeliveryRow) -> None:
    """Nobody knows whether it left; it is looked for in a while."""
    move(row, State.UNKNOWN)
    row.due_at = utc_now() + dt.timedelta(seconds=UNKNOWN_SECONDS)
    conversations.raise_status(session, row.message_id, Delivery.UNKNOWN)


def list_silent(session: Session, sender_id: str) -> Sequence[str]:
    """What a vendor calls the parts of which it should have told something by now."""
    now = utc_now()
    return queries.list_silent(
        session, sender_id=sender_id, since=now - SILENT_UNTIL, before=now - SILENT_AFTER, limit=MOST_SILENT
    )


def list_unknown(session: Session, sender_id: str) -> Sequence[int]:
    """Messages whose end is unknown for long enough to be looked for."""
    found = queries.list_in_state(session, State.UNKNOWN, sender_id=sender_id)
    return [row.message_id for row in found if row.due_at <= utc_now()]


def first_unknown(session: Session, message_id: int, vendor_ids: Sequence[str]) -> str | None:
    """The first of a vendor's ids that may be the part of a message whose end is unknown: it is not another's.

    Of this part itself news may have come before we lost sight of it.
    """
    row = queries.get_delivery(session, message_id)
    for one in vendor_ids:
        part = queries.find_part(session, sender_id=row.sender_id, vendor_id=one)
        if part is None or (part.message_id, part.number) == (message_id, row.parts_sent):
            return one
    return None


def end_parked(session: Session, sender_id: str) -> int:
    """Give up what was parked for so long that it would only puzzle; gives how many."""
    rows = queries.list_in_state(session, State.PARKED, sender_id=sender_id)
    rows = [row for row in rows if row.expires_at < utc_now()]
    for row in rows:
        end(session, row, Fault.WINDOW, "expired", "The citizen did not write again in time.")
    return len(rows)
