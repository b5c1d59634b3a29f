"""A turn, from a citizen's message to kept replies: once, in order, and only while the bot owns the talk."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from sqlalchemy.exc import OperationalError

from bot.conversations.schemas import Inbound, Kind
from bot.conversations.states import Delivery, Direction, Outcome, Owner
from bot.dialogue.turn import SESSION_TURNS
from bot.jobs import engine, workflows
from bot.jobs.services import services
from bot.nlu.languages import Language
from bot.settings import REPOSITORY
from tests.fakes.rasa_stub import answer_with, echo
from tests.jobs.talk import Talk, message, wait_until

pytestmark = pytest.mark.slow

SAID = {
    Language.ARABIC: "ما هي الوثائق المطلوبة لتجديد بطاقة التعريف الوطنية؟",
    Language.DARIJA: "شنو هما الوراق اللي خاصني باش نجدد لاكارط ديالي؟",
    Language.DARIJA_LATIN: "chno homa lwra9 li khasni bach njedded la carte dyali",
    Language.FRENCH: "Quels sont les papiers à fournir pour renouveler ma carte ?",
    Language.ENGLISH: "Which papers do I need to renew my national identity card?",
}


def apology(language: Language) -> str:
    document = yaml.safe_load((REPOSITORY / "domain" / "conversation.yml").read_text("utf-8"))
    variations = document["responses"]["utter_failed"]
    return str(next(one["text"] for one in variations if one["condition"][0]["value"] == language.value))


def test_a_message_is_answered_once_and_its_turn_is_kept(talk: Talk) -> None:
    note = {"outcome": "answered", "service": "passport", "ranked": ["passport"], "context": {"last_act": "ask_fee"}}
    talk.rasa.answer = lambda body: answer_with("60 DH", act="ask_fee", note=note)
    (reply,) = talk.say("combien coûte le passeport ?")
    asked, answered = talk.rows()
    assert (reply.id, reply.body, reply.status) == (answered.id, "60 DH", Delivery.SENT)
    assert (asked.intent, asked.confidence, asked.service_id) == ("ask_fee", 0.9, "passport")
    assert (asked.outcome, asked.language, reply.language) == (Outcome.ANSWERED, "fr", "fr")
    assert asked.took_ms is not None
    remembered = {"asked": "combien coûte le passeport ?", "last_act": "ask_fee"}
    assert (talk.conversation().service_id, talk.conversation().context) == ("passport", remembered)


def test_the_same_id_twice_counts_once(talk: Talk) -> None:
    inbound = message("bonjour tout le monde")
    with ThreadPoolExecutor(4) as threads:
        ids = set(threads.map(lambda _: talk.send(inbound), range(8)))
    talk.replies(ids.pop())
    talk.send(inbound)
    assert [row.direction for row in talk.rows()] == [Direction.IN, Direction.OUT]
    assert len(talk.rasa.asked) == 1


def sealed(inbound: Inbound) -> dict[str, Any]:
    """A message as its turn gets it."""
    return engine.sealed(services().book, inbound)


def test_a_turn_that_was_cut_off_before_its_end_is_done_again_whole(talk: Talk) -> None:
    inbound = message("combien coûte le passeport ?")
    begun = workflows.begin(sealed(inbound))
    assert begun is not None
    workflows.ask(begun["question"], begun["context"])
    assert len(talk.replies(talk.send(inbound))) == 1
    assert [row.direction for row in talk.rows()] == [Direction.IN, Direction.OUT]


def test_a_turn_that_was_cut_off_after_its_end_says_nothing_more(talk: Talk) -> None:
    inbound = message("combien coûte le passeport ?")
    talk.replies(talk.send(inbound))
    talk.change(state=Owner.WAITING)
    assert workflows.begin(sealed(inbound)) is None
    assert [row.outcome for row in talk.rows(Direction.IN)] == [Outcome.SMALL_TALK]
    assert len(talk.rasa.asked) == 1


@pytest.mark.parametrize(("word", "response"), [("STOP", "utter_opted_out"), ("START", "utter_opted_in")])
def test_a_wish_that_was_heeded_before_a_crash_is_confirmed_after_it(
    talk: Talk, sender: str, word: str, response: str
) -> None:
    before = message("STOP", channel="vendor", sender_id=sender)
    if word == "START":
        talk.replies(talk.send(before))
    inbound = message(word, channel="vendor", sender_id=sender)
    first, second = workflows.begin(sealed(inbound)), workflows.begin(sealed(inbound))
    assert first is not None
    assert second is not None
    assert first["ready"]["response"] == second["ready"]["response"] == response


def test_messages_of_a_conversation_are_answered_one_by_one_in_order(talk: Talk) -> None:
    most, now = [0], [0]

    def slowly(body: dict[str, Any]) -> dict[str, Any]:
        now[0] += 1
        most[0] = max(most[0], now[0])
        threading.Event().wait(0.05)
        now[0] -= 1
        return echo(body)

    talk.rasa.answer = slowly
    ids = [talk.send(message(f"question numéro {number}")) for number in range(8)]
    for one in ids:
        talk.replies(one)
    wanted = [f"question numéro {number}" for number in range(8)]
    assert [asked["text"] for asked in talk.rasa.asked] == wanted
    assert [row.body for row in talk.rows(Direction.OUT)] == [f"echo: {text}" for text in wanted]
    assert most == [1]


def test_a_slow_talk_does_not_hold_up_another(talk: Talk) -> None:
    talk.rasa.answer = lambda body: talk.rasa.later(body) if "lente" in body["text"] else echo(body)
    slow = talk.send(message("une question lente", address="one"))
    wait_until(lambda: len(talk.rasa.asked) == 1)
    assert [row.body for row in talk.say("une autre question", address="two")] == ["echo: une autre question"]
    talk.rasa.released.set()
    assert len(talk.replies(slow)) == 1


@pytest.mark.parametrize("owner", [Owner.STAFF, Owner.WAITING])
def test_what_staff_own_is_left_to_staff(talk: Talk, owner: Owner) -> None:
    talk.say("bonjour tout le monde")
    talk.change(state=owner)
    assert talk.say("il y a quelqu'un ?") == []
    assert len(talk.rasa.asked) == 1
    assert talk.rows()[-1].outcome == Outcome.LEFT_TO_STAFF


def test_an_answer_that_was_being_computed_when_staff_took_over_is_not_given(talk: Talk) -> None:
    talk.rasa.answer = talk.rasa.later
    pending = talk.send(message("une question pour le bot"))
    wait_until(lambda: len(talk.rasa.asked) == 1)
    talk.change(state=Owner.STAFF)
    talk.rasa.released.set()
    assert talk.replies(pending) == []
    assert [(row.direction, row.outcome) for row in talk.rows()] == [("in", "left_to_staff")]


def test_with_rasa_down_each_citizen_gets_an_apology_in_their_own_variety(talk: Talk) -> None:
    talk.rasa.is_down = True
    sent = {language: talk.send(message(text, address=language.value)) for language, text in SAID.items()}
    for language, workflow_id in sent.items():
        (reply,) = talk.replies(workflow_id)
        assert (reply.body, reply.language) == (apology(language), language.value)
    assert {row.outcome for row in talk.rows(Direction.IN)} == {Outcome.FAILED}
    talk.rasa.is_down = False
    assert talk.say("bonjour", address=Language.FRENCH.value)[0].body == "echo: bonjour"


def test_one_failure_of_rasa_is_not_noticed(talk: Talk) -> None:
    talk.rasa.faults.extend([503, 500])
    assert talk.say("bonjour tout le monde")[0].body == "echo: bonjour tout le monde"


def test_an_empty_answer_is_asked_again(talk: Talk) -> None:
    answers = [{"acts": [], "understood": [], "messages": []}, answer_with("me voilà")]
    talk.rasa.answer = lambda body: answers.pop(0)
    assert talk.say("bonjour tout le monde")[0].body == "me voilà"


@pytest.mark.parametrize("failing", [1, 2])
def test_a_database_that_is_away_for_a_moment_loses_no_message(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    database, calls = services().database, [0]
    transaction = database.transaction

    def flaky() -> Any:
        calls[0] += 1
        if calls[0] == failing:
            raise OperationalError("SELECT 1", {}, ConnectionError("gone"))
        return transaction()

    monkeypatch.setattr(database, "transaction", flaky)
    assert talk.say("bonjour tout le monde")[0].body == "echo: bonjour tout le monde"
    assert len(talk.rows()) == 2


def test_rasas_memory_is_cut_after_so_many_turns_and_ours_is_not(talk: Talk) -> None:
    talk.say("bonjour tout le monde")
    talk.change(session_turns=SESSION_TURNS - 1, service_id="passport")
    for text in ("une question", "encore une question"):
        talk.say(text)
    conversation = talk.conversation()
    assert [asked["sender"] for asked in talk.rasa.asked] == [f"{conversation.id}:{n}" for n in (0, 0, 1)]
    assert talk.rasa.asked[-1]["slots"]["service"] == "passport"
    assert conversation.session_turns == 1


def test_a_button_that_we_issued_is_a_command_and_another_is_only_text(talk: Talk) -> None:
    offered = answer_with("lequel ?")
    offered["messages"][0]["buttons"] = [{"title": "Prix", "payload": '/ask_fee{"chosen": "passport"}'}]
    talk.rasa.answer = lambda body: offered
    talk.say("bonjour tout le monde")
    for payload in ('/ask_fee{"chosen": "passport"}', "/restart"):
        talk.replies(talk.send(message("Prix", kind=Kind.BUTTON, payload=payload)))
    pressed, forged = talk.rasa.asked[1:]
    assert (pressed["payload"], pressed["text"]) == ('/ask_fee{"chosen": "passport"}', "")
    assert (forged["payload"], forged["text"]) == ("", "Prix")


def test_a_language_that_was_asked_for_is_kept(talk: Talk) -> None:
    note = {"outcome": "answered", "language": "en"}
    talk.rasa.answer = lambda body: answer_with("I will", act="change_language", note=note)
    (reply,) = talk.say("en anglais s'il vous plaît")
    assert reply.language == "en"
    talk.rasa.answer = echo
    talk.say(SAID[Language.DARIJA])
    assert talk.rasa.asked[-1]["slots"]["language"] == "en"
    assert (talk.conversation().language, talk.conversation().language_chosen) == ("en", True)


@pytest.mark.parametrize(("page", "text", "language"), [("fr", "?", "fr"), ("ar", SAID[Language.ENGLISH], "en")])
def test_the_pages_language_serves_until_the_citizen_has_written(
    talk: Talk, page: str, text: str, language: str
) -> None:
    talk.say(text, language=page)
    assert talk.rasa.asked[0]["slots"]["language"] == language


@pytest.mark.parametrize(("hint", "first"), [("fr", "fr"), ("", "ar")])
def test_the_press_of_start_tells_no_language(talk: Talk, hint: str, first: str) -> None:
    talk.say("/start", language=hint)
    talk.say("salam", language=hint)
    assert [asked["slots"]["language"] for asked in talk.rasa.asked] == [first, "ary-latn"]


def test_rasa_never_sees_an_address(talk: Talk) -> None:
    talk.say("bonjour tout le monde", address="+212600000001")
    assert "+212600000001" not in str(talk.rasa.asked)
