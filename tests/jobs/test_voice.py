"""Voice notes: asked back, answered when the citizen says that it is right, and not before; danger alone waits not."""

from collections.abc import Iterator
from dataclasses import asdict

import pytest

from bot.channels.base import DeliveryError
from bot.conversations.schemas import Kind, MediaKind
from bot.conversations.states import Outcome, Owner
from bot.jobs import workflows
from bot.jobs.services import services
from bot.media.states import State
from tests.fakes.listener import Listener, recording
from tests.fakes.rasa_stub import answer_with
from tests.jobs.talk import Talk, Vendor, wait_until
from tests.jobs.voices import Citizen, buttons, file_of

pytestmark = pytest.mark.slow

ASKED = "combien coûte un passeport pour un adulte"
FIRE = "au secours il y a le feu chez moi"


@pytest.fixture
def listener(executor: None) -> Iterator[Listener]:
    """Somebody who hears voice notes."""
    listener = Listener()
    services().hearing.transcriber = listener
    yield listener
    listener.released.set()
    services().hearing.transcriber = None


@pytest.fixture
def citizen(talk: Talk, vendor: Vendor, sender: str) -> Iterator[Citizen]:
    """A citizen at the vendor's channel."""
    yield Citizen(talk, vendor, sender)
    vendor.sent.clear()
    vendor.files.clear()
    vendor.file_refusals.clear()


def test_where_nobody_listens_the_citizen_is_asked_to_write(citizen: Citizen) -> None:
    citizen.says("bonjour tout le monde, ça va ?")
    (reply,) = citizen.sends_file(recording(ASKED), MediaKind.VOICE)
    assert reply.body == "Je ne peux pas écouter les messages vocaux ici. Merci d’écrire votre question."
    assert (len(citizen.talk.rasa.asked), citizen.talk.rows()[2].outcome) == (1, Outcome.NOT_YET)
    assert file_of(citizen.talk.database).state == State.FETCHED


def test_what_was_heard_is_asked_back_and_not_answered(citizen: Citizen, listener: Listener) -> None:
    reply = citizen.speaks(ASKED)
    assert reply.body == f"J’ai entendu : « \u2068{ASKED}\u2069 ». Est-ce bien cela ?"
    assert [button.title for button in buttons(reply)] == ["Oui, c’est cela", "Non, je l’écris"]
    assert all(ASKED not in button.payload for button in buttons(reply))
    assert (listener.heard, citizen.talk.rasa.asked) == ([ASKED], [])
    assert citizen.talk.rows()[0].outcome == Outcome.CLARIFIED


def test_a_yes_is_answered_as_if_it_had_been_typed(citizen: Citizen, listener: Listener) -> None:
    question = citizen.speaks(ASKED)
    (reply,) = citizen.presses(buttons(question)[0])
    assert reply.body == f"echo: {ASKED}"
    assert citizen.talk.rasa.asked[0]["slots"]["language"] == "fr"
    assert "heard" not in citizen.talk.conversation().context


@pytest.mark.parametrize("word", ["Oui !", "iyeh", "نعم"])
def test_a_typed_yes_counts(citizen: Citizen, listener: Listener, word: str) -> None:
    citizen.speaks(ASKED)
    assert citizen.says(word)[0].body == f"echo: {ASKED}"


@pytest.mark.parametrize("is_typed", [True, False])
def test_a_no_asks_for_words(citizen: Citizen, listener: Listener, is_typed: bool) -> None:
    question = citizen.speaks(ASKED)
    (reply,) = citizen.says("non") if is_typed else citizen.presses(buttons(question)[1])
    assert reply.body == "D’accord. Merci d’écrire votre question."
    assert citizen.talk.rasa.asked == []
    assert "heard" not in citizen.talk.conversation().context


def test_a_later_text_ends_the_question(citizen: Citizen, listener: Listener) -> None:
    question = citizen.speaks(ASKED)
    assert citizen.says("quels papiers pour la carte ?")[0].body == "echo: quels papiers pour la carte ?"
    assert citizen.presses(buttons(question)[0])[0].body == "D’accord. Merci d’écrire votre question."
    assert len(citizen.talk.rasa.asked) == 1


def test_of_two_voice_notes_the_last_one_counts(citizen: Citizen, listener: Listener) -> None:
    first, second = citizen.speaks("la première question"), citizen.speaks(ASKED)
    assert citizen.presses(buttons(second)[0])[0].body == f"echo: {ASKED}"
    citizen.presses(buttons(first)[0])
    assert len(citizen.talk.rasa.asked) == 1


def test_a_text_while_we_listen_does_not_end_the_question(citizen: Citizen, listener: Listener) -> None:
    citizen.talk.rasa.answer = citizen.talk.rasa.later
    listener.is_slow = True
    citizen.sends_file(recording(ASKED), MediaKind.VOICE)
    spoken, written = citizen.sent[-1], citizen.talk.send(citizen.message(Kind.TEXT, "bonjour à tous"))
    wait_until(lambda: len(citizen.talk.rasa.asked) == 1)
    listener.released.set()
    (question,) = citizen.talk.replies(citizen.hearing_of(spoken))
    citizen.talk.rasa.released.set()
    citizen.talk.replies(written)
    assert citizen.presses(buttons(question)[0])[0].body == f"echo: {ASKED}"


def test_danger_is_answered_at_once(citizen: Citizen, listener: Listener) -> None:
    citizen.talk.rasa.answer = lambda _: answer_with("15, 19", act="emergency", note={"outcome": "emergency"})
    assert citizen.speaks(FIRE).body == "15, 19"
    assert citizen.talk.rasa.asked[0]["text"] == FIRE
    assert citizen.talk.rows()[0].outcome == Outcome.EMERGENCY


def test_a_word_of_danger_without_danger_is_asked_back(citizen: Citizen, listener: Listener) -> None:
    assert FIRE in citizen.speaks(FIRE).body
    assert citizen.talk.rasa.asked[0]["sender"].endswith(":heard")
    citizen.talk.rasa.is_down = True
    assert FIRE in citizen.speaks(FIRE).body


@pytest.mark.parametrize("trouble", ["noise", "gone", "crash"])
def test_what_cannot_be_heard_is_asked_for_in_words(
    citizen: Citizen, listener: Listener, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trouble == "gone":
        citizen.vendor.file_refusals.append(DeliveryError("gone", permanent=True, code="404"))
    if trouble == "crash":
        monkeypatch.setattr(listener, "transcribe", lambda *_: 1 / 0)
    reply = citizen.speaks("" if trouble == "noise" else ASKED)
    assert reply.body == "لم أتمكن من فهم رسالتك الصوتية. المرجو كتابة سؤالك."
    assert citizen.talk.rows()[0].outcome == Outcome.NOT_UNDERSTOOD


def test_staff_who_took_over_are_not_talked_across(citizen: Citizen, listener: Listener) -> None:
    listener.is_slow = True
    citizen.sends_file(recording(ASKED), MediaKind.VOICE)
    citizen.talk.change(state=Owner.STAFF)
    listener.released.set()
    assert citizen.talk.replies(citizen.hearing_of(citizen.sent[-1])) == []
    assert citizen.talk.rows()[-1].outcome == Outcome.LEFT_TO_STAFF


def test_a_yes_whose_step_runs_twice_means_the_same(citizen: Citizen, listener: Listener) -> None:
    question = citizen.speaks(ASKED)
    pressed = citizen.message(Kind.BUTTON, payload=buttons(question)[0].payload)
    values = asdict(pressed) | {"address": services().book.seal(pressed.address)}
    first, second = workflows.begin(values), workflows.begin(values)
    assert first is not None
    assert first["question"]["text"] == ASKED
    assert first == second
