"""The web chat's way out: the page reads messages from the database, so a kept message is a delivered one."""

from collections.abc import Callable

from bot.channels.base import Credentials, DeliveryError, Gateway, Limits
from bot.conversations.schemas import Inbound, Offer

NAME = "webchat"


class WebChat:
    """The channel of the page at `/`."""

    name = NAME
    is_immediate = True
    takes_files = True
    limits = Limits(per_second=1000, per_citizen=1000, citizen_burst=1000, at_once=1)

    def number_chosen(self, text: str) -> int | None:
        """The page shows buttons."""
        return None

    def page_asked(self, inbound: Inbound, last: Callable[[], Offer | None]) -> tuple[int, int] | None:
        """All choices are shown at once."""
        return None

    def gateway(self, credentials: Credentials) -> Gateway:
        """There is no vendor to call: the event that follows a kept message wakes the page."""
        raise DeliveryError("the web chat has no vendor", permanent=True)
