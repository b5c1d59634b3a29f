"""From Twilio's form to our shapes; nobody beyond this module knows Twilio's names.

https://www.twilio.com/docs/messaging/guides/webhook-request. The profile's name, referrals and the citizen's contacts
are not read, so that they cannot be kept.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.conversations.schemas import Inbound, Kind, Media, MediaKind
from bot.conversations.states import Delivery
from bot.nlu.text import clean

NAME = "whatsapp"
LONGEST_PAYLOAD = 300
LONGEST_REFERENCE = 1000
LARGEST_LATITUDE = 90
LARGEST_LONGITUDE = 180

# What a citizen does with a message, or what WhatsApp says about one: nothing to answer.
SILENT_TYPES = {"reaction", "system", "ephemeral", "unsupported", "unknown"}
VCARDS = {"text/vcard", "text/x-vcard", "text/directory"}
STATUSES = {
    "accepted": Delivery.QUEUED,
    "scheduled": Delivery.QUEUED,
    "queued": Delivery.QUEUED,
    "sending": Delivery.SENDING,
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}

_SID = re.compile(r"[A-Za-z]{2}[0-9A-Za-z]{8,64}", re.ASCII)
_PHONE = re.compile(r"whatsapp:\+[0-9]{5,16}", re.ASCII)
# The id that stands for a citizen who hides the number: CC.xxx, or CC.ENT.xxx across accounts.
_BSUID = re.compile(r"whatsapp:[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}", re.ASCII)
_CODE = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True)
class Status:
    """How far one of our messages got; `error_code` is Twilio's number, empty without an error."""

    vendor_id: str
    status: Delivery
    error_code: str = ""


def parse(form: Mapping[str, str], *, sender_id: str) -> Inbound | None:
    """A citizen's message; None for what is none, or has nothing in it that we could read."""
    vendor_id, address = _sid(form), _address(form)
    if not vendor_id or not address or _value(form, "MessageType").lower() in SILENT_TYPES:
        return None
    content = _content(form)
    if content is None:
        return None
    return Inbound(
        channel=NAME,
        vendor_id=f"{sender_id}:{vendor_id}",
        address=address,
        address_kind="phone" if _PHONE.fullmatch(address) else "bsuid",
        sender_id=sender_id,
        other_addresses=_other_addresses(form, address),
        **content,
    )


def parse_status(form: Mapping[str, str]) -> Status | None:
    """What a status callback says; None when it is none or names a state that we do not know."""
    status = STATUSES.get((_value(form, "MessageStatus") or _value(form, "SmsStatus")).lower())
    vendor_id, code = _sid(form), _value(form, "ErrorCode")
    if status is None or not vendor_id:
        return None
    return Status(vendor_id, status, code if _CODE.fullmatch(code) and int(code) else "")


def belongs(form: Mapping[str, str], account_sid: str, to: str, *, messaging_service_sid: str = "") -> bool:
    """Whether a form, once its signature is checked, is about our account and sender; `to` is the sender's address."""
    if not account_sid or _value(form, "AccountSid") != account_sid:
        return False
    # A status is about a message that our sender wrote; a message was written to our sender.
    ours = _value(form, "From" if _value(form, "MessageStatus") else "To")
    service = _value(form, "MessagingServiceSid")
    return bool((to and ours == to) or (messaging_service_sid and service == messaging_service_sid))


def _value(form: Mapping[str, str], name: str) -> str:
    value: Any = form.get(name)
    return value if isinstance(value, str) else ""


def _sid(form: Mapping[str, str]) -> str | None:
    for name in ("MessageSid", "SmsMessageSid", "SmsSid"):
        if _SID.fullmatch(_value(form, name)):
            return _value(form, name)
    return None


def _address(form: Mapping[str, str]) -> str | None:
    """Where to answer."""
    value = _value(form, "From")
    if _PHONE.fullmatch(value) or _BSUID.fullmatch(value):
        return value
    return _other_addresses(form, value).get("bsuid")


def _other_addresses(form: Mapping[str, str], address: str) -> dict[str, str]:
    """By kind, what else the citizen who wrote is known by: WhatsApp may hide the number later, or show it again."""
    given = (
        ("bsuid", _BSUID, f"{NAME}:{_value(form, 'ExternalUserId').removeprefix(f'{NAME}:')}"),
        ("parent", _BSUID, f"{NAME}:{_value(form, 'ParentExternalUserId').removeprefix(f'{NAME}:')}"),
        # WhatsApp's own id for a number is another number in some countries.
        ("phone", _PHONE, f"{NAME}:+{_value(form, 'WaId')}"),
    )
    return {kind: one for kind, pattern, one in given if one != address and pattern.fullmatch(one)}


def _content(form: Mapping[str, str]) -> dict[str, Any] | None:
    """Kind and content of a message, the most telling first; None when there is nothing."""
    text = clean(_value(form, "Body"))
    for read in (_press, _place, _file):
        found = read(form)
        if found is not None:
            return {"text": text} | found
    if _value(form, "MessageType").lower() == "contacts":
        return {"kind": Kind.CONTACT, "text": text}
    return {"kind": Kind.TEXT, "text": text} if text else None


def _press(form: Mapping[str, str]) -> dict[str, Any] | None:
    for payload_name, title_name in (("ButtonPayload", "ButtonText"), ("ListId", "ListTitle")):
        payload = _value(form, payload_name)
        if payload and payload == clean(payload, LONGEST_PAYLOAD):
            title = clean(_value(form, title_name) or _value(form, "Body"))
            return {"kind": Kind.BUTTON, "payload": payload, "text": title}
    return None


def _place(form: Mapping[str, str]) -> dict[str, Any] | None:
    latitude = _degrees(_value(form, "Latitude"), LARGEST_LATITUDE)
    longitude = _degrees(_value(form, "Longitude"), LARGEST_LONGITUDE)
    if latitude is None or longitude is None:
        return None
    named = clean(", ".join(filter(None, (_value(form, "Label"), _value(form, "Address")))))
    words = {"text": named} if named else {}
    return {"kind": Kind.LOCATION, "latitude": latitude, "longitude": longitude, **words}


def _degrees(value: str, largest: int) -> float | None:
    try:
        degrees = float(value)
    except ValueError:
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= largest else None


def _file(form: Mapping[str, str]) -> dict[str, Any] | None:
    """The first file: WhatsApp sends one a message."""
    reference = _value(form, "MediaUrl0")
    if not reference.startswith(("https://", "http://")) or reference != clean(reference, LONGEST_REFERENCE):
        return None
    mime_type = clean(_value(form, "MediaContentType0").partition(";")[0], 100).lower()
    kind = Kind.CONTACT if mime_type in VCARDS else Kind.MEDIA
    return {"kind": kind, "media": Media(_media_kind(mime_type), reference, mime_type)}


def _media_kind(mime_type: str) -> MediaKind:
    by_type = {"image/webp": MediaKind.STICKER, "audio/ogg": MediaKind.VOICE}
    by_family = {"image": MediaKind.PHOTO, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}
    return by_type.get(mime_type) or by_family.get(mime_type.partition("/")[0], MediaKind.DOCUMENT)
