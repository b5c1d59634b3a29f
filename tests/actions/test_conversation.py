"""Yes, no, what, in which language: acts that lean on the turn before; and those whose feature comes later."""

from dataclasses import replace
from typing import Any

import pytest

from actions import runtime
from actions.conversation import (
    ActionChangeLanguage,
    ActionConfirmChoice,
    ActionCorrectChoice,
    ActionDeclineTopic,
    ActionDescribeCapabilities,
    ActionHandleFallback,
)
from actions.phrases import Phrases
from actions.services import ActionAnswerService, offer
from actions.staff import ActionExplainCase, ActionExplainComplaint
from actions.turn import JawabAction, Reply, Turn
from bot.conversations.states import Outcome
from bot.nlu.languages import Language
from tests.actions.acting import faults, turn
from tests.actions.catalogue import shipped_snapshot

PASSPORT, CARD = "passport_adult", "cnie_renewal"


def said(action: JawabAction, asked: Turn, domain: dict[str, Any]) -> Reply:
    reply = action.answer(asked, Phrases(domain, asked.language))
    assert faults(reply, domain) == []
    return reply


def name(service: str) -> str:
    return f"*{shipped_snapshot().services[service].names[Language.FRENCH]}*"


def test_yes_to_one_offer_answers_the_question_that_waited(domain: dict[str, Any]) -> None:
    reply = said(ActionConfirmChoice(), turn("oui", "affirm", pending=[PASSPORT], last_act="ask_fee"), domain)
    assert reply.lines[:2] == [name(PASSPORT), "Frais :"]


def test_yes_to_nothing_asks_what_is_wanted(domain: dict[str, Any]) -> None:
    for pending in ([], ["no_such_service"]):
        reply = said(ActionConfirmChoice(), turn("oui", "affirm", pending=pending), domain)
        assert reply.outcome is Outcome.SMALL_TALK


def test_yes_with_a_name_picks_among_several(domain: dict[str, Any]) -> None:
    asked = turn("oui, le passeport biométrique", "affirm", pending=[CARD, PASSPORT], last_act="ask_fee")
    assert said(ActionConfirmChoice(), asked, domain).service_id == PASSPORT


def test_no_with_a_name_switches_and_keeps_the_question(domain: dict[str, Any]) -> None:
    text = shipped_snapshot().services[PASSPORT].names[Language.FRENCH]
    asked = turn(f"non, {text}", "deny", service=CARD, last_act="ask_fee")
    reply = said(ActionCorrectChoice(), asked, domain)
    assert (reply.lines[1], reply.service_id) == ("Frais :", PASSPORT)


def test_no_to_an_offer_asks_which_one(domain: dict[str, Any]) -> None:
    reply = said(ActionCorrectChoice(), turn("non", "deny", pending=[CARD], last_act="ask_fee"), domain)
    assert (reply.outcome, reply.context) == (Outcome.CLARIFIED, {"pending": [], "last_act": "ask_fee"})


def test_no_to_nothing_is_calm(domain: dict[str, Any]) -> None:
    assert said(ActionCorrectChoice(), turn("non", "deny"), domain).outcome is Outcome.SMALL_TALK


@pytest.mark.parametrize("act", ["affirm", "ask_nonsense", "", "__class__"])
def test_a_last_act_that_is_no_question_asks_for_the_steps(domain: dict[str, Any], act: str) -> None:
    reply = said(ActionConfirmChoice(), turn("oui", "affirm", pending=[PASSPORT], last_act=act), domain)
    assert reply.outcome is Outcome.ANSWERED


@pytest.mark.parametrize("language", Language)
def test_a_choice_offers_buttons_that_answer_the_question(domain: dict[str, Any], language: Language) -> None:
    reply = offer(Phrases(domain, language), shipped_snapshot(), [CARD, PASSPORT], "ask_fee")
    assert faults(reply, domain) == []
    assert [button.payload for button in reply.buttons] == [
        '/ask_fee{"chosen": "cnie_renewal"}',
        '/ask_fee{"chosen": "passport_adult"}',
    ]
    assert reply.context == {"pending": [CARD, PASSPORT], "last_act": "ask_fee"}


def test_a_question_without_a_service_asks_which_and_remembers_it(domain: dict[str, Any]) -> None:
    reply = said(ActionAnswerService(), turn("?", "ask_fee"), domain)
    assert reply.outcome is Outcome.CLARIFIED
    assert (reply.context["last_act"], reply.context["asked_which"]) == ("ask_fee", True)


def test_a_follow_up_is_about_the_current_service(domain: dict[str, Any]) -> None:
    reply = said(ActionAnswerService(), turn("et combien ça coûte ?", "ask_fee", service=CARD), domain)
    assert (reply.lines[0], reply.service_id) == (name(CARD), CARD)


def test_a_button_wins_over_words_and_memory(domain: dict[str, Any]) -> None:
    asked = turn("passeport", "ask_fee", service=PASSPORT, chosen=CARD, pending=[PASSPORT])
    assert said(ActionAnswerService(), asked, domain).service_id == CARD


def test_a_service_that_is_no_more_is_forgotten(domain: dict[str, Any]) -> None:
    asked = turn("?", "ask_fee", service="gone", chosen="gone_too", pending=["gone"])
    assert said(ActionAnswerService(), asked, domain).outcome is Outcome.CLARIFIED


@pytest.mark.parametrize("language", Language)
def test_the_language_asked_for_is_the_language_answered_in(domain: dict[str, Any], language: Language) -> None:
    asked = turn("", "change_language", Language.FRENCH, chosen=language.value)
    reply = said(ActionChangeLanguage(), asked, domain)
    assert reply.language is language
    assert reply.lines == [Phrases(domain, language)("utter_language_changed")]


def test_no_language_named_offers_all_five_in_their_own_words(domain: dict[str, Any]) -> None:
    reply = said(ActionChangeLanguage(), turn("une autre langue", "change_language"), domain)
    assert (reply.language, reply.outcome) == (None, Outcome.CLARIFIED)
    assert [button.title for button in reply.buttons] == ["العربية", "الدارجة", "Darija b latin", "Français", "English"]


@pytest.mark.parametrize("language", Language)
def test_not_understood_twice_offers_ways_on(domain: dict[str, Any], language: Language) -> None:
    first = said(ActionHandleFallback(), turn("hmpf", "nlu_fallback", language), domain)
    assert first.outcome is Outcome.NOT_UNDERSTOOD
    second = said(ActionHandleFallback(), turn("hmpf", "nlu_fallback", language, misses=1), domain)
    assert len(second.buttons) == 3
    assert second.lines != first.lines


def test_a_bare_name_of_a_service_is_understood_all_the_same(domain: dict[str, Any]) -> None:
    text = shipped_snapshot().services[PASSPORT].names[Language.FRENCH]
    assert said(ActionHandleFallback(), turn(text, "nlu_fallback"), domain).service_id == PASSPORT


def test_a_town_after_the_question_for_it_gives_its_offices(domain: dict[str, Any]) -> None:
    asked = turn("Casablanca", "nlu_fallback", asked_place=True)
    assert said(ActionHandleFallback(), asked, domain).lines[0] == "À Casablanca :"


@pytest.mark.parametrize(
    "text", ["🙂🙂", "??", "x" * 2000, "!!!!", "\u200b", "ششششش", "aaa " * 400, "{name}", "%s {0}"]
)
def test_odd_texts_get_a_calm_reply(domain: dict[str, Any], text: str) -> None:
    reply = ActionHandleFallback().answer(turn(text, "nlu_fallback"), Phrases(domain, Language.FRENCH))
    assert reply.lines[0].strip()
    assert len("\n".join(reply.lines)) < 1500


LATER: list[JawabAction] = [
    ActionDescribeCapabilities(),
    ActionExplainComplaint(),
    ActionExplainCase(),
]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("action", LATER, ids=lambda action: action.name())
def test_acts_of_later_features_answer_what_is_possible_today(
    domain: dict[str, Any], language: Language, action: JawabAction
) -> None:
    for service in [None, *shipped_snapshot().services]:
        reply = said(action, turn("", "x", language, chosen=service), domain)
        assert reply.outcome in (Outcome.ANSWERED, Outcome.NOT_YET), service


def test_capabilities_count_the_services_that_are_known(domain: dict[str, Any]) -> None:
    reply = said(ActionDescribeCapabilities(), turn("", "ask_capabilities"), domain)
    assert str(len(shipped_snapshot().services)) in reply.lines[0]


def test_a_complaint_names_the_national_portal_first(domain: dict[str, Any]) -> None:
    reply = said(ActionExplainComplaint(), turn("je veux porter plainte", "file_complaint"), domain)
    assert reply.ranked[0] == "complaint_chikaya"
    assert any("chikaya" in line for line in reply.lines)


def test_without_the_complaint_service_the_truth_is_said(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any]
) -> None:
    snapshot = shipped_snapshot()
    fewer = {key: service for key, service in snapshot.services.items() if key != "complaint_chikaya"}
    bare = type(snapshot)(**{**vars(snapshot), "services": fewer})
    monkeypatch.setattr(runtime, "snapshot", lambda: bare)
    assert said(ActionExplainComplaint(), turn("", "file_complaint"), domain).outcome is Outcome.OFFERED


@pytest.mark.parametrize(
    ("text", "context", "response"),
    [
        ("", {"media": True}, "utter_media_not_read"),
        ("bla bla " * 250, {}, "utter_too_long"),
    ],
)
def test_pictures_and_endless_texts_get_words_of_their_own(
    domain: dict[str, Any], text: str, context: dict[str, Any], response: str
) -> None:
    phrases = Phrases(domain, Language.FRENCH)
    reply = ActionHandleFallback().answer(turn(text, act="nlu_fallback", **context), phrases)
    assert reply.lines == [phrases(response)]
    assert reply.outcome is Outcome.NOT_UNDERSTOOD


@pytest.mark.parametrize(("insult", "response"), [(False, "utter_out_of_scope"), (True, "utter_insult_calm")])
def test_what_is_not_ours_is_declined_calmly(domain: dict[str, Any], insult: bool, response: str) -> None:
    phrases = Phrases(domain, Language.FRENCH)
    reply = ActionDeclineTopic().answer(replace(turn("…", act="out_of_scope"), is_insult=insult), phrases)
    assert (reply.lines, reply.outcome) == ([phrases(response)], Outcome.OUT_OF_SCOPE)


@pytest.mark.parametrize("text", ["31/12/2026", "12:30", "{{7*7}}"])
def test_numbers_and_signs_alone_name_no_service(domain: dict[str, Any], text: str) -> None:
    reply = ActionHandleFallback().answer(turn(text, act="nlu_fallback"), Phrases(domain, Language.FRENCH))
    assert reply.service_id is None
