"""WhatsApp's way out: a message in as few parts as may be, with choices to press where they fit, else by number."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlencode

import structlog

from bot.channels.base import REPEATED, DeliveryError, Fault, Limits, LinkTo, Told
from bot.channels.whatsapp.client import Listed, Sending
from bot.channels.whatsapp.content import content_key, content_of, template_content
from bot.channels.whatsapp.errors import fault_of
from bot.channels.whatsapp.limits import MOST_MESSAGES
from bot.channels.whatsapp.parse import parse
from bot.channels.whatsapp.render import Style, WhatsAppPart, render
from bot.channels.whatsapp.words import language_of
from bot.conversations.schemas import ApprovedText, Inbound, Outbound
from bot.nlu.languages import Language
from bot.senders.schemas import TemplateText, Verdict

# https://www.twilio.com/docs/whatsapp/api and Meta's pair rate: to one citizen a message in six seconds, after a burst.
LIMITS = Limits(
    per_second=80, per_citizen=1 / 6, citizen_burst=MOST_MESSAGES, at_once=32, has_window=True, has_news=True
)
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

    def find_message(self, vendor_id: str) -> Listed | None:
        """One of our messages as Twilio has it."""
        ...

    def list_inbound(self, since: dt.datetime, to: str = "") -> Sequence[dict[str, str]]:
        """What citizens wrote since then, as forms."""
        ...

    def show_typing(self, vendor_id: str) -> None:
        """Show that an answer comes."""
        ...

    def fetch_media(self, url: str, largest: int) -> bytes:
        """A citizen's file."""
        ...

    def delete_media(self, url: str) -> None:
        """Delete a file at Twilio."""
        ...

    def ask_approval(self, content_sid: str, name: str, category: str) -> Verdict:
        """Have WhatsApp look at a template."""
        ...

    def approval_of(self, content_sid: str) -> Verdict | None:
        """What WhatsApp says of a template."""
        ...

    def delete_content(self, content_sid: str) -> None:
        """Delete a content."""
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
        self,
        client: Client,
        contents: ContentCache,
        sender: str,
        *,
        sender_id: str = "",
        status_url: str = "",
        link_to: LinkTo | None = None,
    ) -> None:
        self._client = client
        self._contents = contents
        self._sender = sender
        self._sender_id = sender_id
        self._status_url = status_url
        self._link_to = link_to

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
        if part.style is Style.FILE:
            return self._send_file(sending, outbound.message_id)
        if part.style is Style.TEXT:
            return self._client.send(sending)
        if outbound.approved is not None:
            return self._send_template(sending, outbound.approved)
        return self._send_choices(sending, part, language_of(outbound)) or self._client.send(sending)

    def marked(self, part: WhatsAppPart) -> WhatsAppPart:
        """A part that may have been said before."""
        return replace(part, body=f"{REPEATED} {part.body}".strip())

    def find_sent(self, outbound: Outbound, number: int, since: dt.datetime) -> Sequence[str] | None:
        """Twilio can always tell what left since then: by its address and text, and whether there was a file."""
        part = self.parts(outbound)[number]
        reads = part.body.strip(), part.style is Style.FILE
        found = self._client.list_messages(outbound.address, since - CLOCK_DIFFERENCE)
        return [one.vendor_id for one in found if (one.body.strip(), one.has_file) == reads]

    def ask_status(self, vendor_id: str) -> Told | None:
        """What Twilio has of a message; its callback may have been lost. None when it does not know it any more."""
        found = self._client.find_message(vendor_id)
        if found is None:
            return None
        return Told(found.status, found.error_code, fault_of(found.error_code) if found.error_code else None)

    def missed(self, since: dt.datetime) -> list[Inbound]:
        """What Twilio has of citizens since then: it tries a webhook for some seconds only."""
        forms = self._client.list_inbound(since, to=self._sender)
        found = (parse(form, sender_id=self._sender_id) for form in forms)
        return [one for one in found if one is not None]

    def fetch_file(self, reference: str, largest: int) -> bytes:
        """A citizen's file, by its address at Twilio."""
        return self._client.fetch_media(reference, largest)

    def delete_file(self, reference: str) -> None:
        """Delete a citizen's file at Twilio, which keeps it until then."""
        self._client.delete_media(reference)

    def type(self, address: str, replying_to: str) -> None:
        """Show for up to 25 seconds that an answer to a message is being written."""
        self._client.show_typing(replying_to)

    def make_template(self, template: TemplateText) -> str:
        """Have a template made at Twilio; gives its id there. WhatsApp is not asked yet."""
        return self._client.create_content(template_content(template))

    def ask_approval(self, vendor_id: str, template: TemplateText) -> Verdict:
        """Ask WhatsApp to approve a template; gives what it says now, and will decide in minutes or days."""
        return self._client.ask_approval(vendor_id, template.name, template.category.value)

    def approval_of(self, vendor_id: str) -> Verdict | None:
        """What WhatsApp says of a template; None when Twilio does not have it any more."""
        return self._client.approval_of(vendor_id)

    def delete_template(self, vendor_id: str) -> None:
        """Delete a template at Twilio and WhatsApp."""
        self._client.delete_content(vendor_id)

    def _send_file(self, sending: Sending, message_id: int) -> str:
        if self._link_to is None:
            raise DeliveryError("Twilio cannot reach us for a file", permanent=True, code="unreachable")
        return self._client.send(replace(sending, media_url=self._link_to(message_id)))

    def _send_template(self, sending: Sending, approved: ApprovedText) -> str:
        """What refuses a template is no reason to give up the message: it goes when the citizen writes."""
        try:
            return self._client.send(replace(sending, content_sid=approved.vendor_id, variables=approved.values))
        except DeliveryError as error:
            if error.fault is not Fault.CONTENT:
                raise
            raise DeliveryError(str(error), fault=Fault.WINDOW, code=error.code) from error

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
