"""Slips are repaired where one known word is near; names, everyday words and numbers stay."""

from pathlib import Path

import pytest

from bot.nlu.spelling import Vocabulary, count_words, everyday_words
from bot.nlu.text import normalise
from bot.settings import REPOSITORY

WORDS = count_words(["carte nationale passeport الوثائق المطلوبة الباسبور شحال"] * 4)
VOCABULARY = Vocabulary(WORDS, frozenset({"passerait"}))


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("passepport", "passeport"),
        ("psaseport", "passeport"),
        ("cartenationale", "carte nationale"),
        ("الوثائقالمطلوبة", "الوثايق المطلوبه"),
        ("الباسبورر", "الباسبور"),
    ],
)
def test_a_slip_of_a_known_word_is_repaired(text: str, repaired: str) -> None:
    assert VOCABULARY.repair(text) == repaired


@pytest.mark.parametrize("text", ["passeport", "passerait", "basseport", "kart", "4111", "dragon", ""])
def test_known_everyday_short_and_strange_words_stay(text: str) -> None:
    assert VOCABULARY.repair(text) == text


@pytest.mark.parametrize(("word", "known"), [("والدعم", "الدعم"), ("فالدار", "الدار"), ("لمدينة", "مدينة")])
def test_a_known_word_with_a_letter_written_to_it_is_no_slip_of_another(word: str, known: str) -> None:
    near = {"والدعم": "والدم", "فالدار": "فالنار", "لمدينة": "لمدينا"}[word]
    vocabulary = Vocabulary(count_words([known, near, near]))
    assert vocabulary.repair(word) == normalise(word)
    assert vocabulary.count_known(word) == 1


def test_words_learnt_later_are_known_at_once() -> None:
    vocabulary = Vocabulary(WORDS)
    assert vocabulary.repair("patentte") == "patentte"
    vocabulary.learn({"patente": 2})
    assert vocabulary.repair("patentte") == "patente"


def test_everyday_words_are_those_of_the_training_examples() -> None:
    words = everyday_words(REPOSITORY / "data")
    assert {"salam", "merci", "combien", "شحال", "bonjour"} <= words


def test_a_folder_without_notions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        everyday_words(tmp_path)


def test_known_words_are_counted() -> None:
    assert VOCABULARY.count_known("carte passerait whoami") == 2


@pytest.mark.parametrize("text", ["lwraq", "louera9", "lwrak", "Lwraa9"])
def test_a_word_spelled_otherwise_in_chat_is_the_word_that_is_known(text: str) -> None:
    assert Vocabulary(count_words(["lwra9 lwra9 passeport"])).repair(text) == "lwra9"


def test_the_commonest_of_several_spellings_is_meant() -> None:
    vocabulary = Vocabulary({"chhal": 2, "ch7al": 9, "shhal": 1})
    assert vocabulary.repair("ch8al") == "ch7al"
    assert vocabulary.repair("chhal") == "chhal"
