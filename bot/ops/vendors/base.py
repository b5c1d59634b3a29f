"""What operators ask of any vendor, and what a fault means in plain words."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from babel.dates import format_timedelta
from pydantic import TypeAdapter, ValidationError

from bot.channels.base import Credentials, DeliveryError, Fault, Gateway
from bot.db.base import utc_now
from bot.errors import JawabError
from bot.ops.findings import Finding
from bot.senders.service import Account
from bot.settings import Settings

# How long an operator waits for a vendor.
WAIT_SECONDS = 5.0
NOT_REACHABLE = "JAWAB_PUBLIC_URL is not set: vendors do not know where to find us."
# What each fault means, and what to do.
MEANINGS: dict[Fault, tuple[str, str]] = {
    Fault.PASSING: ("is busy or cannot be reached now", "Try again in a moment."),
    Fault.UNKNOWN: ("did not answer, so it may be done or not", "Look at the other end before you do it again."),
    Fault.CONTENT: ("does not accept what it was given", "Correct what the reason names."),
    Fault.ADDRESS: (
        "reaches nobody at that address",
        "It must exist and not have blocked us; on Telegram it is a number, of somebody who wrote to the bot first.",
    ),
    Fault.WINDOW: ("takes free text only within 24 hours of a citizen's own message", "Let them write first."),
    Fault.SENDER: (
        "does not accept our account or token",
        "Check both at the vendor's; `jawab channels rotate` takes a new token.",
    ),
}


class ChannelError(JawabError):
    """What was asked of a channel cannot be done; the message says why, and what to do."""


class Vendor(Protocol):
    """One vendor; what asks it raises DeliveryError, unless it gives findings."""

    name: str
    after_test: str

    def check(self, account: str, address: str) -> tuple[str, str]:
        """Account and address as they are kept; raises ChannelError when they cannot be ours."""
        ...

    def try_out(self, account: str, address: str, token: str) -> tuple[str, str]:
        """Ask with a token; gives the account and address that it is for."""
        ...

    def webhook(self, account: Account) -> str:
        """How messages come in, in few words."""
        ...

    def set_webhook(self, account: Account) -> list[str]:
        """Have messages sent to us; gives lines that tell how that stands, or what is left to do."""
        ...

    def look(self, account: Account) -> list[Finding]:
        """How the vendor sees us."""
        ...

    def address(self, given: str) -> str:
        """A citizen's address as the vendor has it."""
        ...

    def gateway(self, account: Account) -> Gateway:
        """The way out of an account."""
        ...


def title(account: Account) -> str:
    """A sender as operators name it."""
    return f"{account.channel}/{account.name}"


def age(moment: dt.datetime) -> str:
    """How long ago that was."""
    return str(format_timedelta(utc_now() - moment, locale="en", format="short", threshold=1.0))


def explain(vendor: Vendor, error: DeliveryError, token: str) -> tuple[str, str]:
    """A fault in plain words, without the token, and what to do about it."""
    meaning, advice = MEANINGS[error.fault]
    reason = str(error).replace(token, "[token]")
    code = f", code {error.code}" if error.code else ""
    return f"{vendor.name} {meaning} ({reason}{code}).", advice


@contextmanager
def plainly(vendor: Vendor, token: str) -> Iterator[None]:
    """A vendor's fault inside the block becomes a ChannelError."""
    try:
        yield
    except DeliveryError as error:
        # Without its chain: no traceback shall hold a token.
        raise ChannelError(" ".join(explain(vendor, error, token))) from None


def webhook_address(settings: Settings, account: Account) -> str:
    """Where a vendor sends what citizens write; raises ChannelError when we have no public address."""
    if not settings.is_reachable:
        raise ChannelError(f"{NOT_REACHABLE} Set it to our https address, and start Jawab again.")
    return f"{settings.public_url}/webhooks/{account.channel}/{account.secrets.path}"


def credentials_of(account: Account) -> Credentials:
    """Without an address for news: a test message has no row that they could be about."""
    return Credentials(account.id, account.account, account.address, account.secrets.tokens)


def fits(kind: TypeAdapter[Any], value: str) -> bool:
    """Whether a value is of a kind that the settings know."""
    try:
        kind.validate_python(value)
    except ValidationError:
        return False
    return True
