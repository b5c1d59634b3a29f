"""Messages in our shape, between channels, the record and the durable work: no vendor's words in them."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from bot.conversations.states import Author


class Kind(StrEnum):
    """What a citizen sent."""

    TEXT = "text"
    BUTTON = "button"
    LOCATION = "location"
    MEDIA = "media"
    CONTACT = "contact"


class MediaKind(StrEnum):
    """What kind of file a citizen sent."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    STICKER = "sticker"


@dataclass(frozen=True)
class Media:
    """A file that lies at the vendor's: `reference` is its id or address there, `size` its bytes as far as known."""

    kind: MediaKind
    reference: str
    mime_type: str = ""
    size: int = 0
    name: str = ""


@dataclass(frozen=True)
class Inbound:
    """A citizen's message, in our shape: the vendor's stops at the channel's door.

    `vendor_id` is unique in the channel; `address` is where to answer; `payload` is what a pressed button carries;
    `sender_id` is which of our accounts it came to; `is_edit` tells that it replaces an earlier text; `other_addresses`
    are, by kind, those that the vendor says are the same citizen's; `came_at` is when we had it first (aware UTC, ISO).
    """

    channel: str
    vendor_id: str
    address: str
    kind: Kind
    text: str = ""
    payload: str = ""
    latitude: float | None = None
    longitude: float | None = None
    language: str | None = None
    address_kind: str = "user"
    sender_id: str = ""
    media: Media | None = None
    is_edit: bool = False
    other_addresses: Mapping[str, str] = field(default_factory=dict)
    came_at: str = field(default_factory=lambda: dt.datetime.now(dt.UTC).isoformat(), compare=False)

    @property
    def queue_address(self) -> str:
        """The address by which a citizen's messages wait in line: the same one, whichever of them they come from."""
        return max([self.address, *self.other_addresses.values()])

    @property
    def workflow_id(self) -> str:
        """The id of the durable work that this message is: the same message never becomes two."""
        return f"{self.channel}:{self.vendor_id}"

    def to_json(self) -> dict[str, Any]:
        """As plain values, for the durable engine."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Inbound":
        """The reverse of to_json."""
        media = values.get("media")
        found = Media(**{**media, "kind": MediaKind(media["kind"])}) if media else None
        return cls(**{**values, "kind": Kind(values["kind"]), "media": found})


@dataclass(frozen=True)
class Presence:
    """A citizen blocked us or took us back: whether anything can reach the address from now on."""

    channel: str
    address: str
    sender_id: str
    is_reachable: bool


@dataclass(frozen=True)
class Button:
    """A choice that the citizen can press; the payload comes back with the press."""

    title: str
    payload: str


@dataclass(frozen=True)
class Link:
    """A page to open."""

    title: str
    url: str


@dataclass(frozen=True)
class Attachment:
    """A file of staff's with a message: what citizens see it called, and the name under which it lies here."""

    name: str
    mime_type: str
    size: int
    stored_as: str

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown as it is."""
        return self.mime_type.startswith("image/")


@dataclass(frozen=True)
class TemplateUse:
    """What may be said instead of a text when that is not allowed: a template by its name, and the values for it."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ApprovedText:
    """A template with its values, ready to be sent: `vendor_id` is its name at the vendor, `text` what is read."""

    vendor_id: str
    values: Mapping[str, str]
    text: str
    language: str


@dataclass(frozen=True)
class Outbound:
    """A message to a citizen; `*…*` in the text is bold, lines are lines.

    `approved` goes instead of all the rest. `page` is which part of many choices is shown, from 0.
    """

    message_id: int
    address: str
    text: str
    buttons: Sequence[Button] = field(default_factory=tuple)
    links: Sequence[Link] = field(default_factory=tuple)
    language: str | None = None
    conversation_id: uuid.UUID | None = None
    approved: ApprovedText | None = None
    page: int = 0
    file: Attachment | None = None


@dataclass(frozen=True)
class Offer:
    """Choices that we offered: in which message, how many in all, and which page of them it shows."""

    message_id: int
    count: int
    page: int = 0


@dataclass(frozen=True)
class Line:
    """One message of a conversation as it is shown; `vendor_id` only of the citizen's own."""

    id: int
    vendor_id: str | None
    author: Author
    text: str
    buttons: Sequence[Button]
    links: Sequence[Link]
    language: str | None
    created_at: dt.datetime
    file: Attachment | None = None
