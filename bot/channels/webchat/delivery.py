"""The web chat's way out: the page reads messages from the database, so a kept message is a delivered one."""

from bot.channels.base import Receipt
from bot.conversations.schemas import Outbound

NAME = "webchat"


class WebChat:
    """The channel of the page at `/`."""

    name = NAME
    is_immediate = True

    def deliver(self, outbound: Outbound) -> Receipt:
        """Nothing to call: the event that follows wakes the page."""
        return Receipt()
