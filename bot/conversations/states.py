"""Who owns a conversation, what a turn came to, how far a message got; and the moves between."""

from enum import StrEnum


class Owner(StrEnum):
    """Who answers the citizen now."""

    BOT = "bot"
    WAITING = "waiting"
    STAFF = "staff"
    CLOSED = "closed"


MOVES: dict[Owner, set[Owner]] = {
    Owner.BOT: {Owner.WAITING, Owner.STAFF, Owner.CLOSED},
    Owner.WAITING: {Owner.STAFF, Owner.BOT, Owner.CLOSED},
    Owner.STAFF: {Owner.BOT, Owner.WAITING, Owner.CLOSED},
    Owner.CLOSED: {Owner.BOT},
}


class Direction(StrEnum):
    """From the citizen to us, or from us to the citizen."""

    IN = "in"
    OUT = "out"


class Author(StrEnum):
    """Who wrote a message."""

    CITIZEN = "citizen"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


class Delivery(StrEnum):
    """How far a message got; only ever raised."""

    RECEIVED = "received"
    HELD = "held"  # It leaves in a moment, unless it is taken back.
    WITHDRAWN = "withdrawn"
    QUEUED = "queued"
    SENDING = "sending"
    PARKED = "parked"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What one turn came to."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    UNKNOWN_SERVICE = "unknown_service"
    UNKNOWN_FACT = "unknown_fact"
    NOT_UNDERSTOOD = "not_understood"
    OUT_OF_SCOPE = "out_of_scope"
    EMERGENCY = "emergency"
    SMALL_TALK = "small_talk"
    NOT_YET = "not_yet"
    OFFERED = "offered"
    HANDED_OFF = "handed_off"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    RESUMED = "resumed"
    RATED = "rated"
    LEFT_TO_STAFF = "left_to_staff"
    FLOODED = "flooded"
    BLOCKED = "blocked"
    UNCHANGED = "unchanged"
    FAILED = "failed"
