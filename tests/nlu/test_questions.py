"""Several questions in one message are told apart; one question stays whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.questions import LONGEST_PARTS, split_questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("شحال الثمن؟ وفين نمشي؟", ["شحال الثمن؟", "وفين نمشي؟"]),
        ("شحال التامبر وشنو الوراق", ["شحال التامبر", "شنو الوراق"]),
        ("كم الرسوم وأين المكتب", ["كم الرسوم", "أين المكتب"]),
        ("chno lwra9 w ch7al taman", ["chno lwra9", "ch7al taman"]),
        ("chno lwra9, w fin nmchi", ["chno lwra9", "fin nmchi"]),
        ("quels papiers et combien ça coûte ?", ["quels papiers", "combien ça coûte ?"]),
        ("what papers and how much is it", ["what papers", "how much is it"]),
        ("how much is it?\nwhere do I go?", ["how much is it?", "where do I go?"]),
        ("I lost my passport. What do I do now?", ["I lost my passport.", "What do I do now?"]),
    ],
)
def test_two_questions_are_two(text: str, parts: list[str]) -> None:
    assert split_questions(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "شحال التامبر ديال الباسبور؟",
        "بطاقة ووثائق",
        "salam! ch7al?",
        "شكرا. شحال الثمن",
        "timbre et photo pour le passeport",
        "naissance et mariage à l’étranger ?",
        "???",
        "",
    ],
)
def test_one_question_stays_whole(text: str) -> None:
    assert split_questions(text) == [text]


def test_no_more_than_three_are_taken() -> None:
    assert (
        len(split_questions("ch7al taman? fin nmchi? imta njib? chno lwra9? wach kayn rendez-vous?")) == LONGEST_PARTS
    )


@given(st.text(st.sampled_from("شحال فين؟?.!\n ab w et،")))
def test_parts_are_pieces_of_the_message_in_order(text: str) -> None:
    at = 0
    parts = split_questions(text)
    assert 1 <= len(parts) <= LONGEST_PARTS
    for part in parts:
        at = text.index(part, at) + len(part)
