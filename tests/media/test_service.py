"""Files' rows: noted with their message, kept when we take them, gone when their time is over."""

import datetime as dt
import hashlib
import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.channels.base import DeliveryError, Fault
from bot.conversations.models import Message
from bot.conversations.schemas import Kind, Media, MediaKind
from bot.db.base import utc_now
from bot.db.session import Database
from bot.media import service
from bot.media.folder import Folder
from bot.media.models import MediaFile
from bot.media.states import Reason, State
from tests.conversations.records import message, record

PDF = b"%PDF-1.7 a form"
PHOTO = Media(MediaKind.PHOTO, "reference", "image/jpeg", 2000, "../../CIN.jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, encryption_key=Fernet.generate_key().decode())


def expected(database: Database, media: Media = PHOTO, *, refusal: Reason | None = None) -> tuple[int, bool]:
    """A message with a file: its id, and whether the file is to be fetched."""
    message_id = record(database, message(kind=Kind.MEDIA, text="", media=media)).message_id
    with database.transaction() as session:
        return message_id, service.expect(session, message_id, media, refusal=refusal)


def row(database: Database, message_id: int) -> MediaFile:
    with database.transaction() as session:
        return session.get_one(MediaFile, message_id)


def keep(database: Database, folder: Folder, message_id: int, content: bytes) -> State:
    with database.transaction() as session:
        return service.keep(session, folder, message_id, content)


def test_a_file_is_noted_once_and_its_name_is_only_data(database: Database) -> None:
    message_id, is_wanted = expected(database)
    assert is_wanted
    assert expected(database) == (message_id, True)
    assert row(database, message_id).given_name == "../../CIN.jpg"


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        (Media(MediaKind.VIDEO, "r"), Reason.KIND),
        (Media(MediaKind.STICKER, "r"), Reason.KIND),
        (Media(MediaKind.PHOTO, "r", size=service.LARGEST_BYTES + 1), Reason.TOO_LARGE),
    ],
)
def test_what_we_do_not_take_is_not_even_asked_for(database: Database, media: Media, reason: Reason) -> None:
    message_id, is_wanted = expected(database, media)
    assert not is_wanted
    assert (row(database, message_id).state, row(database, message_id).reason) == (State.REFUSED, reason)


def test_a_flood_fills_no_disk(database: Database) -> None:
    message_id, is_wanted = expected(database, refusal=Reason.FLOOD)
    assert (is_wanted, row(database, message_id).reason) == (False, Reason.FLOOD)


def test_a_kept_file_is_told_by_its_content(database: Database, folder: Folder) -> None:
    message_id, _ = expected(database)
    assert keep(database, folder, message_id, PDF) is State.FETCHED
    kept = row(database, message_id)
    assert (kept.mime_type, kept.size, kept.sha256) == ("application/pdf", 15, hashlib.sha256(PDF).hexdigest())
    with database.transaction() as session:
        assert service.read(session, folder, message_id) == (PDF, "application/pdf")


def test_a_file_is_kept_once(database: Database, folder: Folder, tmp_path: Path) -> None:
    message_id, _ = expected(database)
    assert [keep(database, folder, message_id, PDF) for _ in range(2)] == [State.FETCHED] * 2
    assert len(list(tmp_path.iterdir())) == 1


def test_a_page_that_calls_itself_a_photo_is_refused(database: Database, folder: Folder, tmp_path: Path) -> None:
    message_id, _ = expected(database)
    assert keep(database, folder, message_id, b"<svg onload='alert(1)'>") is State.REFUSED
    assert row(database, message_id).reason == Reason.TYPE
    assert list(tmp_path.iterdir()) == []
    with database.transaction() as session, pytest.raises(OSError, match="not kept"):
        service.read(session, folder, message_id)


@pytest.mark.parametrize(
    ("failure", "state", "reason"),
    [
        (DeliveryError("", permanent=True, code="too_large"), State.REFUSED, "too_large"),
        (DeliveryError("", permanent=True, code="elsewhere"), State.REFUSED, "elsewhere"),
        (DeliveryError("", permanent=True, code="404"), State.FAILED, "404"),
        (DeliveryError("", fault=Fault.SENDER), State.FAILED, "sender"),
        (OSError("full"), State.FAILED, "disk"),
        (RuntimeError(), State.FAILED, "unreachable"),
    ],
)
def test_why_a_file_is_not_here_is_kept(database: Database, failure: Exception, state: State, reason: str) -> None:
    message_id, _ = expected(database)
    with database.transaction() as session:
        assert service.give_up(session, message_id, failure) is state
    assert row(database, message_id).reason == reason


def test_a_file_goes_when_its_time_is_over(database: Database, folder: Folder, tmp_path: Path) -> None:
    message_id, _ = expected(database)
    keep(database, folder, message_id, PDF)
    with database.transaction() as session:
        session.get_one(MediaFile, message_id).created_at = utc_now() - dt.timedelta(days=31)
    make_old(tmp_path)
    assert service.sweep(database, folder, days=32) == (0, 0)
    assert service.sweep(database, folder, days=30) == (1, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_file_goes_with_its_message(database: Database, folder: Folder, tmp_path: Path) -> None:
    message_id, _ = expected(database)
    keep(database, folder, message_id, PDF)
    with database.transaction() as session:
        session.delete(session.get_one(Message, message_id))
    assert service.sweep(database, folder, days=30) == (0, 0)  # It could still be on its way to its row.
    make_old(tmp_path)
    assert service.sweep(database, folder, days=30) == (0, 1)


def make_old(path: Path) -> None:
    """As if all files had lain there for days."""
    for one in path.iterdir():
        os.utime(one, (0, 0))
