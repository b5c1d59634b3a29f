"""All that we ask of Twilio: send, look up what was sent or came in, show that somebody types, fetch files.

Every call raises DeliveryError, whose `fault` says what to do; neither keys nor words of citizens are logged.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList
from twilio.rest.messaging.v3.typing_indicator import TypingIndicatorList

from bot.channels.base import DeliveryError, Fault
from bot.channels.whatsapp.approval import verdict
from bot.channels.whatsapp.media import MediaStore
from bot.channels.whatsapp.parse import STATUSES
from bot.channels.whatsapp.transport import Transport
from bot.conversations.states import Delivery
from bot.senders.schemas import Verdict

API_URL = "https://api.twilio.com"
MOST_LISTED = 1000
MOST_TO_ONE = 100
INBOUND = "inbound"
NOT_FOUND = "20404"
# "whatsapp" in small letters is refused.
TYPING_CHANNEL = "WHATSAPP"


@dataclass(frozen=True)
class Sending:
    """One message for Twilio: a text, a file by its address, or a content's id with its variables and nothing beside.

    `from_` is our sender's address or a messaging service's id; `validity_seconds` is how long it may wait at Twilio.
    """

    from_: str
    to: str
    body: str = ""
    media_url: str = ""
    content_sid: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    status_callback: str = ""
    validity_seconds: int = 0

    def arguments(self) -> dict[str, Any]:
        """For Twilio's library; what is empty is left out."""
        is_service = self.from_.startswith("MG")
        values = {
            "to": self.to,
            "messaging_service_sid" if is_service else "from_": self.from_,
            "body": "" if self.content_sid else self.body,
            "media_url": [self.media_url] if self.media_url else "",
            "content_sid": self.content_sid,
            "content_variables": json.dumps(dict(self.variables), ensure_ascii=False) if self.variables else "",
            "status_callback": self.status_callback,
            "validity_period": self.validity_seconds,
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Listed:
    """One of our messages as Twilio has it, to find out what became of a call without an answer."""

    vendor_id: str
    to: str
    body: str
    status: Delivery
    error_code: str
    created_at: dt.datetime
    has_file: bool = False


class TwilioClient:
    """The way to one Twilio account; safe to share between threads.

    `key` and `secret` are an API key, or the account's id and token; `base_url` leads elsewhere than to Twilio.
    """

    def __init__(
        self, account_sid: str, key: str, secret: str, *, base_url: str | None = None, timeout_seconds: float = 10.0
    ) -> None:
        self._transport = Transport(base_url=base_url, timeout_seconds=timeout_seconds)
        self._twilio = Client(key, secret, account_sid, http_client=self._transport)
        self._media = MediaStore(account_sid, (key, secret), base_url=base_url, timeout_seconds=timeout_seconds)
        self._api_url = base_url or API_URL

    def send(self, sending: Sending) -> str:
        """Hand one message over; gives its id at Twilio."""
        return _id_of(self._twilio.messages.create(**sending.arguments()))

    def create_content(self, content: dict[str, Any]) -> str:
        """Make a content; gives its id."""
        return _id_of(self._twilio.content.v1.contents.create(ContentList.ContentCreateRequest(content)))

    def ask_approval(self, content_sid: str, name: str, category: str) -> Verdict:
        """Have WhatsApp look at a content as a template of that name."""
        asked = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": category.upper()})
        return verdict(vars(self._twilio.content.v1.contents(content_sid).approval_create.create(asked)))

    def approval_of(self, content_sid: str) -> Verdict | None:
        """What WhatsApp says of a template; None when there is no such content."""
        try:
            found = self._twilio.content.v1.contents(content_sid).approval_fetch().fetch()
        except DeliveryError as error:
            if error.code == NOT_FOUND:
                return None
            raise
        return verdict(found.whatsapp or {})

    def delete_content(self, content_sid: str) -> None:
        """Delete a content, and the template that it is; it may be gone already."""
        try:
            self._twilio.content.v1.contents(content_sid).delete()
        except DeliveryError as error:
            if error.code != NOT_FOUND:
                raise

    def list_messages(self, to: str, since: dt.datetime) -> list[Listed]:
        """What was sent to an address since then, the latest first."""
        # Not by the time of sending, which those that wait at Twilio do not have yet.
        found = _since(since, self._twilio.messages.list(to=to, limit=MOST_TO_ONE))
        return [_listed(one) for one in found if one.direction != INBOUND]

    def find_message(self, vendor_id: str) -> Listed | None:
        """One of our messages as Twilio has it; None when it does not know it (any more)."""
        try:
            return _listed(self._twilio.messages(vendor_id).fetch())
        except DeliveryError as error:
            if error.code == NOT_FOUND:
                return None
            raise

    def list_inbound(self, since: dt.datetime, to: str = "") -> list[dict[str, str]]:
        """What citizens wrote (to one of our senders) since then, as forms that `parse` reads, the oldest first."""
        by = {"to": to} if to else {}
        found = self._twilio.messages.list(date_sent_after=since.astimezone(dt.UTC), limit=MOST_LISTED, **by)
        return [self._form(one) for one in reversed(_since(since, found)) if one.direction == INBOUND]

    def show_typing(self, vendor_id: str) -> None:
        """Show for up to 25 seconds that an answer to this message comes, and mark the message as read."""
        values = {"channel": TYPING_CHANNEL, "messageId": vendor_id.rpartition(":")[2]}
        self._twilio.messaging.v3.typing_indicator.create(TypingIndicatorList.TypingIndicatorRequest(values))

    def fetch_media(self, url: str, largest: int) -> bytes:
        """A citizen's file. It stays at Twilio until it is kept here and deleted there."""
        return self._media.fetch(url, largest)

    def delete_media(self, url: str) -> None:
        """Delete a file at Twilio."""
        self._media.delete(url)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
        self._media.close()

    def _form(self, message: Any) -> dict[str, str]:
        form = {
            "MessageSid": message.sid,
            "AccountSid": message.account_sid or "",
            "From": message.from_ or "",
            "To": message.to or "",
            "Body": message.body or "",
        }
        files = self._twilio.messages(message.sid).media.list(limit=1) if message.num_media not in (None, "0") else []
        for number, one in enumerate(files):
            form[f"MediaUrl{number}"] = self._api_url + one.uri.removesuffix(".json")
            form[f"MediaContentType{number}"] = one.content_type or ""
        return form


def _since(since: dt.datetime, messages: list[Any]) -> list[Any]:
    """Those made since then; Twilio may round a time down to its day."""
    return [one for one in messages if one.sid and one.date_created and one.date_created >= since]


def _id_of(made: Any) -> str:
    if not made.sid:
        raise DeliveryError("Twilio answered without an id", fault=Fault.UNKNOWN)
    return str(made.sid)


def _listed(message: Any) -> Listed:
    return Listed(
        vendor_id=message.sid,
        to=message.to or "",
        body=message.body or "",
        status=STATUSES.get(message.status, Delivery.UNKNOWN),
        error_code=str(message.error_code or ""),
        created_at=message.date_created,
        has_file=message.num_media not in (None, "", "0"),
    )
