"""WhatsApp as a channel: its ceilings, and the way out of each number."""

from collections.abc import Callable

from bot.channels.base import Credentials, LinkTo
from bot.channels.whatsapp.client import TwilioClient
from bot.channels.whatsapp.delivery import LIMITS, ContentCache, WhatsApp
from bot.channels.whatsapp.parse import NAME
from bot.channels.whatsapp.render import more_of, next_page, number_chosen
from bot.conversations.schemas import Inbound, Kind, Offer


class WhatsAppChannel:
    """Makes gateways; `contents` gives an account's memory of what it made to press.

    `link_to` gives the address from which Twilio fetches a file; without it, none can be sent.
    """

    name = NAME
    is_immediate = False
    limits = LIMITS

    def __init__(
        self, contents: Callable[[str], ContentCache], *, link_to: LinkTo | None = None, base_url: str | None = None
    ) -> None:
        self._contents, self._link_to, self._base_url = contents, link_to, base_url

    @property
    def takes_files(self) -> bool:
        """Twilio has to reach us for them."""
        return self._link_to is not None

    def number_chosen(self, text: str) -> int | None:
        """Choices are numbered in every message."""
        return number_chosen(text)

    def page_asked(self, inbound: Inbound, last: Callable[[], Offer | None]) -> tuple[int, int] | None:
        """The last line of a list is pressed, or its number is written."""
        if inbound.kind is Kind.BUTTON:
            return more_of(inbound.payload)
        number = number_chosen(inbound.text) if inbound.kind is Kind.TEXT else None
        offer = last() if number else None
        return next_page(offer, number) if offer and number else None

    def gateway(self, credentials: Credentials) -> WhatsApp:
        """The way out of one number."""
        client = TwilioClient(credentials.account, credentials.account, credentials.tokens[0], base_url=self._base_url)
        contents = self._contents(credentials.sender_id)
        return WhatsApp(
            client,
            contents,
            credentials.address,
            sender_id=credentials.sender_id,
            status_url=credentials.status_url,
            link_to=self._link_to,
        )
