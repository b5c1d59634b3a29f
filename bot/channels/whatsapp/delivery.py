"""WhatsApp's way out: a message in as few parts as may be, with choices to press where they fit, else by number."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlencode

import structlog

from bot.channels.base import REPEATED, DeliveryError, Fault, Limits
from bot.channels.whatsapp.client import Listed, Sending
from bot.channels.whatsapp.content import content_key, content_of
from bot.channels.whatsapp.parse import parse
from bot.channels.whatsapp.render import Style, WhatsAppPart, render
from bot.conversations.schemas import Inbound, Outbound
from bot.nlu.languages import Language
from bot.nlu.text import has_arabic

# https://www.twilio.com/docs/whatsapp/api and Meta's pair rate: to one citizen a message in six seconds, after a burst.
LIMITS = Limits(per_second=80, per_citizen=1 / 6, citizen_burst=10, at_once=16, has_window=True)
# How long an answer may wait at Twilio; later it would only puzzle.
VALIDITY_SECONDS = 1800
# How often and how long Twilio tries to reach us with a status; the part after `#` is for Twilio alone.
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
CALLBACK_OVERRIDES = "#ct=2000&rt=5000&tt=15000&rc=5&rp=all"
# Twilio's clock is not ours, and counts whole seconds.
CLOCK_DIFFERENCE = dt.timedelta(seconds=2)

log = structlog.get_logger(__name__)


class Client(Protocol):
    """What a delivery needs of TwilioClient."""

    def send(self, sending: Sending) -> str:
        """Hand one message over; gives its id at Twilio."""
        ...

    def create_content(self, content: dict[str, Any]) -> str:
        """Make a content; gives its id."""
        ...

    def list_messages(self, to: str, since: dt.datetime) -> Sequence[Listed]:
        """What was sent to an address since then."""
        ...

    def list_inbound(self, since: dt.datetime, to: str = "") -> Sequence[dict[str, str]]:
        """What citizens wrote since then, as forms."""
        ...

    def show_typing(self, vendor_id: str) -> None:
        """Show that an answer comes."""
        ...


class ContentCache(Protocol):
    """Remembers the contents that one account has."""

    def find(self, key: str) -> str | None:
        """The id kept last under a key; None or an empty one means: make it."""
        ...

    def keep(self, key: str, sid: str) -> None:
        """Keep an id; an empty one forgets it."""
        ...


def status_callback(url: str, message_id: int) -> str:
    """Where Twilio tells how far a message got: our address for it, with our own id of the message."""
    return f"{url}?{urlencode({'message': message_id})}{CALLBACK_OVERRIDES}" if url else ""


class WhatsApp:
    """The way out of one WhatsApp sender; `status_url` is our public address for its status callbacks."""

    def __init__(
        self, client: Client, contents: ContentCache, sender: str, *, sender_id: str = "", status_url: str = ""
    ) -> None:
        self._client = client
        self._contents = contents
        self._sender = sender
        self._sender_id = sender_id
        self._status_url = status_url

    def parts(self, outbound: Outbound) -> list[WhatsAppPart]:
        """A message as the calls that it takes; raises DeliveryError when there is nothing to say."""
        parts = render(outbound)
        if not parts:
            raise DeliveryError("there is nothing to send", fault=Fault.CONTENT, code="empty")
        return parts

    def send(self, outbound: Outbound, part: WhatsAppPart) -> str:
        """Make one call; gives Twilio's id for it."""
        sending = Sending(
            from_=self._sender,
            to=outbound.address,
            body=part.body,
            status_callback=status_callback(self._status_url, outbound.message_id),
            validity_seconds=VALIDITY_SECONDS,
        )
        if part.style is Style.TEXT:
            return self._client.send(sending)
        return self._send_choices(sending, part, _language(outbound)) or self._client.send(sending)

    def marked(self, part: WhatsAppPart) -> WhatsAppPart:
        """A part that may have been said before."""
        return replace(part, body=f"{REPEATED} {part.body}")

    def find_sent(self, outbound: Outbound, number: int, since: dt.datetime) -> tuple[bool, str | None]:
        """Twilio can always tell if a part left since then: by its address and text."""
        body = self.parts(outbound)[number].body.strip()
        found = self._client.list_messages(outbound.address, since - CLOCK_DIFFERENCE)
        return True, next((one.vendor_id for one in found if one.body.strip() == body), None)

    def missed(self, since: dt.datetime) -> list[Inbound]:
        """What Twilio has of citizens since then: it tries a webhook for some seconds only."""
        forms = self._client.list_inbound(since, to=self._sender)
        found = (parse(form, sender_id=self._sender_id) for form in forms)
        return [one for one in found if one is not None]

    def type(self, address: str, replying_to: str) -> None:
        """Show for up to 25 seconds that an answer to a message is being written."""
        self._client.show_typing(replying_to)

    def _send_choices(self, sending: Sending, part: WhatsAppPart, language: Language) -> str | None:
        """Send the part with its choices to press; None when they cannot be shown and nothing was sent."""
        content = content_of(part, language.value)
        key = content_key(content)
        sid = self._contents.find(key) or self._create(key, content)
        if not sid:
            return None
        try:
            return self._client.send(replace(sending, content_sid=sid))
        except DeliveryError as error:
            if error.fault is not Fault.CONTENT:
                raise
            # Deleted over there, or not to WhatsApp's taste: it is made anew the next time.
            self._contents.keep(key, "")
            log.warning("whatsapp_content_refused", code=error.code)
            return None

    def _create(self, key: str, content: dict[str, Any]) -> str | None:
        try:
            sid = self._client.create_content(content)
        except DeliveryError as error:
            log.warning("whatsapp_content_failed", code=error.code, fault=error.fault.value)
            return None
        self._contents.keep(key, sid)
        return sid


def _language(outbound: Outbound) -> Language:
    """The message's own, else one with its letters: only for the words around a list."""
    if outbound.language in set(Language):
        return Language(outbound.language)
    return Language.ARABIC if has_arabic(outbound.text) else Language.FRENCH
