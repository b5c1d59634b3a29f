"""Messages in our shape, between channels, the record and the durable work: no vendor's words in them."""

import datetime as dt
from collections.abc import Sequence
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


@dataclass(frozen=True)
class Inbound:
    """A citizen's message, in our shape: the vendor's stops at the channel's door.

    `vendor_id` is unique in the channel; `address` is where to answer; `payload` is what a pressed button carries.
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
        return cls(**{**values, "kind": Kind(values["kind"])})


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
class Outbound:
    """A message to a citizen; `*…*` in the text is bold, lines are lines."""

    message_id: int
    address: str
    text: str
    buttons: Sequence[Button] = field(default_factory=tuple)
    links: Sequence[Link] = field(default_factory=tuple)


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
