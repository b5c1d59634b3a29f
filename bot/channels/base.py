"""What every channel has in common: it hands a message over, or fails with a word that says what to do."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bot.conversations.schemas import Inbound, Offer, Outbound
from bot.conversations.states import Delivery
from bot.errors import JawabError
from bot.senders.schemas import TemplateText, Verdict

# What a file of staff's holds, by the name under which it lies; raises OSError.
Read = Callable[[str], bytes]
# Our public address for the file of a message, for some time.
LinkTo = Callable[[int], str]
# Stands before what may have been said already.
REPEATED = "↻"


def no_files(stored_as: str) -> bytes:
    """For a way out that sends texts only; raises OSError."""
    raise OSError("there are no files here")


class Fault(StrEnum):
    """What a failed call means for whom: the next step is another for each."""

    PASSING = "passing"  # The vendor is busy or away and did nothing: try again later.
    UNKNOWN = "unknown"  # It may have left: never repeat blindly.
    CONTENT = "content"  # This message will never be taken; others may.
    ADDRESS = "address"  # Nothing reaches this citizen: blocked, gone, no such number.
    WINDOW = "window"  # Free text is not allowed now, or the template is not; it is when the citizen writes.
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


@dataclass(frozen=True)
class Limits:
    """What a vendor takes: messages a second in all and to one citizen, with so many at once after a pause.

    `at_once` is how many calls may be open; `has_window` that free text may only follow a citizen's own; `has_news`
    that the vendor tells how far a message got; `writing_seconds` for how long a citizen sees that an answer is being
    written.
    """

    per_second: float
    per_citizen: float
    citizen_burst: int
    at_once: int
    has_window: bool = False
    has_news: bool = False
    writing_seconds: float = 60


@dataclass(frozen=True)
class Credentials:
    """One of our accounts, as a vendor's client needs it; the newest token first."""

    sender_id: str
    account: str
    address: str
    tokens: tuple[str, ...] = field(repr=False)
    # Where the vendor tells how far a message got; empty where it cannot reach us.
    status_url: str = field(default="", repr=False)


@dataclass(frozen=True)
class Told:
    """What a vendor says of a part when it is asked: how far it got, and by what and whose fault it failed."""

    status: Delivery
    code: str = ""
    fault: Fault | None = None


class Gateway(Protocol):
    """One of our accounts at a vendor, to send from; all calls may block, and raise DeliveryError."""

    def parts(self, outbound: Outbound) -> Sequence[Any]:
        """A message as the calls that it takes, in order."""
        ...

    def send(self, outbound: Outbound, part: Any) -> str | None:
        """Make one call; gives the vendor's id for it."""
        ...

    def marked(self, part: Any) -> Any:
        """A part that may have been said before, with REPEATED before its words."""
        ...

    def find_sent(self, outbound: Outbound, number: int, since: dt.datetime) -> Sequence[str] | None:
        """The vendor's ids of what left since then and reads like a part; None where it cannot tell."""
        ...

    def ask_status(self, vendor_id: str) -> Told | None:
        """How far a part got, by the vendor's id; None where the vendor cannot tell."""
        ...

    def missed(self, since: dt.datetime) -> Sequence[Inbound]:
        """What citizens wrote since then, as far as the vendor can be asked: a webhook may not have come."""
        ...

    def fetch_file(self, reference: str, largest: int) -> bytes:
        """A citizen's file, from the vendor's own hosts only; refuses more than `largest` bytes."""
        ...

    def delete_file(self, reference: str) -> None:
        """Delete a citizen's file at the vendor's, where that can be asked for."""
        ...

    def type(self, address: str, replying_to: str) -> None:
        """Show that an answer is being written, where the vendor can."""
        ...


@runtime_checkable
class Approver(Protocol):
    """A way out whose vendor approves the texts that are sent first; all calls may block, and raise DeliveryError."""

    def make_template(self, template: TemplateText) -> str:
        """Hand a template over; gives the vendor's id for it."""
        ...

    def ask_approval(self, vendor_id: str, template: TemplateText) -> Verdict:
        """Ask for approval; gives what the vendor says now."""
        ...

    def approval_of(self, vendor_id: str) -> Verdict | None:
        """What the vendor says of a template; None when it is there no more."""
        ...

    def delete_template(self, vendor_id: str) -> None:
        """Delete a template at the vendor's."""
        ...


class Channel(Protocol):
    """One way to reach citizens."""

    name: str
    # To keep a message is to deliver it: there is no vendor.
    is_immediate: bool

    @property
    def takes_files(self) -> bool:
        """Whether a file can go with a message, as this installation is."""
        ...

    @property
    def limits(self) -> Limits:
        """The vendor's ceilings."""
        ...

    def number_chosen(self, text: str) -> int | None:
        """The choice (from 1) that a bare number means, where choices are sent as a numbered list."""
        ...

    def page_asked(self, inbound: Inbound, last: Callable[[], Offer | None]) -> tuple[int, int] | None:
        """The message and page of whose choices a citizen wants more, where they come in pages; `last` is looked up."""
        ...

    def gateway(self, credentials: Credentials) -> Gateway:
        """The way out of one account."""
        ...
