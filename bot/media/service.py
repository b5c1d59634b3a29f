"""Files that citizens sent: noted with their message, kept when they are of a kind that we take, removed in time."""

import datetime as dt
import hashlib

from sqlalchemy.orm import Session

from bot.channels.base import DeliveryError
from bot.conversations.schemas import Media, MediaKind
from bot.db.base import utc_now
from bot.db.session import Database
from bot.media import queries
from bot.media.filetypes import find_type
from bot.media.folder import Folder
from bot.media.states import Reason, State
from bot.nlu.text import clean

LARGEST_BYTES = 16 * 1024 * 1024
TAKEN = {MediaKind.PHOTO, MediaKind.DOCUMENT, MediaKind.VOICE, MediaKind.AUDIO}
REFUSALS = {Reason.TOO_LARGE, Reason.ELSEWHERE}
LONGEST_NAME = 255
LONGEST_REASON = 24
# A file whose row is not there yet, or whose database was another one for a while, is no leftover.
LEFTOVER_SECONDS = 24 * 3600
AT_ONCE = 1000


def expect(session: Session, message_id: int, media: Media, *, refusal: Reason | None = None) -> bool:
    """Note the file of a message; tells whether it is to be fetched. It is not where there is a `refusal`."""
    reason = refusal or _reason_to_refuse(media)
    values = {
        "message_id": message_id,
        "kind": media.kind.value,
        "state": State.REFUSED if reason else State.WAITING,
        "reason": reason,
        "given_name": clean(media.name, LONGEST_NAME),
    }
    queries.add_file(session, values)
    return queries.get_file(session, message_id).state == State.WAITING


def _reason_to_refuse(media: Media) -> Reason | None:
    if media.kind not in TAKEN:
        return Reason.KIND
    return Reason.TOO_LARGE if media.size > LARGEST_BYTES else None


def state_of(session: Session, message_id: int) -> State:
    """Where the file of a message stands."""
    return State(queries.get_file(session, message_id).state)


def keep(session: Session, folder: Folder, message_id: int, content: bytes) -> State:
    """Keep a file that was fetched, if its content is of a kind that we take; raises OSError."""
    row = queries.get_file(session, message_id, lock=True)
    if row.state != State.WAITING:
        return State(row.state)
    row.size, row.sha256 = len(content), hashlib.sha256(content).hexdigest()
    row.mime_type = find_type(content)
    if row.mime_type is None:
        row.state, row.reason = State.REFUSED, Reason.TYPE
    else:
        row.state, row.stored_as = State.FETCHED, folder.keep(content)
    return State(row.state)


def give_up(session: Session, message_id: int, failure: Exception) -> State:
    """Note that a file is not to be had, or not from there."""
    row = queries.get_file(session, message_id, lock=True)
    if row.state == State.WAITING:
        row.reason = _reason(failure)[:LONGEST_REASON]
        row.state = State.REFUSED if row.reason in REFUSALS else State.FAILED
    return State(row.state)


def _reason(failure: Exception) -> str:
    if isinstance(failure, DeliveryError):
        return failure.code or failure.fault.value
    return Reason.DISK if isinstance(failure, OSError) else Reason.UNREACHABLE


def read(session: Session, folder: Folder, message_id: int) -> tuple[bytes, str]:
    """What a message's file holds, and its type; raises OSError when it is not here (any more)."""
    row = queries.get_file(session, message_id)
    if row.stored_as is None or row.mime_type is None:
        raise OSError("a file that was not kept")
    return folder.read(row.stored_as), row.mime_type


def sweep(database: Database, folder: Folder, *, days: int) -> tuple[int, int]:
    """Forget what came more than `days` ago, and remove files that no row has; gives how many of each."""
    with database.transaction() as session:
        forgotten = queries.delete_older(session, utc_now() - dt.timedelta(days=days))
    removed, names = 0, folder.list_names(older_than_seconds=LEFTOVER_SECONDS)
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        with database.transaction() as session:
            known = queries.list_known(session, some)
        for name in set(some) - known:
            folder.remove(name)
            removed += 1
    return forgotten, removed
