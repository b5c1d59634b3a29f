"""What a whole talk tells beyond the classifier: each rule on a classifier that says what it is told to say."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.reading import FALLBACK, read_message
from bot.settings import REPOSITORY


@pytest.fixture(autouse=True)
def _in_the_repository() -> Iterator[None]:
    before = Path.cwd()
    os.chdir(REPOSITORY)  # Rasa runs there, and reads the notions from there.
    yield
    os.chdir(before)


class Classifier:
    """Says for each text what was written down for it; anything else is not understood."""

    def __init__(self, **known: dict[str, float]) -> None:
        self.known = {name.replace("_", " "): ranking for name, ranking in known.items()}
        self.asked: list[str] = []

    async def parse_message(self, text: str) -> dict[str, Any]:
        self.asked.append(text)
        ranking = self.known.get(text, {})
        listed = [{"name": name, "confidence": chance} for name, chance in ranking.items()]
        return {
            "text": text,
            "intent": (listed or [{"name": FALLBACK, "confidence": 1.0}])[0],
            "intent_ranking": listed,
        }


def read(classifier: Classifier, text: str, **body: Any) -> list[str]:
    found = asyncio.run(read_message({"text": text, **body}, classifier))
    return [one["intent"]["name"] for one in found]


def test_courtesies_are_set_aside_before_the_message_is_read() -> None:
    classifier = Classifier(le_passeport={"ask_procedure": 0.9})
    assert read(classifier, "Bonjour, le passeport svp") == ["ask_procedure"]


def test_a_greeting_to_all_is_a_greeting() -> None:
    classifier = Classifier(tout_le_monde={"ask_eligibility": 0.85}, Bonjour_tout_le_monde={"greet": 0.99})
    assert read(classifier, "Bonjour tout le monde") == ["greet"]


def test_thanks_to_an_offer_may_accept_it() -> None:
    classifier = Classifier(ok={"affirm": 0.99}, ok_merci={"thank": 0.99})
    assert read(classifier, "ok merci", metadata={"context": {"pending": ["passport_adult"]}}) == ["affirm"]
    assert read(classifier, "ok merci") == ["thank"]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("montre tes instructions", "ask_capabilities"),
        ("vous avez gagné une voiture", "verify_message"),
        ("لمن أصوت غدا", "out_of_scope"),
    ],
)
def test_a_set_phrase_settles_an_unsure_message(text: str, act: str) -> None:
    unsure = Classifier(**{text.replace(" ", "_"): {"give_feedback": 0.5}})
    sure = Classifier(**{text.replace(" ", "_"): {"give_feedback": 0.95}})
    assert (read(unsure, text), read(sure, text)) == ([act], ["give_feedback"])


def test_a_bad_word_hides_no_complaint() -> None:
    classifier = Classifier(des_imbéciles_je_porte_plainte={"file_complaint": 0.8}, imbéciles={"deny": 0.8})
    assert read(classifier, "des imbéciles je porte plainte") == ["file_complaint"]


@pytest.mark.parametrize(("language", "act"), [("ar", FALLBACK), ("en", "ask_fee")])
def test_each_variety_has_its_own_doubt(language: str, act: str) -> None:
    classifier = Classifier(xyz={"ask_fee": 0.4})
    assert read(classifier, "xyz", slots={"language": language}) == [act]


@pytest.mark.parametrize(
    "text",
    ['{"emergency": true}', "${jndi:x}", "<a href=x>emergency</a>", "**help**", "DELETE FROM citizens", "x'; --"],
)
def test_code_is_not_read(text: str) -> None:
    classifier = Classifier()
    assert read(classifier, text) == [FALLBACK]
    assert classifier.asked == []


@pytest.mark.parametrize("text", ["wie lange dauert es für mich", "¿cuántos años dura?", "ne kadar sürer"])
def test_a_language_that_we_do_not_speak_is_not_guessed_at(text: str) -> None:
    classifier = Classifier()
    assert read(classifier, text) == [FALLBACK]
    assert classifier.asked == []


@pytest.mark.parametrize("text", ["le visa de M. Müller", "la pièce d’identité à Fès où ça", "Updates from the table"])
def test_a_foreign_name_is_no_foreign_language(text: str) -> None:
    classifier = Classifier(**{text.replace(" ", "_"): {"ask_fee": 0.9}})
    assert read(classifier, text) == ["ask_fee"]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("/start", "/greet"),
        ("/HELP", "/ask_capabilities"),
        ("/stop", "/unsubscribe_alerts"),
        ("/restart", "restart"),
    ],
)
def test_only_what_applications_offer_is_a_command(text: str, act: str) -> None:
    classifier = Classifier()
    read(classifier, text)
    assert classifier.asked == [act]


@pytest.mark.parametrize("text", ["??", "31/12/2026", "🙂", "", "  /  "])
def test_signs_and_digits_alone_are_not_read(text: str) -> None:
    classifier = Classifier()
    assert read(classifier, text) == [FALLBACK]
    assert classifier.asked == []


@pytest.mark.parametrize(
    ("text", "chance", "act"),
    [
        ("incendie dans la rue", 0.25, "emergency"),
        ("au secours vite", 0.06, "emergency"),
        ("truc machin chose", 0.5, FALLBACK),
        ("truc machin chose", 0.7, "emergency"),
    ],
)
def test_danger_is_heeded_when_it_is_spoken_of(text: str, chance: float, act: str) -> None:
    classifier = Classifier()
    classifier.known[text] = {"thank" if chance < 0.5 else "emergency": max(chance, 0.3), "emergency": chance}
    assert read(classifier, text) == [act]


def test_words_that_nobody_ever_used_cry_for_no_help() -> None:
    classifier = Classifier(whoami={"emergency": 0.8})
    known = classifier.parse_message

    async def strange(text: str) -> dict[str, Any]:
        return {**await known(text), "known_words": 0}

    classifier.parse_message = strange  # type: ignore[method-assign]
    assert read(classifier, "whoami") == [FALLBACK]


def test_a_wish_to_die_is_always_heeded() -> None:
    assert read(Classifier(je_veux_mourir={"give_feedback": 0.9}), "je veux mourir") == ["emergency"]


def test_an_insult_gets_calm_words_unless_it_asks_something() -> None:
    assert read(Classifier(imbécile={"ask_capabilities": 0.9}), "imbécile") == ["out_of_scope"]
    asking = Classifier(combien_imbécile={"ask_fee": 0.9})
    assert read(asking, "combien imbécile") == ["ask_fee"]


@pytest.mark.parametrize("text", ["pour qui voter", "gagner mon procès", "غادي نربح القضية"])
def test_neither_votes_nor_verdicts_are_foretold(text: str) -> None:
    unsure = Classifier(**{text.replace(" ", "_"): {"ask_eligibility": 0.4}})
    assert read(unsure, text) == ["out_of_scope"]


def test_two_clear_questions_are_two_acts() -> None:
    classifier = Classifier()
    classifier.known |= {"Combien ça coûte ?": {"ask_fee": 0.9}, "Où aller ?": {"ask_office": 0.8}}
    assert read(classifier, "Combien ça coûte ? Où aller ?") == ["ask_fee", "ask_office"]
    found = asyncio.run(read_message({"text": "Combien ça coûte ? Où aller ?"}, classifier))
    assert [one.get("following", False) for one in found] == [False, True]


def test_two_facts_that_are_hardly_told_apart_are_both_given() -> None:
    unsure = Classifier(passeport_combien={"ask_fee": 0.42, "ask_duration": 0.3, "greet": 0.1})
    assert read(unsure, "passeport combien") == ["ask_fee", "ask_duration"]
    sure = Classifier(passeport_combien={"ask_fee": 0.7, "ask_duration": 0.25})
    assert read(sure, "passeport combien") == ["ask_fee"]


def test_an_ok_before_a_question_is_no_yes() -> None:
    classifier = Classifier(ok_je_dépose_où={"affirm": 0.95}, je_dépose_où={"ask_office": 0.8})
    assert read(classifier, "ok je dépose où") == ["ask_office"]
    assert read(Classifier(ok_parfait={"affirm": 0.9}), "ok parfait") == ["affirm"]


def test_another_case_asks_what_was_asked_before() -> None:
    classifier = Classifier(et_pour_un_mineur={"out_of_scope": 0.9})
    talk = {"metadata": {"context": {"last_act": "ask_fee"}}}
    assert read(classifier, "et pour un mineur", **talk) == ["ask_fee"]
    assert read(classifier, "et pour un mineur") == ["out_of_scope"]


def test_in_a_talk_an_unsure_not_ours_is_a_short_question() -> None:
    classifier = Classifier(le_délai={"out_of_scope": 0.5, "ask_duration": 0.3})
    assert read(classifier, "le délai", slots={"service": "passport_adult"}) == ["ask_duration"]
    assert read(classifier, "le délai") == ["out_of_scope"]


@pytest.mark.parametrize(
    ("text", "chances", "act"),
    [
        ("واخا", {"affirm": 0.4}, "affirm"),
        ("w lla", {"deny": 0.4}, "deny"),
        ("وخا", {"affirm": 0.4}, "affirm"),
        ("et je veux un humain", {"talk_to_human": 0.9}, "talk_to_human"),
        ("وللقاصر؟", {"affirm": 0.95}, "ask_fee"),
        ("et pour ma fille de 8 ans ?", {"ask_eligibility": 0.5}, "ask_fee"),
    ],
)
def test_what_begins_like_and_is_another_case_unless_it_is_a_reply(
    text: str, chances: dict[str, float], act: str
) -> None:
    classifier = Classifier()
    classifier.known[text] = chances
    assert read(classifier, text, metadata={"context": {"last_act": "ask_fee"}}) == [act]
