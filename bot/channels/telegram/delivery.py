"""Telegram's way out: a message in parts, one after the other, until the first that does not leave."""

from collections import OrderedDict

from bot.channels.base import DeliveryError, Receipt
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.parse import NAME
from bot.channels.telegram.render import Short, render
from bot.conversations.schemas import Outbound

MAX_REMEMBERED = 1000


class Telegram:
    """The channel of one bot. `sender_id` is the one that its updates are parsed with, so that ids are of one kind."""

    name = NAME
    is_immediate = False

    def __init__(self, client: TelegramClient, short: Short, *, sender_id: str) -> None:
        self._client = client
        self._short = short
        self._sender_id = sender_id
        self._begun: OrderedDict[int, int] = OrderedDict()

    def deliver(self, outbound: Outbound) -> Receipt:
        """Send all parts; gives the id of the last, which has the buttons.

        Raises DeliveryError, whose code names the part when there are several. Called again for the same message, it
        goes on with that part as long as this process lives; after a restart it begins anew.
        """
        parts = render(outbound, self._short)
        if not parts:
            raise DeliveryError("there is nothing to send", permanent=True, code="empty")
        vendor_id = ""
        for index in range(self._begun.get(outbound.message_id, 0), len(parts)):
            try:
                vendor_id = self._client.send_part(outbound.address, parts[index])
            except DeliveryError as error:
                raise self._failure(error, outbound.message_id, index, len(parts)) from error
        self._begun.pop(outbound.message_id, None)
        return Receipt(f"{self._sender_id}:{vendor_id}")

    def _failure(self, error: DeliveryError, message_id: int, index: int, count: int) -> DeliveryError:
        if index:
            self._begun[message_id] = index
            if len(self._begun) > MAX_REMEMBERED:
                self._begun.popitem(last=False)
        code = f"{error.code} in part {index + 1}/{count}" if count > 1 else error.code
        return DeliveryError(str(error), fault=error.fault, retry_after=error.retry_after, code=code)
