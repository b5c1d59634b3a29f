"""What we write first: kept once, on its way at once, to where the citizen wrote from last."""

import uuid

import pytest

from bot.channels.base import DeliveryError
from bot.citizens.models import Address
from bot.citizens.service import note_opt_out
from bot.conversations.models import Message
from bot.conversations.schemas import Button
from bot.conversations.service import ReplyValues
from bot.conversations.states import Author, Delivery, Direction
from bot.db.base import utc_now
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import Lane, State
from bot.jobs import pump
from bot.jobs.outgoing import write_to
from tests.jobs.talk import Talk, Vendor, wait_until

pytestmark = pytest.mark.slow

WORDS = ReplyValues("Votre dossier est prêt.", "fr", [Button("Merci", "/thank")])


def status_of(talk: Talk, message_id: int) -> str:
    with talk.database.transaction() as session:
        return session.get_one(Message, message_id).status


def test_a_citizen_is_written_to_where_they_wrote_from(talk: Talk, sender: str, vendor: Vendor) -> None:
    vendor.sent.clear()
    talk.say("bonjour", channel="vendor", sender_id=sender, address="+212600000001")
    message_id = write_to(talk.conversation().id, WORDS, key="staff:1", author=Author.STAFF)
    wait_until(lambda: status_of(talk, message_id) == Delivery.SENT)
    assert (vendor.sent[-1].text, vendor.sent[-1].address) == (WORDS.text, "+212600000001")
    assert vendor.sent[-1].buttons == WORDS.buttons


def test_the_same_key_is_written_once(talk: Talk, sender: str, vendor: Vendor) -> None:
    vendor.sent.clear()
    talk.say("bonjour", channel="vendor", sender_id=sender)
    ids = {write_to(talk.conversation().id, WORDS, key="staff:1", author=Author.STAFF) for _ in range(3)}
    talk.say("merci", channel="vendor", sender_id=sender)
    assert len(ids) == 1
    assert [one.text for one in vendor.sent] == ["echo: bonjour", WORDS.text, "echo: merci"]


def test_on_the_page_to_keep_is_to_deliver(talk: Talk) -> None:
    talk.say("bonjour")
    message_id = write_to(talk.conversation().id, WORDS, key="staff:1", author=Author.STAFF)
    row = talk.rows(Direction.OUT)[-1]
    assert (row.id, row.status, row.author, row.body) == (message_id, Delivery.SENT, Author.STAFF, WORDS.text)


def test_who_never_wrote_to_a_sender_of_ours_cannot_be_written_to(talk: Talk) -> None:
    talk.send_text("bonjour", channel="vendor")
    wait_until(lambda: len(talk.rows()) == 2)
    with pytest.raises(DeliveryError) as caught:
        write_to(talk.conversation().id, WORDS, key="staff:1", author=Author.STAFF)
    assert caught.value.permanent


def test_there_is_no_writing_into_no_conversation(talk: Talk) -> None:
    with pytest.raises(LookupError):
        write_to(uuid.uuid4(), WORDS, key="staff:1", author=Author.STAFF)


def test_a_campaign_that_waits_for_its_call_heeds_a_wish_of_meanwhile(
    talk: Talk, sender: str, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "LONG_SECONDS", 0.1)
    (reply,) = talk.say("bonjour", channel="vendor", sender_id=sender)
    vendor.refusals.append(DeliveryError("too fast", retry_after=2.0))
    talk.send_text("salut", channel="vendor", sender_id=sender, address="another")
    wait_until(lambda: not vendor.refusals)
    words = ReplyValues("Une campagne.", "fr", [], [])
    message_id = write_to(reply.conversation_id, words, key="campaign:1", author=Author.STAFF, lane=Lane.CAMPAIGN)
    wait_until(lambda: talk.state_of(message_id) is State.SENDING)
    with talk.database.transaction() as session:
        address = session.get_one(Address, session.get_one(DeliveryRow, message_id).address_id)
        note_opt_out(session, address.citizen_id, utc_now())
    wait_until(lambda: talk.state_of(message_id) is State.DEAD)
    assert all(one.text != words.text for one in vendor.sent)
