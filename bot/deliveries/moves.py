"""The one way in which a delivery gets from one state to another."""

from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import MOVES, State


def move(row: DeliveryRow, state: State) -> None:
    """Let a delivery be in another state; raises ValueError where there is no such move."""
    if state not in MOVES[State(row.state)]:
        raise ValueError(f"a delivery does not go from {row.state} to {state}")
    row.state = state
