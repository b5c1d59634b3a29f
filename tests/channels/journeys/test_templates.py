"""What we write first on WhatsApp: as it is within a day, else as a template that was approved, else it waits."""

import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.base import Approver
from bot.citizens.models import Address
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import TemplateUse
from bot.conversations.service import ReplyValues
from bot.conversations.states import Author, Delivery
from bot.db.base import utc_now
from bot.db.session import Database
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import Lane
from bot.jobs import upkeep
from bot.jobs.outgoing import write_to
from bot.jobs.services import services
from bot.nlu.languages import Language
from bot.senders import templates
from bot.senders.schemas import Held, TemplateText
from bot.senders.states import Approval, Category
from bot.settings import Settings
from tests.channels.journeys.conftest import sender_of
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

PHONE = "+212600000001"
BODIES = {
    Language.FRENCH: "Bonjour, votre {{1}} expire le {{2}}. Écrivez-nous pour la suite.",
    Language.ARABIC: "السلام عليكم، تنتهي صلاحية {{1}} يوم {{2}}. راسلونا للمزيد.",
}
VALUES = {"1": "passeport", "2": "3 mai"}
REMINDER = "Votre passeport expire le 3 mai. Voici les papiers à préparer :\n• une photo"


@pytest.fixture(autouse=True)
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twilio is asked about templates all the time."""
    monkeypatch.setattr(upkeep, "APPROVALS_SECONDS", 0.1)


@pytest.fixture
def citizen(watched: None, gateway: Settings, twilio: TwilioApi, rasa: RasaStub) -> Conversation:
    """Somebody who wrote to us in French, more than a day ago."""
    twilio.citizen_says(PHONE, "combien coûte le passeport ?")
    wait_until(lambda: len(twilio.sent) == 1 and bool(_statuses()) and _statuses()[-1] == Delivery.READ)
    a_day_passes(twilio)
    with services().database.transaction() as session:
        return session.scalars(select(Conversation)).one()


def a_day_passes(twilio: TwilioApi) -> None:
    """Nobody has written for a day."""
    twilio.windows.clear()
    with services().database.transaction() as session:
        for address in session.scalars(select(Address)):
            address.window_expires_at = utc_now() - dt.timedelta(seconds=1)


def submitted(language: Language, name: str = "renewal") -> str:
    """A template that WhatsApp was asked about; gives its id at Twilio."""
    box, sender = services(), sender_of("whatsapp")
    gateway = box.gateway(sender)
    assert isinstance(gateway, Approver)
    text = TemplateText(name, language, Category.UTILITY, BODIES[language], VALUES)
    vendor_id = gateway.make_template(text)
    verdict = gateway.ask_approval(vendor_id, text)
    with box.database.transaction() as session:
        held = templates.add(session, sender.id, text)
        templates.note_made(session, held, vendor_id)
        templates.note_verdict(session, held, verdict)
    return vendor_id


def approved(twilio: TwilioApi, language: Language, name: str = "renewal") -> str:
    """A template that WhatsApp approved, and of which we know so."""
    vendor_id = submitted(language, name)
    twilio.approve(vendor_id)
    wait_until(lambda: _verdicts()[language] is Approval.APPROVED)
    return vendor_id


def _verdicts() -> dict[Language, Approval]:
    box, sender = services(), sender_of("whatsapp")
    with box.database.transaction() as session:
        found = templates.list_templates(session, sender_id=sender.id)
        return {one.text.language: one.verdict.state for one in found}


def remind(citizen: Conversation, language: str = "fr") -> int:
    """A reminder, which names a template; gives its id."""
    words = ReplyValues(REMINDER, language, template=TemplateUse("renewal", VALUES))
    return write_to(
        citizen.id,
        words,
        key="deadline:1",
        author=Author.SYSTEM,
        lane=Lane.REMINDER,
        lasts=dt.timedelta(hours=6),
    )


def _statuses() -> list[str]:
    with services().database.transaction() as session:
        return list(session.scalars(select(Message.status).order_by(Message.id)))


def _status(message_id: int) -> str:
    with services().database.transaction() as session:
        return session.get_one(Message, message_id).status


def _sent_as(message_id: int) -> dict[str, Any] | None:
    """What the record says that the citizen read instead of a message."""
    with services().database.transaction() as session:
        return session.get_one(Message, message_id).payload.get("sent_as")


def sent_since(twilio: TwilioApi) -> list[str]:
    """What the citizen read after the first answer."""
    return [one.body for one in twilio.sent[1:]]


def test_within_a_day_a_reminder_goes_as_it_is_written(citizen: Conversation, twilio: TwilioApi) -> None:
    approved(twilio, Language.FRENCH)
    twilio.citizen_says(PHONE, "merci")
    wait_until(lambda: len(twilio.sent) == 2)
    remind(citizen)
    wait_until(lambda: len(twilio.sent) == 3)
    assert twilio.sent[-1].body == REMINDER


def test_after_a_day_it_goes_as_the_template(citizen: Conversation, twilio: TwilioApi, database: Database) -> None:
    vendor_id = approved(twilio, Language.FRENCH)
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.READ)
    assert sent_since(twilio) == ["Bonjour, votre passeport expire le 3 mai. Écrivez-nous pour la suite."]
    assert twilio.sent[-1].form["ContentSid"] == vendor_id
    assert "Body" not in twilio.sent[-1].form
    with database.transaction() as session:
        assert session.get_one(DeliveryRow, message_id).template_language == "fr"


def test_the_same_key_is_written_once(citizen: Conversation, twilio: TwilioApi) -> None:
    approved(twilio, Language.FRENCH)
    assert remind(citizen) == remind(citizen)
    wait_until(lambda: _statuses()[-1] == Delivery.READ)
    assert len(sent_since(twilio)) == 1


def test_without_approval_it_is_parked_and_goes_as_it_is_when_the_citizen_writes(
    citizen: Conversation, twilio: TwilioApi
) -> None:
    submitted(Language.FRENCH)
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.PARKED)
    assert sent_since(twilio) == []
    twilio.citizen_says(PHONE, "bonjour")
    wait_until(lambda: len(twilio.sent) == 3)
    assert sent_since(twilio) == [REMINDER, "echo: bonjour"]


def test_when_approval_comes_what_was_parked_goes_without_the_citizen(citizen: Conversation, twilio: TwilioApi) -> None:
    vendor_id = submitted(Language.FRENCH)
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.PARKED)
    twilio.approve(vendor_id)
    wait_until(lambda: _status(message_id) == Delivery.READ)
    assert sent_since(twilio) == ["Bonjour, votre passeport expire le 3 mai. Écrivez-nous pour la suite."]


@pytest.mark.parametrize("language", ["en", "ary-latn"])
def test_the_nearest_language_that_is_approved_is_taken_and_the_record_says_so(
    citizen: Conversation, twilio: TwilioApi, database: Database, language: str
) -> None:
    approved(twilio, Language.ARABIC)
    message_id = remind(citizen, language)
    wait_until(lambda: _status(message_id) == Delivery.READ)
    assert sent_since(twilio) == [
        "السلام عليكم، تنتهي صلاحية \u2068passeport\u2069 يوم \u20683 mai\u2069. راسلونا للمزيد."
    ]
    with database.transaction() as session:
        assert session.get_one(Message, message_id).language == language
    sent_as = _sent_as(message_id)
    assert sent_as is not None
    assert (sent_as["language"], sent_as["text"]) == ("ar", sent_since(twilio)[0])


@pytest.mark.parametrize(("status", "state"), [("paused", Approval.PAUSED), ("rejected", Approval.REJECTED)])
def test_what_whatsapp_takes_back_is_not_sent_any_more(
    citizen: Conversation, twilio: TwilioApi, status: str, state: Approval
) -> None:
    twilio.decide(approved(twilio, Language.FRENCH), status, "too many complaints")
    wait_until(lambda: _verdicts()[Language.FRENCH] is state)
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.PARKED)
    assert sent_since(twilio) == []


def leave_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on Twilio is not asked about templates; who was asking has ended."""
    another_round = threading.Event()

    def refresh(*_: object) -> list[Held]:
        another_round.set()
        return []

    monkeypatch.setattr(templates, "refresh", refresh)
    assert another_round.wait(10)


def test_a_template_that_fails_after_it_was_taken_is_parked_and_not_lost(
    citizen: Conversation, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor_id = approved(twilio, Language.FRENCH)
    leave_unasked(monkeypatch)
    twilio.decide(vendor_id, "paused")
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.PARKED)
    assert (_verdicts()[Language.FRENCH], _sent_as(message_id)) == (Approval.PAUSED, None)
    twilio.citizen_says(PHONE, "bonjour")
    wait_until(lambda: len(twilio.sent) == 4)
    assert sent_since(twilio)[1:] == [REMINDER, "echo: bonjour"]
    wait_until(lambda: _status(message_id) == Delivery.READ)


def test_where_one_language_is_refused_the_nearest_that_is_approved_goes(
    citizen: Conversation, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [approved(twilio, language) for language in (Language.FRENCH, Language.ARABIC)]
    leave_unasked(monkeypatch)
    twilio.decide(ids[0], "paused")
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.READ)
    assert [one.form["ContentSid"] for one in twilio.sent[1:]] == ids


def test_free_text_that_twilio_gives_back_goes_as_the_template(
    citizen: Conversation, twilio: TwilioApi, database: Database
) -> None:
    vendor_id = approved(twilio, Language.FRENCH)
    with database.transaction() as session:
        session.scalars(select(Address)).one().window_expires_at = utc_now() + dt.timedelta(hours=1)
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.READ)
    assert sent_since(twilio)[0] == REMINDER
    assert [one.form.get("ContentSid") for one in twilio.sent[1:]] == [None, vendor_id]


def test_a_template_whose_end_is_unknown_is_found_by_its_own_text(
    citizen: Conversation, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.deliveries.service.UNKNOWN_SECONDS", 0)
    approved(twilio, Language.FRENCH)
    twilio.statuses = ()
    twilio.fail_next(status=500)
    message_id = remind(citizen)
    wait_until(lambda: _status(message_id) == Delivery.SENT)
    assert len(sent_since(twilio)) == 1
