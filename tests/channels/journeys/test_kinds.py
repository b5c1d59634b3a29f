"""Everything that citizens may send besides texts: what Rasa is asked for it, and what is passed over in silence."""

from typing import Any

import pytest

from bot.settings import Settings
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

CHAT, PHONE = 4242, "+212600000001"
STICKER = {"file_id": "AgACAg", "file_unique_id": "x", "emoji": "👍"}
MEDIA = {"context": {"media": True}}
VCARD = b"BEGIN:VCARD\nFN:Amal\nEND:VCARD\n"


def asked(rasa: RasaStub) -> list[tuple[str, str, dict[str, Any]]]:
    """Text, payload and what was noted beside, of each question; the last one ends a test."""
    return [(one["text"], one["payload"], {"context": one["metadata"]["context"]}) for one in rasa.asked]


def test_on_telegram(gateway: Settings, telegram: TelegramApi, rasa: RasaStub) -> None:
    wait_until(lambda: bool(telegram.courier.webhook.url))
    telegram.citizen_sends(CHAT, poll={"id": "1", "question": "?"})
    telegram.citizen_sends(CHAT, dice={"emoji": "🎲", "value": 3})
    telegram.citizen_sends(CHAT, contact={"phone_number": "+212600000000", "first_name": "Amal"})
    telegram.citizen_sends(CHAT, sticker=STICKER)
    telegram.citizen_sends_location(CHAT, 33.57, -7.59)
    telegram.citizen_says(CHAT, "fini", language="fr")
    wait_until(lambda: len(rasa.asked) == 4)
    assert asked(rasa) == [
        ("", "", MEDIA),
        ("", "", MEDIA),
        ("", "/find_office", {"context": {}}),
        ("fini", "", {"context": {}}),
    ]
    telegram.courier.wait_until_idle()


def test_on_whatsapp(gateway: Settings, twilio: TwilioApi, rasa: RasaStub) -> None:
    twilio.citizen_reacts(PHONE, "👍")
    twilio.citizen_says(PHONE, "", MessageType="order")
    twilio.citizen_sends_media(PHONE, VCARD, "text/vcard")
    twilio.citizen_sends_media(PHONE, b"RIFF0000WEBP", "image/webp")
    twilio.citizen_sends_location(PHONE, 33.57, -7.59)
    twilio.citizen_says(PHONE, "fini", Forwarded="true", ReferralBody="an advertisement")
    wait_until(lambda: len(rasa.asked) == 4)
    assert asked(rasa) == [
        ("", "", MEDIA),
        ("", "", MEDIA),
        ("", "/find_office", {"context": {}}),
        ("fini", "", {"context": {}}),
    ]
    # What nobody here can look at is not left at Twilio.
    wait_until(lambda: VCARD not in [content for content, _ in twilio.media.values()])
