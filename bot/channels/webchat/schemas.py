"""What the page sends and gets, as JSON."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from bot.channels.webchat.delivery import NAME
from bot.conversations.schemas import Inbound, Kind, Line
from bot.nlu.text import clean

LONGEST_PAYLOAD = 300


class SessionRequest(BaseModel):
    """Begin or go on: `new` closes the conversation so far."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["ar", "fr", "en"] | None = None
    new: bool = False


class MessageRequest(BaseModel):
    """One message: a text, a pressed button (with its title as text), or a place."""

    model_config = ConfigDict(extra="forbid")

    id: uuid.UUID
    text: Annotated[str, StringConstraints(max_length=8000)] = ""
    payload: (
        Annotated[str, StringConstraints(max_length=LONGEST_PAYLOAD, pattern=r"^/[a-z_]+(\{[^\x00-\x1f]*\})?$")] | None
    ) = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    language: Literal["ar", "fr", "en"] | None = None

    @model_validator(mode="after")
    def _has_something(self) -> "MessageRequest":
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude belong together")
        if not (clean(self.text) or self.payload or self.latitude is not None):
            raise ValueError("the message is empty")
        return self

    def to_inbound(self, address: str, vendor_id: str) -> Inbound:
        """The message in the shape that every channel gives."""
        kind = Kind.TEXT
        if self.payload:
            kind = Kind.BUTTON
        elif self.latitude is not None:
            kind = Kind.LOCATION
        return Inbound(
            channel=NAME,
            vendor_id=vendor_id,
            address=address,
            address_kind="session",
            kind=kind,
            text=clean(self.text),
            payload=self.payload or "",
            latitude=self.latitude,
            longitude=self.longitude,
            language=self.language,
        )


class FileView(BaseModel):
    """A file of staff's: a link that holds for some time."""

    name: str
    mime_type: str
    size: int
    url: str


class MessageView(BaseModel):
    """One message as the page shows it."""

    id: int
    client_id: str | None
    author: str
    text: str
    buttons: list[dict[str, str]]
    links: list[dict[str, str]]
    language: str | None
    created_at: dt.datetime
    file: FileView | None = None

    @classmethod
    def of(cls, line: Line, path_to: Callable[[int], str]) -> "MessageView":
        """A line of the conversation; the page knows its own messages by the id that it gave them."""
        file = line.file
        return cls(
            id=line.id,
            client_id=line.vendor_id.partition(":")[2] if line.vendor_id else None,
            author=line.author,
            text=line.text,
            buttons=[asdict(button) for button in line.buttons],
            links=[asdict(link) for link in line.links],
            language=line.language,
            created_at=line.created_at,
            file=FileView(name=file.name, mime_type=file.mime_type, size=file.size, url=path_to(line.id))
            if file
            else None,
        )
