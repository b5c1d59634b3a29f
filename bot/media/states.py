"""What became of a file that came with a message."""

from enum import StrEnum


class State(StrEnum):
    """Where a file stands; all but the first are final."""

    WAITING = "waiting"
    FETCHED = "fetched"
    REFUSED = "refused"  # By us: too large, of a kind that we do not take, from a strange host.
    FAILED = "failed"  # It could not be had.


class Reason(StrEnum):
    """Why a file is not here; the vendors' own codes may stand in its place."""

    KIND = "kind"  # Films and stickers: nobody needs them for an answer.
    TYPE = "type"
    TOO_LARGE = "too_large"
    ELSEWHERE = "elsewhere"
    FLOOD = "flood"
    BLOCKED = "blocked"
    CHANNEL = "channel"  # Nobody could fetch it from us.
    DISK = "disk"
    UNREACHABLE = "unreachable"
