"""Staff send a file with a reply on a vendor's channel: the citizen gets what was sent, once."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select

from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.db.session import Database
from bot.jobs import handoff
from bot.media.outgoing import read_upload
from tests.channels.journeys.test_people import agent, handed_off, way
from tests.channels.journeys.ways import Way
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

__all__ = ["agent", "way"]

pytestmark = pytest.mark.slow

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
on = pytest.mark.parametrize


def send(database: Database, way: Way, agent: uuid.UUID, text: str, name: str, content: bytes) -> int:
    """Take a citizen's case, and send a file; gives the message."""
    case = handed_off(way, database, "fr")
    handoff.claim(case.id, by=agent)
    upload = read_upload(name, content)
    first, again = (handoff.say(case.id, text, by=agent, key="1", upload=upload) for _ in range(2))
    assert first == again
    return first


def status_of(database: Database, message_id: int) -> str:
    with database.transaction() as session:
        return session.get_one(Message, message_id).status


@on("way", ["telegram"], indirect=True)
@on("file", [("document", "reçu.pdf", PDF), ("photo", "photo.png", PNG)])
def test_telegram_gets_the_file_with_its_words(
    way: Way, agent: uuid.UUID, database: Database, telegram: TelegramApi, file: tuple[str, str, bytes]
) -> None:
    send(database, way, agent, "Voici *le reçu*.", *file[1:])
    wait_until(lambda: telegram.sent[-1].file is not None)
    sent = telegram.sent[-1]
    assert sent.file == file
    assert (sent.text, [one["type"] for one in sent.entities]) == ("Voici le reçu.", ["bold"])
    assert sum(one.file is not None for one in telegram.sent) == 1


@on("way", ["telegram"], indirect=True)
def test_a_long_text_goes_before_the_file(
    way: Way, agent: uuid.UUID, database: Database, telegram: TelegramApi
) -> None:
    text = "mot " * 300
    message_id = send(database, way, agent, text, "reçu.pdf", PDF)
    wait_until(lambda: status_of(database, message_id) == Delivery.SENT)
    words, file = telegram.sent[-2:]
    assert (words.text, words.file) == (text.strip(), None)
    assert (file.text, file.file) == ("", ("document", "reçu.pdf", PDF))


@on("way", ["telegram"], indirect=True)
def test_a_picture_that_telegram_cannot_show_goes_as_a_document(
    way: Way, agent: uuid.UUID, database: Database, telegram: TelegramApi
) -> None:
    telegram.shows_no_photos = True
    send(database, way, agent, "", "photo.png", PNG)
    wait_until(lambda: telegram.sent[-1].file == ("document", "photo.png", PNG))


@on("way", ["telegram"], indirect=True)
def test_an_upload_without_an_answer_is_repeated_with_the_sign(
    way: Way, agent: uuid.UUID, database: Database, telegram: TelegramApi
) -> None:
    case = handed_off(way, database, "fr")
    handoff.claim(case.id, by=agent)
    telegram.fail_next(1, 502)
    handoff.say(case.id, "", by=agent, key="1", upload=read_upload("reçu.pdf", PDF))
    wait_until(lambda: telegram.sent[-1].file == ("document", "reçu.pdf", PDF), seconds=60)
    assert telegram.sent[-1].text == "↻"


@on("way", ["whatsapp"], indirect=True)
@on("file", [("application/pdf", "reçu.pdf", PDF), ("image/png", "photo.png", PNG)])
def test_twilio_fetches_what_staff_sent(
    way: Way, agent: uuid.UUID, database: Database, twilio: TwilioApi, file: tuple[str, str, bytes]
) -> None:
    mime_type, name, content = file
    message_id = send(database, way, agent, "Voici.", name, content)
    wait_until(lambda: status_of(database, message_id) == Delivery.READ)
    (fetched,) = twilio.fetched
    assert (fetched.status, fetched.head_status, fetched.content) == (200, 200, content)
    assert fetched.headers["content-type"] == mime_type
    assert fetched.headers["x-content-type-options"] == "nosniff"
    # Below a picture, before a document.
    bodies = [one.body for one in twilio.sent[-2:]]
    assert bodies[-1] == ("Voici." if mime_type == "image/png" else "")
    assert "Voici." in bodies


@on("way", ["whatsapp"], indirect=True)
def test_a_file_that_twilio_took_without_an_answer_is_found_again(
    way: Way, agent: uuid.UUID, database: Database, twilio: TwilioApi
) -> None:
    case = handed_off(way, database, "fr")
    handoff.claim(case.id, by=agent)
    twilio.swallow_next()
    message_id = handoff.say(case.id, "", by=agent, key="1", upload=read_upload("reçu.pdf", PDF))
    wait_until(lambda: len(twilio.fetched) == 1)
    twilio.released.set()
    wait_until(lambda: status_of(database, message_id) in (Delivery.SENT, Delivery.DELIVERED, Delivery.READ))
    assert len(twilio.fetched) == 1


@on("way", ["whatsapp"], indirect=True)
def test_outside_of_the_window_a_file_waits_as_text_does(
    way: Way, agent: uuid.UUID, database: Database, twilio: TwilioApi
) -> None:
    case = handed_off(way, database, "fr")
    handoff.claim(case.id, by=agent)
    twilio.windows.clear()
    with database.transaction() as session:
        session.scalars(select(Address)).one().window_expires_at = utc_now() - dt.timedelta(seconds=1)
    message_id = handoff.say(case.id, "", by=agent, key="1", upload=read_upload("reçu.pdf", PDF))
    wait_until(lambda: status_of(database, message_id) == Delivery.PARKED)
    way.says("vous êtes là ?")
    wait_until(lambda: [one.content for one in twilio.fetched] == [PDF])


@on("way", ["telegram", "whatsapp"], indirect=True)
def test_what_was_taken_back_in_time_never_leaves(
    way: Way, agent: uuid.UUID, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta(seconds=30))
    message_id, seen = send(database, way, agent, "non", "reçu.pdf", PDF), len(way.seen())
    handoff.withdraw(message_id, by=agent)
    assert status_of(database, message_id) == Delivery.WITHDRAWN
    assert len(way.seen()) == seen
