"""Citizens' files beside their turns: fetched, kept, deleted over there; and no turn waits or fails for them."""

from collections.abc import Iterator

import pytest

from bot.channels.base import DeliveryError, Fault
from bot.conversations.schemas import Kind, MediaKind
from bot.conversations.states import Outcome, Owner
from bot.db.session import Database
from bot.media.states import State
from tests.jobs.talk import Talk, Vendor, wait_until
from tests.jobs.voices import Citizen, file_of, kept

pytestmark = pytest.mark.slow

JPEG = b"\xff\xd8\xff a citizen's card"


@pytest.fixture
def citizen(talk: Talk, vendor: Vendor, sender: str) -> Iterator[Citizen]:
    """A citizen at the vendor's channel."""
    yield Citizen(talk, vendor, sender)
    vendor.sent.clear()
    vendor.files.clear()
    vendor.file_refusals.clear()


def test_a_photo_is_answered_kept_and_deleted_at_the_vendor(citizen: Citizen, empty: Database) -> None:
    (reply,) = citizen.sends_file(JPEG)
    assert reply.body.startswith("echo:")
    assert citizen.talk.rasa.asked[0]["metadata"]["context"] == {"media": True}
    found = file_of(empty)
    assert (found.state, found.mime_type, found.size) == (State.FETCHED, "image/jpeg", len(JPEG))
    assert kept(empty, found.message_id) == JPEG
    wait_until(lambda: not citizen.vendor.files)


def test_a_caption_is_answered_like_any_text(citizen: Citizen, empty: Database) -> None:
    (reply,) = citizen.sends_file(JPEG, text="combien coûte le passeport ?")
    assert reply.body == "echo: combien coûte le passeport ?"
    assert file_of(empty).state == State.FETCHED


def test_what_passes_is_tried_again(citizen: Citizen, empty: Database) -> None:
    citizen.vendor.file_refusals.append(DeliveryError("busy", fault=Fault.PASSING))
    assert citizen.sends_file(JPEG)
    assert file_of(empty).state == State.FETCHED
    assert not citizen.vendor.file_refusals


@pytest.mark.parametrize(
    ("code", "state"), [("404", State.FAILED), ("elsewhere", State.REFUSED), ("too_large", State.REFUSED)]
)
def test_a_file_that_cannot_be_had_spoils_no_turn(citizen: Citizen, empty: Database, code: str, state: State) -> None:
    citizen.vendor.file_refusals.append(DeliveryError("no", permanent=True, code=code))
    assert len(citizen.sends_file(JPEG)) == 1
    found = file_of(empty)
    assert (found.state, found.reason, found.stored_as) == (state, code, None)
    assert len(citizen.says("bonjour")) == 1


def test_a_page_in_a_photos_clothes_is_not_kept_anywhere(citizen: Citizen, empty: Database) -> None:
    citizen.sends_file(b"<svg onload='alert(1)'>", MediaKind.DOCUMENT)
    found = file_of(empty)
    assert (found.state, found.reason, found.stored_as) == (State.REFUSED, "type", None)
    wait_until(lambda: not citizen.vendor.files)


def test_a_film_is_left_at_the_vendor(citizen: Citizen, empty: Database) -> None:
    assert citizen.sends_file(b"\x00\x00\x00\x18ftypmp42", MediaKind.VIDEO)
    assert (file_of(empty).state, file_of(empty).reason) == (State.REFUSED, "kind")
    assert citizen.vendor.files


def test_staff_get_the_file_too(citizen: Citizen, empty: Database) -> None:
    citizen.says("bonjour")
    citizen.talk.change(state=Owner.STAFF)
    assert citizen.send(Kind.MEDIA, media=citizen.file(JPEG, MediaKind.PHOTO)) == []
    assert file_of(empty).state == State.FETCHED
    assert citizen.talk.rows()[-1].outcome == Outcome.LEFT_TO_STAFF
