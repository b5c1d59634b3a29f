"""Where a delivery stands, the moves between, and which lane it goes in."""

from enum import IntEnum, StrEnum


class Lane(IntEnum):
    """Who goes first: an answer before a reminder, a reminder before a campaign."""

    INTERACTIVE = 0
    REMINDER = 1
    CAMPAIGN = 2


class State(StrEnum):
    """One delivery's state."""

    WAITING = "waiting"
    SENDING = "sending"
    PARKED = "parked"  # The window is closed and no template is approved; it goes when the citizen writes again.
    UNKNOWN = "unknown"  # It may have left: a callback or a listing tells.
    DONE = "done"
    DEAD = "dead"


MOVES: dict[State, set[State]] = {
    State.WAITING: {State.SENDING, State.PARKED, State.DEAD},
    State.SENDING: {State.DONE, State.WAITING, State.PARKED, State.UNKNOWN, State.DEAD},
    State.PARKED: {State.WAITING, State.DEAD},
    State.UNKNOWN: {State.WAITING, State.DONE, State.DEAD},
    State.DONE: {State.WAITING, State.PARKED},  # The vendor gave it back: the window was closed.
    State.DEAD: {State.WAITING},
}
