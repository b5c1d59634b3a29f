"""The only ways in which a delivery gets from one state to another."""

import datetime as dt

from sqlalchemy.orm import Session

from bot.channels.base import Fault
from bot.conversations import queries as conversations
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.deliveries import window
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import MOVES, Lane, State

PARKED_LASTS = dt.timedelta(days=7)


def move(row: DeliveryRow, state: State) -> None:
    """Let a delivery be in another state; raises ValueError where there is no such move."""
    if state not in MOVES[State(row.state)]:
        raise ValueError(f"a delivery does not go from {row.state} to {state}")
    row.state = state


def park(session: Session, row: DeliveryRow, code: str, reason: str) -> None:
    """Keep a delivery until the citizen writes again."""
    move(row, State.PARKED)
    window.go_as_written(session, row)
    row.fault, row.code, row.reason = Fault.WINDOW, code[:16], reason[:200]
    if row.lane != Lane.REMINDER:  # Nobody wants to be reminded of what is over.
        row.expires_at = max(row.expires_at, utc_now() + PARKED_LASTS)
    conversations.raise_status(session, row.message_id, Delivery.PARKED)


def end(session: Session, row: DeliveryRow, fault: Fault, code: str, reason: str) -> None:
    """Give a delivery up."""
    move(row, State.DEAD)
    row.fault, row.code, row.reason = fault, code[:16] or None, reason[:200]
    conversations.raise_status(session, row.message_id, Delivery.FAILED)
