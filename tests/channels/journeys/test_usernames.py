"""A citizen who takes a username on WhatsApp: the number is gone, the conversation is not."""

import pytest
from sqlalchemy import func, select

from bot.citizens.models import Address, Citizen
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.deliveries.models import DeliveryRow
from bot.settings import Settings
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

PHONE, BSUID = "+212600000001", "MA.13491208655302741918"
BOTH = {"ExternalUserId": f"whatsapp:{BSUID}"}


def counts(database: Database) -> tuple[int, ...]:
    """How many citizens, addresses and conversations there are."""
    with database.transaction() as session:
        tables = (Citizen, Address, Conversation)
        return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_the_conversation_goes_on_when_the_number_is_hidden(
    gateway: Settings, twilio: TwilioApi, rasa: RasaStub, database: Database
) -> None:
    for number, (value, more) in enumerate([(PHONE, {}), (PHONE, BOTH), (BSUID, BOTH)], 1):
        twilio.citizen_says(value, "ch7al taman dyal passport?", **more)
        wait_until(lambda count=number: len(twilio.sent) == count)  # type: ignore[misc]
    assert [one.to for one in twilio.sent] == [f"whatsapp:{one}" for one in (PHONE, PHONE, BSUID)]
    assert counts(database) == (1, 2, 1)
    assert len({asked["sender"] for asked in rasa.asked}) == 1


def test_what_was_parked_for_the_number_goes_to_the_username(
    gateway: Settings, twilio: TwilioApi, rasa: RasaStub, database: Database
) -> None:
    rasa.answer = rasa.later
    twilio.citizen_says(PHONE, "bonjour", **BOTH)
    wait_until(lambda: len(rasa.asked) == 1)
    with database.transaction() as session:
        for address in session.scalars(select(Address)):
            address.window_expires_at = None
    rasa.released.set()
    wait_until(lambda: _is_parked(database))
    twilio.citizen_says(BSUID, "toujours là ?", **BOTH)
    wait_until(lambda: len(twilio.sent) == 2)
    assert [(one.to, one.body) for one in twilio.sent] == [
        (f"whatsapp:{BSUID}", "echo: bonjour"),
        (f"whatsapp:{BSUID}", "echo: toujours là ?"),
    ]


def _is_parked(database: Database) -> bool:
    with database.transaction() as session:
        return "parked" in session.scalars(select(DeliveryRow.state))


def test_stop_from_the_username_counts_for_the_number_too(
    gateway: Settings, twilio: TwilioApi, database: Database
) -> None:
    twilio.citizen_says(PHONE, "bonjour", **BOTH)
    twilio.citizen_says(BSUID, "حبس", **BOTH)
    wait_until(lambda: len(twilio.sent) == 2)
    with database.transaction() as session:
        assert all(one is not None for one in session.scalars(select(Address.opted_out_at)))


def test_who_hides_the_number_from_the_first_word_is_answered(gateway: Settings, twilio: TwilioApi) -> None:
    twilio.citizen_says(BSUID, "بشحال الباسبور؟")
    wait_until(lambda: [one.to for one in twilio.sent] == [f"whatsapp:{BSUID}"])
