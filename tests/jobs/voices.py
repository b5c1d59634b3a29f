"""A citizen who sends files and speaks, and a look at what came of it."""

import uuid
from dataclasses import dataclass, field

from sqlalchemy import Select, select

from bot.conversations.models import Message
from bot.conversations.schemas import Button, Inbound, Kind, Media, MediaKind
from bot.db.session import Database
from bot.jobs.services import services
from bot.media.models import MediaFile
from bot.media.states import State
from tests.fakes.listener import recording
from tests.jobs.talk import Talk, Vendor, wait_until

ADDRESS = "somebody"
FINAL = (State.FETCHED, State.REFUSED, State.FAILED)


@dataclass
class Citizen:
    """Somebody at the vendor's channel."""

    talk: Talk
    vendor: Vendor
    sender_id: str
    sent: list[Inbound] = field(default_factory=list)

    def send(self, kind: Kind, text: str = "", *, payload: str = "", media: Media | None = None) -> list[Message]:
        """Any message; gives the replies of its turn."""
        inbound = self.message(kind, text, payload=payload, media=media)
        return self.talk.replies(self.talk.send(inbound))

    def message(self, kind: Kind, text: str = "", *, payload: str = "", media: Media | None = None) -> Inbound:
        """Any message, not handed in yet."""
        inbound = Inbound(
            self.vendor.name, uuid.uuid4().hex, ADDRESS, kind, text, payload, sender_id=self.sender_id, media=media
        )
        self.sent.append(inbound)
        return inbound

    def says(self, text: str) -> list[Message]:
        """Write."""
        return self.send(Kind.TEXT, text)

    def presses(self, button: Button) -> list[Message]:
        """Press a button."""
        return self.send(Kind.BUTTON, button.title, payload=button.payload)

    def sends_file(self, content: bytes, kind: MediaKind = MediaKind.PHOTO, text: str = "") -> list[Message]:
        """Send a file, which lies at the vendor's."""
        return self.send(Kind.MEDIA, text, media=self.file(content, kind))

    def file(self, content: bytes, kind: MediaKind) -> Media:
        """A file at the vendor's."""
        reference = f"file {len(self.sent)}"
        self.vendor.files[reference] = content
        return Media(kind, reference)

    def speaks(self, words: str) -> Message:
        """Send a voice note; gives what is said to it."""
        assert self.sends_file(recording(words), MediaKind.VOICE) == []
        return self.talk.replies(self.hearing_of(self.sent[-1]))[0]

    @staticmethod
    def hearing_of(inbound: Inbound) -> str:
        """The id of the durable work that fetches a message's file."""
        return f"file:{inbound.workflow_id}"


def buttons(message: Message) -> list[Button]:
    """The buttons under a message."""
    return [Button(**one) for one in message.payload["buttons"]]


def file_of(database: Database) -> MediaFile:
    """The one file that there is, once it is settled what becomes of it."""
    settled = select(MediaFile).where(MediaFile.state.in_(FINAL))
    wait_until(lambda: _find(database, settled) is not None)
    found = _find(database, settled)
    assert found is not None
    return found


def _find(database: Database, query: Select[MediaFile]) -> MediaFile | None:
    with database.transaction() as session:
        return session.scalars(query).one_or_none()


def kept(database: Database, message_id: int) -> bytes:
    """What lies on our disk."""
    with database.transaction() as session:
        row = session.get_one(MediaFile, message_id)
    assert row.stored_as is not None
    return services().folder.read(row.stored_as)
