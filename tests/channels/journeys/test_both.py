"""From a vendor's call to ours and back, on Telegram and on WhatsApp, through everything that is real."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.states import Delivery
from bot.db.session import Database
from bot.deliveries import service as deliveries
from bot.jobs import signs
from bot.settings import Settings
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

CHAT, PHONE = 4242, "+212600000001"
SENTENCES = ["كم ثمن جواز السفر؟", "ch7al taman dyal passport?", "combien coûte le passeport ?"]


def button(body: dict[str, Any]) -> dict[str, Any]:
    """An answer of Rasa's with two choices."""
    text = body["text"] or body["payload"]
    long = '/ask_documents{"chosen": "' + "x" * 60 + '"}'
    buttons = [
        {"title": "Prix", "payload": '/ask_fee{"chosen": "passport_adult"}'},
        {"title": "Papiers", "payload": long},
    ]
    return {
        "acts": [{"intent": {"name": "greet", "confidence": 0.9}, "ranking": []}],
        "understood": ["greet"],
        "messages": [{"text": f"echo: {text}", "buttons": buttons}],
    }


@pytest.fixture
def set_up(gateway: Settings, telegram: TelegramApi) -> None:
    wait_until(lambda: bool(telegram.courier.webhook.url))


def texts(telegram: TelegramApi) -> list[str]:
    return [one.text for one in telegram.sent]


@pytest.mark.parametrize("text", SENTENCES)
def test_a_question_on_telegram_is_answered_there(set_up: None, telegram: TelegramApi, text: str) -> None:
    telegram.citizen_says(CHAT, text)
    wait_until(lambda: texts(telegram) == [f"echo: {text}"])


@pytest.mark.parametrize("text", SENTENCES)
def test_a_question_on_whatsapp_is_answered_there(
    set_up: None, twilio: TwilioApi, database: Database, text: str
) -> None:
    (attempt,) = twilio.citizen_says(PHONE, text)
    assert attempt.status == 200
    wait_until(lambda: [one.body for one in twilio.sent] == [f"echo: {text}"])
    wait_until(lambda: _statuses(database) == ["received", Delivery.READ])


def _statuses(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(Message.status).order_by(Message.id)))


def test_pressed_buttons_come_back_as_what_they_offered(set_up: None, telegram: TelegramApi, rasa: RasaStub) -> None:
    rasa.answer = button
    telegram.citizen_says(CHAT, "passeport")
    wait_until(lambda: len(telegram.sent) == 1)
    sent = telegram.sent[0]
    for row in sent.rows:
        for key in row:
            telegram.citizen_presses(CHAT, sent.message_id, key["callback_data"])
    wait_until(lambda: len(telegram.sent) == 3)
    assert [asked["payload"] for asked in rasa.asked[1:]] == [
        '/ask_fee{"chosen": "passport_adult"}',
        '/ask_documents{"chosen": "' + "x" * 60 + '"}',
    ]


def test_a_bare_number_on_whatsapp_is_the_choice(set_up: None, twilio: TwilioApi, rasa: RasaStub) -> None:
    rasa.answer = button
    twilio.citizen_says(PHONE, "passeport")
    wait_until(lambda: len(twilio.sent) == 1)
    twilio.citizen_says(PHONE, "١")
    wait_until(lambda: len(twilio.sent) == 2)
    assert rasa.asked[1]["payload"] == '/ask_fee{"chosen": "passport_adult"}'


def test_what_vendors_bring_twice_is_answered_once(set_up: None, telegram: TelegramApi) -> None:
    telegram.courier.duplicates = 2
    telegram.citizen_says(CHAT, "bonjour")
    telegram.citizen_says(CHAT, "merci")
    wait_until(lambda: len(telegram.sent) >= 2)
    time.sleep(0.5)
    assert texts(telegram) == ["echo: bonjour", "echo: merci"]


def test_stop_is_confirmed_and_answers_go_on(set_up: None, twilio: TwilioApi, database: Database) -> None:
    for text, opted_out in (("STOP", True), ("start", False)):
        twilio.citizen_says(PHONE, text)
        wait_until(lambda want=opted_out: _opted_out(database) is want)  # type: ignore[misc]
    twilio.citizen_says(PHONE, "bonjour")
    wait_until(lambda: len(twilio.sent) == 3)
    assert twilio.sent[2].body == "echo: bonjour"


def _opted_out(database: Database) -> bool | None:
    with database.transaction() as session:
        address = session.scalar(select(Address))
        return None if address is None else address.opted_out_at is not None


def test_that_an_answer_is_written_is_shown_for_as_long_as_it_takes(
    set_up: None, telegram: TelegramApi, rasa: RasaStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "WRITING_AFTER_SECONDS", 0.1)
    monkeypatch.setattr(signs, "MARGIN_SECONDS", 4.8)  # Of Telegram's five.
    rasa.answer = rasa.later
    telegram.citizen_says(CHAT, "bonjour")
    wait_until(lambda: _shown(telegram) >= 3)
    rasa.released.set()
    wait_until(lambda: texts(telegram) == ["echo: bonjour"])
    shown = _shown(telegram)
    time.sleep(0.5)
    assert _shown(telegram) == shown


def _shown(telegram: TelegramApi) -> int:
    return [method for method, _ in telegram.calls].count("sendChatAction")


def test_a_flood_gets_one_notice(set_up: None, telegram: TelegramApi) -> None:
    for number in range(26):
        telegram.citizen_says(CHAT, f"message {number}")
    wait_until(lambda: len(telegram.sent) >= 21)
    telegram.courier.wait_until_idle()
    time.sleep(1.0)
    assert [text for text in texts(telegram) if not text.startswith("echo")] == texts(telegram)[20:]
    assert len(telegram.sent) == 21


def test_who_blocks_us_gets_nothing_until_they_are_back(
    set_up: None, telegram: TelegramApi, database: Database
) -> None:
    telegram.citizen_says(CHAT, "bonjour")
    wait_until(lambda: len(telegram.sent) == 1)
    telegram.citizen_blocks(CHAT)
    wait_until(lambda: _unreachable(database))
    telegram.citizen_blocks(CHAT, is_back=True)
    telegram.citizen_says(CHAT, "me revoilà")
    wait_until(lambda: texts(telegram) == ["echo: bonjour", "echo: me revoilà"])


def _unreachable(database: Database) -> bool:
    with database.transaction() as session:
        address = session.scalar(select(Address))
        return address is not None and address.unreachable_at is not None


Break = Callable[[TwilioApi], None]


@pytest.mark.parametrize(
    "break_it", [lambda api: api.fail_next(2, 429), lambda api: api.swallow_next(1), lambda api: api.fail_next(1, 500)]
)
def test_trouble_at_twilio_loses_nothing_and_says_nothing_twice(
    set_up: None, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch, break_it: Break
) -> None:
    monkeypatch.setattr(deliveries, "UNKNOWN_SECONDS", 1)
    break_it(twilio)
    twilio.citizen_says(PHONE, "bonjour")
    wait_until(lambda: [one.body for one in twilio.sent] == ["echo: bonjour"])
    time.sleep(3)
    assert len(twilio.sent) == 1


def test_a_closed_window_parks_the_answer_until_the_citizen_writes(
    set_up: None, twilio: TwilioApi, rasa: RasaStub, database: Database
) -> None:
    rasa.answer = rasa.later
    twilio.citizen_says(PHONE, "bonjour")
    wait_until(lambda: len(rasa.asked) == 1)
    with database.transaction() as session:
        session.scalars(select(Address)).one().window_expires_at = None
    rasa.released.set()
    wait_until(lambda: _statuses(database) == ["received", Delivery.PARKED])
    twilio.citizen_says(PHONE, "toujours là ?")
    wait_until(lambda: len(twilio.sent) == 2)
