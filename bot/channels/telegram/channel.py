"""Telegram as a channel: its ceilings, and the way out of each bot."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.channels.base import REPEATED, Credentials, DeliveryError, Limits, Read, Told
from bot.channels.telegram.client import BASE_URL, TelegramClient
from bot.channels.telegram.parse import NAME
from bot.channels.telegram.render import Short, TelegramPart, render
from bot.conversations.schemas import Inbound, Offer, Outbound

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
LIMITS = Limits(per_second=30, per_citizen=1, citizen_burst=3, at_once=16, writing_seconds=5)


class TelegramGateway:
    """The way out of one bot."""

    def __init__(self, client: TelegramClient, short: Short, read: Read) -> None:
        self.client = client
        self._short, self._read = short, read

    def parts(self, outbound: Outbound) -> list[TelegramPart]:
        """A message as the calls that it takes; raises DeliveryError when there is nothing to say."""
        parts = render(outbound, self._short)
        if not parts:
            raise DeliveryError("there is nothing to send", permanent=True, code="empty")
        return parts

    def send(self, outbound: Outbound, part: TelegramPart) -> str:
        """Make one call; gives `<our message>:<Telegram's>`: Telegram's alone is unique in its chat only."""
        vendor_id = self._send_file(outbound, part) if part.file else self.client.send_part(outbound.address, part)
        return f"{outbound.message_id}:{vendor_id.rpartition(':')[2]}"

    def _send_file(self, outbound: Outbound, part: TelegramPart) -> str:
        assert part.file is not None
        try:
            content = self._read(part.file.stored_as)
        except OSError as error:
            raise DeliveryError("the file is not here any more", permanent=True, code="file_gone") from error
        return self.client.send_file(outbound.address, part, content)

    def marked(self, part: TelegramPart) -> TelegramPart:
        """A part that may have been said before."""
        return replace(part, html=f"{REPEATED} {part.html}".strip(), plain=f"{REPEATED} {part.plain}".strip())

    def find_sent(self, outbound: Outbound, number: int, since: dt.datetime) -> Sequence[str] | None:
        """A bot cannot ask what it sent."""
        return None

    def ask_status(self, vendor_id: str) -> Told | None:
        """Telegram tells nobody whether a message was read."""
        return None

    def missed(self, since: dt.datetime) -> Sequence[Inbound]:
        """Telegram itself brings an update until it is taken."""
        return ()

    def fetch_file(self, reference: str, largest: int) -> bytes:
        """A citizen's file, by its id."""
        return self.client.get_file(reference, largest=largest)

    def delete_file(self, reference: str) -> None:
        """A bot cannot delete what a citizen sent; Telegram keeps it for its own time."""

    def type(self, address: str, replying_to: str) -> None:
        """Show for five seconds that an answer is being written."""
        self.client.send_typing(address)

    def acknowledge(self, query_id: str) -> None:
        """Stop the waiting sign on a pressed button."""
        self.client.answer_callback(query_id)


class TelegramChannel:
    """Makes gateways; `short` names payloads that are too long for a button, `read` gives what files hold."""

    name = NAME
    is_immediate = False
    takes_files = True
    limits = LIMITS

    def __init__(self, short: Short, read: Read, *, base_url: str = BASE_URL) -> None:
        self._short, self._read, self._base_url = short, read, base_url

    def number_chosen(self, text: str) -> int | None:
        """There are buttons: a number is what the citizen wrote."""
        return None

    def page_asked(self, inbound: Inbound, last: Callable[[], Offer | None]) -> tuple[int, int] | None:
        """All choices are shown at once."""
        return None

    def gateway(self, credentials: Credentials) -> TelegramGateway:
        """The way out of one bot."""
        client = TelegramClient(credentials.tokens[0], base_url=self._base_url)
        return TelegramGateway(client, self._short, self._read)
