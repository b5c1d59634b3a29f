"""A bot that gets a new token while everything runs: nothing but the token has to be given."""

import pytest

from bot.settings import Settings
from tests.channels.journeys.conftest import rotate
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.telegram_api import TelegramApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

CHAT = 4242
FRESH = "7000000001:AAfresh_token_of_35_characters_0000"


def test_a_new_token_has_its_webhook_set_by_itself(gateway: Settings, telegram: TelegramApi) -> None:
    wait_until(lambda: bool(telegram.courier.webhook.url))
    before = telegram.courier.webhook
    telegram.revoke(FRESH)
    telegram.citizen_says(CHAT, "bonjour")
    rotate("telegram", FRESH)
    wait_until(lambda: [one.text for one in telegram.sent] == ["echo: bonjour"])
    assert telegram.courier.webhook == before


def test_the_webhook_is_set_once_for_each_token(gateway: Settings, telegram: TelegramApi) -> None:
    wait_until(lambda: bool(telegram.courier.webhook.url))
    telegram.citizen_says(CHAT, "bonjour")
    wait_until(lambda: len(telegram.sent) == 1)
    assert [method for method, _ in telegram.calls].count("setWebhook") == 1


def test_a_new_token_is_polled_with(polling: Settings, telegram: TelegramApi) -> None:
    telegram.citizen_says(CHAT, "bonjour")
    wait_until(lambda: len(telegram.sent) == 1)
    telegram.revoke(FRESH)
    rotate("telegram", FRESH)
    telegram.citizen_says(CHAT, "merci")
    wait_until(lambda: [one.text for one in telegram.sent] == ["echo: bonjour", "echo: merci"])


def test_a_press_that_was_polled_is_acknowledged_too(polling: Settings, telegram: TelegramApi, rasa: RasaStub) -> None:
    rasa.answer = lambda body: {
        "acts": [{"intent": {"name": "greet", "confidence": 0.9}, "ranking": []}],
        "understood": ["greet"],
        "messages": [{"text": "?", "buttons": [{"title": "Prix", "payload": "/ask_fee"}]}],
    }
    telegram.citizen_says(CHAT, "bonjour")
    wait_until(lambda: len(telegram.sent) == 1)
    telegram.citizen_presses(CHAT, telegram.sent[0].message_id, "/ask_fee")
    wait_until(lambda: len(telegram.sent) == 2 and not telegram.open_presses)
