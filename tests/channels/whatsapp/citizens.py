"""The citizens' side of WhatsApp: what they write, press and send, and what they see."""

import datetime as dt
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.channels.whatsapp.courier import Attempt, Courier

ACCOUNT = "AC" + "0" * 32
SENDER = "whatsapp:+212537000000"
WINDOW_SECONDS = 24 * 3600


def sid(kind: str) -> str:
    """A fresh id in Twilio's form."""
    return kind + uuid.uuid4().hex


def address_of(number: str) -> str:
    """A number, or the id of a citizen who hides it, as an address."""
    return f"whatsapp:{number}"


@dataclass
class Sent:
    """A message from us: what a citizen sees of it, what the call said, when."""

    sid: str
    to: str
    body: str
    form: dict[str, str]
    content: dict[str, Any] | None = None
    at: float = field(default_factory=time.monotonic)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Title and payload of everything that can be pressed."""
        types = (self.content or {}).get("types", {})
        actions = types.get("twilio/quick-reply", {}).get("actions", [])
        items = types.get("twilio/list-picker", {}).get("items", [])
        return [(one["title"], one["id"]) for one in actions] + [(one["item"], one["id"]) for one in items]


@dataclass
class Citizens:
    """What citizens got (`sent`) and did; their messages go to `webhook_url`, which answers in `Attempt`s."""

    account_sid: str = ACCOUNT
    sender: str = SENDER
    api_url: str = ""
    webhook_url: str = ""
    fallback_url: str = ""
    courier: Courier = field(default_factory=Courier)
    sent: list[Sent] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    media: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    window_seconds: float = WINDOW_SECONDS
    windows: dict[str, float] = field(default_factory=dict)

    def open_window(self, number: str) -> None:
        """As if the citizen had just written."""
        self.windows[address_of(number)] = time.monotonic()

    def is_open(self, address: str) -> bool:
        """Whether free text may be sent to an address."""
        wrote_at = self.windows.get(address)
        return wrote_at is not None and time.monotonic() - wrote_at < self.window_seconds

    def citizen_says(self, number: str, text: str, **more: str) -> list[Attempt]:
        """Write a text; `more` are further fields of the form."""
        return self._bring(number, {"Body": text, "MessageType": "text"} | more)

    def citizen_presses(self, number: str, payload: str, title: str) -> list[Attempt]:
        """Press a quick reply."""
        pressed = {"ButtonPayload": payload, "ButtonText": title}
        return self._bring(number, {"Body": title, "MessageType": "interactive"} | pressed)

    def citizen_picks(self, number: str, payload: str, title: str) -> list[Attempt]:
        """Pick a line of a list."""
        picked = {"ListId": payload, "ListTitle": title}
        return self._bring(number, {"Body": title, "MessageType": "interactive"} | picked)

    def citizen_sends_location(self, number: str, latitude: float, longitude: float) -> list[Attempt]:
        """Show a place."""
        place = {"Latitude": str(latitude), "Longitude": str(longitude)}
        return self._bring(number, {"Body": "", "MessageType": "location"} | place)

    def citizen_sends_media(self, number: str, content: bytes, mime: str, caption: str = "") -> list[Attempt]:
        """Send a file, which lies at Twilio until it is deleted."""
        media_sid = sid("ME")
        self.media[media_sid] = (content, mime)
        form = {"Body": caption, "NumMedia": "1", "MessageType": mime.partition("/")[0], "MediaContentType0": mime}
        return self._bring(number, form, media_sid=media_sid)

    def citizen_reacts(self, number: str, emoji: str) -> list[Attempt]:
        """React to a message."""
        return self._bring(number, {"Body": emoji, "MessageType": "reaction"})

    def _bring(self, number: str, content: dict[str, str], *, media_sid: str = "") -> list[Attempt]:
        message = self._receive(address_of(number), content, media_sid)
        form = self._form(number, message["sid"]) | content
        if media_sid:
            form["MediaUrl0"] = f"{self.api_url}{message['uri'].removesuffix('.json')}/Media/{media_sid}"
        return self.courier.bring(self.webhook_url, form, fallback=self.fallback_url)

    def _receive(self, address: str, content: dict[str, str], media_sid: str) -> dict[str, Any]:
        self.windows[address] = time.monotonic()
        values = {"from": address, "to": self.sender, "body": content["Body"], "direction": "inbound"}
        return self.keep_message(
            sid("MM" if media_sid else "SM"), "received", values | {"num_media": "1" if media_sid else "0"}, media_sid
        )

    def keep_message(
        self, message_sid: str, status: str, values: dict[str, Any], media_sid: str = ""
    ) -> dict[str, Any]:
        """Record a message as the API lists it."""
        now = dt.datetime.now(dt.UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        self.messages[message_sid] = {
            "sid": message_sid,
            "account_sid": self.account_sid,
            "status": status,
            "error_code": None,
            "num_media": "0",
            "date_created": now,
            "date_updated": now,
            "date_sent": now,
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{message_sid}.json",
            "media": [media_sid] if media_sid else [],
        } | values
        return self.messages[message_sid]

    def _form(self, number: str, message_sid: str) -> dict[str, str]:
        """What every webhook says, the profile's name among it."""
        identity = {"WaId": number.removeprefix("+"), "ProfileName": "Citoyenne Exemple"}
        channel = {"type": "whatsapp", "data": {"context": identity}}
        return identity | {
            "SmsMessageSid": message_sid,
            "SmsSid": message_sid,
            "MessageSid": message_sid,
            "SmsStatus": "received",
            "AccountSid": self.account_sid,
            "From": address_of(number),
            "To": self.sender,
            "NumMedia": "0",
            "NumSegments": "1",
            "ReferralNumMedia": "0",
            "ChannelMetadata": json.dumps(channel),
            "ApiVersion": "2010-04-01",
        }
