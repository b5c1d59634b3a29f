"""Files that staff send: told by their content, under a name of ours, kept as citizens' files are."""

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.queries import get_message
from bot.conversations.schemas import Attachment, MediaKind
from bot.conversations.states import Author, Delivery
from bot.db.base import utc_now
from bot.errors import JawabError
from bot.media import queries
from bot.media.filetypes import find_type
from bot.media.folder import Folder
from bot.media.states import Reason, State
from bot.nlu.text import clean

# What all channels take of every kind: WhatsApp's pictures may be the smallest.
# https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages
LARGEST_BYTES = 5 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    f"{_OFFICE}wordprocessingml.document": ".docx",
    f"{_OFFICE}presentationml.presentation": ".pptx",
    f"{_OFFICE}spreadsheetml.sheet": ".xlsx",
}
LONGEST_STEM = 80
NO_NAME = "file"
# Neither controls and marks of direction, nor what means something in a path, a header or a shell.
_ODD = re.compile(r"[^\w ()-]+")


class FileRefusedError(JawabError):
    """A file is not sent; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"a file that is not sent: {reason.value}")
        self.reason = reason


@dataclass(frozen=True)
class Upload:
    """A file that may be sent: its name is made of the one that was given, its type of what it holds."""

    name: str
    mime_type: str
    content: bytes


def read_upload(given_name: str, content: bytes) -> Upload:
    """A file that somebody wants to send; raises FileRefusedError."""
    if len(content) > LARGEST_BYTES:
        raise FileRefusedError(Reason.TOO_LARGE)
    mime_type = find_type(content)
    if mime_type not in EXTENSIONS:
        raise FileRefusedError(Reason.TYPE)
    return Upload(plain_name(given_name) + EXTENSIONS[mime_type], mime_type, content)


def plain_name(given: str) -> str:
    """What a file is called, without its path and the last of its endings: letters, digits and a few signs."""
    stem = re.split(r"[/\\]", clean(given))[-1].rpartition(".")
    words = " ".join(_ODD.sub(" ", stem[0] or stem[2]).split()).strip("- ")
    return words[:LONGEST_STEM].strip() or NO_NAME


def keep_content(folder: Folder, upload: Upload) -> Attachment:
    """Write an upload down, before the message that it goes with; raises FileRefusedError when the disk is full."""
    try:
        stored_as = folder.keep(upload.content)
    except OSError as error:
        raise FileRefusedError(Reason.DISK) from error
    return Attachment(upload.name, upload.mime_type, len(upload.content), stored_as)


def keep_row(session: Session, message_id: int, file: Attachment, upload: Upload) -> None:
    """Note whose file it is; without this it is removed in time."""
    queries.add_file(
        session,
        {
            "message_id": message_id,
            "kind": MediaKind.PHOTO if file.is_picture else MediaKind.DOCUMENT,
            "state": State.FETCHED,
            "mime_type": file.mime_type,
            "size": file.size,
            "sha256": hashlib.sha256(upload.content).hexdigest(),
            "stored_as": file.stored_as,
            "given_name": file.name,
        },
    )


def read_sent(session: Session, folder: Folder, message_id: int) -> tuple[bytes, str, str]:
    """What a file of staff's holds, its type and its name; raises LookupError for every other message, and OSError."""
    message, row = get_message(session, message_id), queries.get_file(session, message_id)
    if message.author != Author.STAFF or _is_unsent(message):
        raise LookupError("not a file that staff sent")
    if row.stored_as is None or row.mime_type is None:
        raise LookupError("a file that was not kept")
    return folder.read(row.stored_as), row.mime_type, row.given_name


def _is_unsent(message: Message) -> bool:
    """Taken back, or it still may be; a vendor fetches the file while the message is on its way, held no more."""
    is_held = message.status == Delivery.HELD and (message.held_until is None or message.held_until > utc_now())
    return is_held or message.status == Delivery.WITHDRAWN


def short_name(name: str, longest: int) -> str:
    """A name with its ending, no longer than that."""
    stem, dot, ending = name.rpartition(".")
    return stem[: longest - len(ending) - 1].strip() + dot + ending
