"""What every channel has in common: it hands a message over, or fails with one bit that says what to do."""

from dataclasses import dataclass
from typing import Protocol

from bot.conversations.schemas import Outbound
from bot.errors import JawabError


@dataclass(frozen=True)
class Receipt:
    """What the vendor gave back: its id for the message, None when it gives none."""

    vendor_id: str | None = None


class DeliveryError(JawabError):
    """A message did not leave. Retry unless the vendor said never."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Channel(Protocol):
    """One way to reach citizens."""

    name: str
    # No vendor's rate to keep: a message need not wait in the queue of deliveries.
    is_immediate: bool

    def deliver(self, outbound: Outbound) -> Receipt:
        """Hand one message to the vendor; raises DeliveryError."""
        ...
