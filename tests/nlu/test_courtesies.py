"""Courtesies stand aside; danger and a wish to die are heard in any sentence."""

import pytest

from bot.nlu.courtesies import (
    AGREEING,
    DANGER,
    INSULT,
    KIND,
    SELF_HARM,
    SILENT,
    Courtesies,
    Spotter,
    is_elliptic,
    read_notions,
)
from bot.settings import REPOSITORY

NOTIONS = read_notions(REPOSITORY / "data" / "notions.yaml")
COURTESIES = Courtesies(NOTIONS, KIND)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Bonjour, combien coûte la vignette ? Merci d'avance", "combien coûte la vignette ?"),
        ("السلام عليكم، شحال الباسبور عافاك", "شحال الباسبور"),
        ("salam khoya chno lwra9 lah ykhllik", "chno lwra9"),
        ("hello, please, where do I complain", "where do I complain"),
        ("combien merci beaucoup coûte", "combien merci beaucoup coûte"),
    ],
)
def test_courtesies_at_either_end_stand_aside(text: str, rest: str) -> None:
    assert COURTESIES.without(text) == rest


@pytest.mark.parametrize(
    "text", ["salam khoya", "merci beaucoup", "السلام عليكم", "", "👍", "bonjour madame, s'il vous plaît"]
)
def test_a_message_of_courtesies_only_stays_whole(text: str) -> None:
    assert COURTESIES.without(text) == text


def test_an_agreement_before_a_question_stands_aside_too() -> None:
    agreeing = Courtesies(NOTIONS, AGREEING)
    assert agreeing.without("ok d'accord, où déposer le dossier") == "où déposer le dossier"
    assert agreeing.without("واخا، فين نمشي؟") == "فين نمشي؟"


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("il y a un incendie au marché", True),
        ("شاعلة العافية فالدار", True),
        ("wa7d tab3ni b mouss", True),
        ("combien coûte la carte nationale", False),
        ("https://example.com/index.php?id=7", False),
    ],
)
def test_words_of_danger_are_spotted(text: str, danger: bool) -> None:
    assert Spotter(NOTIONS, DANGER).spots(text) == danger


@pytest.mark.parametrize("text", ["je veux me suicider", "أفكر في الانتحار", "bghit nmout", "I want to die"])
def test_a_wish_to_die_is_spotted(text: str) -> None:
    assert Spotter(NOTIONS, SELF_HARM).spots(text)
    assert not Spotter(NOTIONS, SELF_HARM).spots("ma carte va mourir en mai")


@pytest.mark.parametrize("text", ["espèce d'imbécile", "نتا حمار", "sir t9awed", "stupid bot!"])
def test_an_insult_is_spotted_and_a_question_is_none(text: str) -> None:
    assert Spotter(NOTIONS, INSULT).spots(text)
    assert not Spotter(NOTIONS, INSULT).spots("combien pour la conservation foncière")


@pytest.mark.parametrize(
    ("text", "elliptic"),
    [
        ("et pour un mineur ?", True),
        ("وللقاصر؟", True),
        ("w l wladi?", True),
        ("and for my daughter?", True),
        ("et combien pour un mineur ?", False),
        ("وشحال؟", False),
        ("and where is it?", False),
        ("pour un mineur", False),
    ],
)
def test_another_case_of_the_same_question_asks_nothing_itself(text: str, elliptic: bool) -> None:
    asking = Spotter(NOTIONS, [kind for kind in NOTIONS if kind not in SILENT])
    assert is_elliptic(text, asking) == elliptic
