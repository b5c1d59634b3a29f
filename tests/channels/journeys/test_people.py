"""A citizen asks for a person on a vendor's channel; staff claim, answer, give back; the bot goes on. In ar and fr."""

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases.models import Case
from bot.cases.states import Ending
from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.states import Delivery, Owner
from bot.db.base import utc_now
from bot.db.session import Database
from bot.jobs import handoff
from bot.settings import Settings
from tests.cases.desk import case_in, change_team, hire, owner_of
from tests.channels.journeys.ways import OnTelegram, OnWhatsApp, Way
from tests.fakes.rasa_stub import RasaStub, answer_with, echo
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

# What the citizen asks first, how they ask for a person, the promise, the reply, the farewell.
TALKS = {
    "ar": (
        "السلام عليكم، كم ثمن جواز السفر؟",
        "أريد التحدث إلى موظف من فضلكم",
        "سيجيبك موظف هنا. المدة المتوقعة: بين 5 و15 دقيقة.",
        "مرحبا، الثمن 500 درهم.",
        "انتهى حديثك مع الموظف.",
    ),
    "fr": (
        "bonjour, combien coûte le passeport ?",
        "je voudrais parler à un agent",
        "Un agent va vous répondre ici. Comptez entre 5 et 15 minutes.",
        "Bonjour, c'est 500 DH.",
        "Votre échange avec l’agent est terminé.",
    ),
}


def people(body: dict[str, Any]) -> dict[str, Any]:
    """Rasa as it answers who asks for a person."""
    if any(word in body["text"] for word in ("agent", "موظف")):
        told: dict[str, Any] = {"reason": "asked", "question": "", "closest": [], "deadline": None}
        return answer_with("…", act="talk_to_human", note={"outcome": "handed_off", "handoff": told})
    return echo(body) | {"understood": ["ask_fee"]}


@pytest.fixture(params=["telegram", "whatsapp"])
def way(
    request: pytest.FixtureRequest, gateway: Settings, telegram: TelegramApi, twilio: TwilioApi, rasa: RasaStub
) -> Way:
    """A citizen on one of the channels."""
    wait_until(lambda: bool(telegram.courier.webhook.url))
    rasa.answer = people
    return OnTelegram(telegram) if request.param == "telegram" else OnWhatsApp(twilio)


@pytest.fixture
def agent(way: Way, database: Database, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """Somebody at a desk that is always open, who has little time for second thoughts."""
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta(seconds=0.5))
    change_team(database, hours={"always_open": True})
    return hire(database)


def the_case(database: Database) -> Case:
    with database.transaction() as session:
        return session.scalars(select(Case)).one()


def handed_off(way: Way, database: Database, language: str) -> Case:
    """A citizen who asked, was not helped, and waits for a person."""
    question, wish, promised, *_ = TALKS[language]
    way.says(question)
    wait_until(lambda: len(way.seen()) == 1)
    way.says(wish)
    wait_until(lambda: len(way.seen()) == 3)
    assert way.seen()[2].startswith(promised)
    return the_case(database)


@pytest.mark.parametrize("language", TALKS)
def test_from_the_bot_to_people_and_back(
    way: Way, agent: uuid.UUID, database: Database, rasa: RasaStub, language: str
) -> None:
    *_, reply, farewell = TALKS[language]
    case = handed_off(way, database, language)
    assert case.question == TALKS[language][0]
    handoff.claim(case.id, by=agent)
    way.says("…?")
    wait_until(lambda: case_in(database, case.id).due_at is not None)
    handoff.say(case.id, reply, by=agent, key="1")
    wait_until(lambda: len(way.seen()) == 4)
    handoff.hand_back(case.id, by=agent)
    wait_until(lambda: len(way.seen()) == 5)
    assert way.seen()[3] == reply
    assert way.seen()[4].startswith(farewell)
    assert len(rasa.asked) == 2
    way.presses(0)
    wait_until(lambda: case_in(database, case.id).rating == 3)
    wait_until(lambda: len(way.seen()) == 6)
    way.says(TALKS[language][0])
    wait_until(lambda: way.seen()[-1] == f"echo: {TALKS[language][0]}")
    assert (owner_of(database, case), case_in(database, case.id).ending) == (Owner.BOT, Ending.RETURNED)


def test_who_waits_goes_back_to_the_bot_by_a_button(way: Way, agent: uuid.UUID, database: Database) -> None:
    case = handed_off(way, database, "fr")
    way.presses(0)
    wait_until(lambda: owner_of(database, case) == Owner.BOT)
    wait_until(lambda: way.seen()[-1].startswith("D’accord, je suis de nouveau avec vous."))


def test_a_reply_when_the_window_is_closed_waits_for_the_citizen(
    gateway: Settings, twilio: TwilioApi, rasa: RasaStub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta())
    rasa.answer = people
    change_team(database, hours={"always_open": True})
    agent, way = hire(database), OnWhatsApp(twilio)
    case = handed_off(way, database, "fr")
    handoff.claim(case.id, by=agent)
    twilio.windows.clear()
    with database.transaction() as session:
        session.scalars(select(Address)).one().window_expires_at = utc_now() - dt.timedelta(seconds=1)
    message_id = handoff.say(case.id, "Bonjour, c'est 500 DH.", by=agent, key="1")

    def status() -> str:
        with database.transaction() as session:
            return session.get_one(Message, message_id).status

    wait_until(lambda: status() == Delivery.PARKED)
    way.says("vous êtes là ?")
    wait_until(lambda: way.seen()[-1] == "Bonjour, c'est 500 DH.")
