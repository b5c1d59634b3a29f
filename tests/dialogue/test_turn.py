"""What Rasa is asked for a message, and what its answer comes to."""

import uuid
from typing import Any

import pytest

from bot.conversations.models import Conversation
from bot.conversations.schemas import Button, Inbound, Kind, Link
from bot.conversations.states import Outcome
from bot.dialogue.client import Answer
from bot.dialogue.turn import TurnResult, question_of, result_of


def conversation(**more: Any) -> Conversation:
    values: dict[str, Any] = {"id": uuid.UUID(int=7), "rasa_session": 2, "context": {}, "service_id": None}
    return Conversation(**(values | more))


def inbound(kind: Kind, **more: Any) -> Inbound:
    return Inbound("webchat", "1", "an address", kind, **more)


def acts(*names: str, confidence: float = 0.8) -> list[dict[str, Any]]:
    return [{"intent": {"name": name, "confidence": confidence}, "ranking": []} for name in names]


def result(*messages: dict[str, Any], act: str = "ask_fee", before: dict[str, Any] | None = None) -> TurnResult:
    return result_of(Answer(acts(act), [act], list(messages)), before or {})


def test_rasa_sees_a_conversation_and_its_session_but_no_address() -> None:
    question = question_of(inbound(Kind.TEXT, text="salut"), conversation(service_id="passport"), "fr")
    assert question.sender == "00000000-0000-0000-0000-000000000007:2"
    assert (question.text, question.payload, question.service_id) == ("salut", "", "passport")
    assert "an address" not in repr(question)


def test_a_button_sends_its_payload_and_not_its_title() -> None:
    pressed = inbound(Kind.BUTTON, text="Prix", payload='/ask_fee{"chosen": "passport"}')
    question = question_of(pressed, conversation(), "fr")
    assert (question.text, question.payload) == ("", '/ask_fee{"chosen": "passport"}')


def test_a_place_asks_for_the_nearest_office() -> None:
    question = question_of(inbound(Kind.LOCATION, latitude=33.5, longitude=-7.6), conversation(), "ar")
    assert question.payload == "/find_office"
    assert question.slots == {"latitude": 33.5, "longitude": -7.6}


def test_a_slash_in_a_text_stays_a_text() -> None:
    question = question_of(inbound(Kind.TEXT, text="/restart"), conversation(), "fr")
    assert (question.text, question.payload) == ("/restart", "")


def test_a_card_is_told_of_and_its_words_are_not_asked() -> None:
    question = question_of(inbound(Kind.CONTACT, text="Amal +212600000000"), conversation(), "fr")
    assert (question.text, question.payload, question.context) == ("", "", {"media": True})


def test_the_words_beside_a_picture_are_asked_and_the_picture_is_told_of() -> None:
    question = question_of(inbound(Kind.MEDIA, text="c'est quoi ce papier ?"), conversation(), "fr")
    assert (question.text, question.payload) == ("c'est quoi ce papier ?", "")
    assert question.context == {"media": True}


def test_the_question_holds_a_copy_of_the_memory() -> None:
    known = conversation(context={"pending": ["passport"]})
    question = question_of(inbound(Kind.TEXT, text="oui"), known, "fr")
    question.context["pending"] = []
    assert known.context == {"pending": ["passport"]}


def test_a_reply_keeps_its_buttons_and_takes_the_notes_links() -> None:
    found = result(
        {"text": "60 DH", "buttons": [{"title": "Papiers", "payload": "/ask_documents"}]},
        {"custom": {"outcome": "answered", "links": [{"title": "Portail", "url": "https://x.ma"}]}},
    )
    assert [one.text for one in found.said] == ["60 DH"]
    assert list(found.said[0].buttons) == [Button("Papiers", "/ask_documents")]
    assert list(found.said[0].links) == [Link("Portail", "https://x.ma")]


def test_the_note_tells_outcome_service_ranking_and_language() -> None:
    note = {"outcome": "clarified", "service": "passport", "ranked": ["passport", "cin"], "language": "fr"}
    found = result({"text": "x"}, {"custom": note})
    assert (found.outcome, found.service_id, found.language) == (Outcome.CLARIFIED, "passport", "fr")
    assert found.ranked == ["passport", "cin"]
    assert (found.intent, found.confidence) == ("ask_fee", 0.8)


def test_two_answers_become_one_message_with_the_last_ones_buttons() -> None:
    link = {"title": "Portail", "url": "https://x.ma"}
    found = result_of(
        Answer(
            acts("ask_fee", "ask_duration"),
            ["ask_fee", "ask_duration"],
            [
                {"text": "60 DH", "buttons": [{"title": "Un", "payload": "/a"}]},
                {"custom": {"outcome": "answered", "service": "passport", "links": [link]}},
                {"text": "7 jours", "buttons": [{"title": "Deux", "payload": "/b"}]},
                {"custom": {"outcome": "unknown_fact", "service": None, "links": [link]}},
            ],
        ),
        {},
    )
    assert [one.text for one in found.said] == ["60 DH\n\n7 jours"]
    assert list(found.said[0].buttons) == [Button("Deux", "/b")]
    assert list(found.said[0].links) == [Link("Portail", "https://x.ma")]
    assert (found.intent, found.outcome, found.service_id) == ("ask_fee", Outcome.ANSWERED, "passport")


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        ("greet", Outcome.SMALL_TALK),
        ("thank", Outcome.SMALL_TALK),
        ("out_of_scope", Outcome.OUT_OF_SCOPE),
        ("nlu_fallback", Outcome.NOT_UNDERSTOOD),
        ("privacy_request", Outcome.ANSWERED),
    ],
)
def test_a_plain_response_has_the_outcome_of_its_act(act: str, outcome: Outcome) -> None:
    assert result({"text": "x"}, act=act).outcome is outcome


def test_the_act_is_the_classifiers_but_the_outcome_that_of_what_was_understood() -> None:
    unsure = Answer(acts("ask_fee", confidence=0.2), ["nlu_fallback"], [{"text": "?"}])
    found = result_of(unsure, {})
    assert (found.intent, found.confidence, found.outcome) == ("ask_fee", 0.2, Outcome.NOT_UNDERSTOOD)


def test_offers_and_misses_live_one_turn_and_the_last_act_longer() -> None:
    before = {"last_act": "ask_fee", "pending": ["a", "b"], "misses": 1, "asked_which": True, "region": "fes"}
    lasting = {"last_act": "ask_fee", "region": "fes"}
    assert result({"text": "x"}, act="out_of_scope", before=before).context == lasting
    note = {"outcome": "answered", "context": {"last_act": "ask_office"}}
    assert result({"text": "x"}, {"custom": note}, before=before).context == lasting | {"last_act": "ask_office"}


@pytest.mark.parametrize("act", ["thank", "greet"])
def test_a_thank_you_between_question_and_choice_loses_nothing(act: str) -> None:
    before = {"last_act": "ask_fee", "pending": ["a", "b"]}
    assert result({"text": "x"}, act=act, before=before).context == before


def test_an_answer_without_acts_is_read_all_the_same() -> None:
    found = result_of(Answer([], [], [{"text": "x"}]), {})
    assert (found.intent, found.confidence, found.outcome) == (None, 0.0, Outcome.ANSWERED)
