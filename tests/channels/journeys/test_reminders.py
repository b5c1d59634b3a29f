"""A deadline comes near, and the citizen has not written for a day: a template goes, or the reminder waits for them."""

import datetime as dt

import pytest

from bot.catalogue.calendar import CASABLANCA
from bot.conversations.models import Conversation
from bot.db.session import Database
from bot.jobs import reminders
from bot.jobs.services import services
from bot.nlu.languages import Language
from tests.alerts.records import deadline, publish, subscribe
from tests.channels.journeys.test_templates import PHONE, approved, citizen, sent_since, watched
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

__all__ = ["citizen", "watched"]


@pytest.fixture
def subscribed(citizen: Conversation, database: Database) -> Conversation:
    """They asked to be reminded long ago."""
    publish(database, deadline())
    subscribe(database, citizen.id)
    return citizen


def look() -> int:
    return reminders.send_due(services(), dt.datetime(2027, 1, 28, 10, tzinfo=CASABLANCA))


def test_an_approved_template_goes(subscribed: Conversation, twilio: TwilioApi) -> None:
    approved(twilio, Language.FRENCH, "deadline_reminder")
    assert look() == 1
    wait_until(lambda: len(twilio.sent) == 2)
    assert sent_since(twilio) == ["Bonjour, votre Vignette expire le 31 janvier 2027. Écrivez-nous pour la suite."]


def test_else_it_waits_until_the_citizen_writes(subscribed: Conversation, twilio: TwilioApi) -> None:
    assert look() == 1
    twilio.citizen_says(PHONE, "bonjour")
    wait_until(lambda: len(twilio.sent) == 3)
    assert sent_since(twilio)[0].startswith("Rappel : Vignette. Date limite : 31 janvier 2027, dans 3 jours.")


def test_who_writes_stop_does_not_get_what_waited(subscribed: Conversation, twilio: TwilioApi) -> None:
    assert look() == 1
    twilio.citizen_says(PHONE, "STOP")
    wait_until(lambda: len(twilio.sent) == 2)
    twilio.citizen_says(PHONE, "bonjour")
    wait_until(lambda: len(twilio.sent) == 3)
    assert not any("Rappel" in body for body in sent_since(twilio))
