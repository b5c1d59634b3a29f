"""Why staff help, how an episode of help ends, and what its story tells."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a conversation went to people."""

    ASKED = "asked"
    FAILED_TWICE = "failed_twice"
    EMERGENCY = "emergency"
    ANGER = "anger"
    SENSITIVE = "sensitive"
    TAKEN = "taken"


# Whoever was in danger is not asked whether they liked it.
UNRATED = {Reason.EMERGENCY}


class Ending(StrEnum):
    """How an episode of help ended."""

    RETURNED = "returned"  # Staff gave the conversation back to the bot.
    CLOSED = "closed"
    RESUMED = "resumed"  # The citizen would rather go on with the bot than wait.
    IDLE = "idle"
    BLOCKED = "blocked"


class Event(StrEnum):
    """What happened in a case, one row each."""

    OPENED = "opened"
    CLAIMED = "claimed"
    ASSIGNED = "assigned"
    TRANSFERRED = "transferred"
    PUT_BACK = "put_back"  # Nobody answered for long: it waits for somebody else.
    ENDED = "ended"
    RATED = "rated"
    LABELLED = "labelled"
    BLOCKED = "blocked"  # The citizen: nobody answers them any more.
    UNBLOCKED = "unblocked"


class Count(StrEnum):
    """What is counted as it happens: of a team, or of a member of staff."""

    WAITING = "waiting"
    STAFF = "staff"
    CLOSED = "closed"
    MINE = "mine"
    MENTIONS = "mentions"


class View(StrEnum):
    """A list of the desk's."""

    MINE = "mine"
    WAITING = "waiting"
    ALL = "all"
    MENTIONS = "mentions"
    CLOSED = "closed"
