"""What every channel has in common: it hands a message over, or fails with one bit that says what to do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.conversations.schemas import Outbound
from bot.errors import JawabError


@dataclass(frozen=True)
class Receipt:
    """What the vendor gave back: its id for the message, None when it gives none."""

    vendor_id: str | None = None


class Fault(StrEnum):
    """What a failed call means for whom: the next step is another for each."""

    PASSING = "passing"  # The vendor is busy or away and did nothing: try again later.
    UNKNOWN = "unknown"  # It may have left: never repeat blindly.
    CONTENT = "content"  # This message will never be taken; others may.
    ADDRESS = "address"  # Nothing reaches this citizen: blocked, gone, no such number.
    WINDOW = "window"  # Free text is not allowed now; a template is.
    SENDER = "sender"  # Our account is at fault (token, suspension): pause it and cry.


class DeliveryError(JawabError):
    """A message did not leave, or nobody knows. Retry unless it is permanent.

    `retry_after` is the vendor's own number of seconds to wait; `code` its name or number for the fault.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        fault: Fault | None = None,
        retry_after: float | None = None,
        code: str = "",
    ) -> None:
        super().__init__(reason)
        self.fault = fault or (Fault.CONTENT if permanent else Fault.PASSING)
        self.permanent = self.fault is not Fault.PASSING
        self.retry_after = retry_after
        self.code = code


class Channel(Protocol):
    """One way to reach citizens."""

    name: str
    # No vendor's rate to keep: a message need not wait in the queue of deliveries.
    is_immediate: bool

    def deliver(self, outbound: Outbound) -> Receipt:
        """Hand one message to the vendor; raises DeliveryError."""
        ...
