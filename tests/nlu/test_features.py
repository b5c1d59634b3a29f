"""Notions are found by any of their spellings; texts become numbers the same way in every process."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.features import (
    Glossary,
    Patterns,
    inverse_frequency,
    ngram_views,
    sound_matrix,
    spelling_matrix,
    term_matrix,
    weigh,
    word_matrix,
)
from bot.settings import REPOSITORY

TERMS: dict[str, list[str]] = {
    "card": ["carte", "لاكارط", "بطاقة"],
    "id_card": ["carte nationale", "carte d'identité nationale", "البطاقة الوطنية", "cnie"],
    "grey_card": ["carte grise", "الورقة الرمادية", "warqa ramadiya"],
    "passport": ["passeport", "باسبور", "جواز السفر"],
    "tax": ["taxe", "ضريبة"],
}


def numbers() -> list[list[int]]:
    return [view.indices.tolist() for view in ngram_views(["شحال ch7al"])]


@pytest.fixture
def glossary() -> Glossary:
    return Glossary(TERMS)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("carte nationale", "id_card"),
        ("la CARTE d’identité nationale", "id_card"),
        ("carte grise", "grey_card"),
        ("carte bleue", "card"),
        ("carte", "card"),
        ("لاكارط", "card"),
        ("فالبطاقة الوطنية", "id_card"),
        ("بالورقة الرمادية", "grey_card"),
        ("lwar9a ramadia", "grey_card"),
        ("lpasport", "passport"),
        ("l'passeport", "passport"),
        ("جواااز السفر", "passport"),
        ("الضريبة", "tax"),
    ],
)
def test_the_longest_known_spelling_wins(glossary: Glossary, text: str, term: str) -> None:
    assert [token for token in glossary.tokens_of(text) if token.startswith("§")] == [f"§{term}"]


def test_each_word_belongs_to_one_notion(glossary: Glossary) -> None:
    assert glossary.tokens_of("carte nationale passeport carte") == ["§id_card", "§passport", "§card"]


def test_an_unknown_word_is_its_sound(glossary: Glossary) -> None:
    assert glossary.tokens_of("bch7al passeport") == ["bc7l", "§passport"]
    assert glossary.tokens_of("بشحال الباسبور")[1] == "§passport"


def test_the_first_of_two_notions_keeps_a_shared_spelling() -> None:
    glossary = Glossary({"first": ["timbre"], "second": ["timbre", "stamp"]})
    assert glossary.tokens_of("timbre stamp") == ["§first", "§second"]


def test_short_sounds_do_not_stand_for_a_notion() -> None:
    glossary = Glossary({"mail": ["poste"], "id": ["CIN"]})
    assert glossary.tokens_of("cin") == ["§id"]
    assert "§id" not in glossary.tokens_of("sien")


def test_no_words_are_no_notions(glossary: Glossary) -> None:
    assert glossary.tokens_of("؟! 😀") == []
    assert Glossary({"empty": ["!?", ""]}).tokens_of("empty") != ["§empty"]


def test_what_is_remembered_is_what_was_found(glossary: Glossary) -> None:
    for _ in range(2):
        assert glossary.remembered_tokens_of("la carte grise") == glossary.tokens_of("la carte grise")


def test_glossaries_are_equal_when_they_know_the_same(glossary: Glossary) -> None:
    assert glossary == Glossary(TERMS)
    assert glossary != Glossary(TERMS | {"tax": ["impôt"]})


@given(st.lists(st.text(st.sampled_from("abcdé شحال379 ")), min_size=1, max_size=4))
def test_every_view_has_a_row_of_length_one_or_zero_for_each_text(texts: list[str]) -> None:
    for view in ngram_views(texts):
        lengths = np.sqrt(np.asarray(view.multiply(view).sum(axis=1)).ravel())
        assert len(lengths) == len(texts)
        assert all(length == pytest.approx(1, abs=1e-5) or length == 0 for length in lengths)


@pytest.mark.parametrize("view", [sound_matrix, word_matrix])
def test_both_scripts_give_the_same_sounds_and_words(view: Callable[[list[str]], Any]) -> None:
    assert (view(["شحال لوراق"]) != view(["ch7al lwra9"])).nnz == 0


def test_the_script_makes_a_difference_in_spelling() -> None:
    assert (spelling_matrix(["شحال"]) != spelling_matrix(["ch7al"])).nnz > 0


def test_only_notions_count_among_terms(glossary: Glossary) -> None:
    assert term_matrix(["xyz abc"], glossary).nnz == 0
    assert term_matrix(["la carte grise svp"], glossary).nnz == 1


def test_what_fewer_entries_have_weighs_more() -> None:
    matrix = word_matrix(["carte", "carte grise", "carte nationale"])
    weights = inverse_frequency(matrix, np.array([0, 1, 2]))
    everywhere = word_matrix(["carte"]).indices
    once = word_matrix(["grise"]).indices
    assert 0 < weights[everywhere].max() < weights[once].min()


def test_doubt_shortens_a_query_that_says_little() -> None:
    matrix = word_matrix(["carte grise"])
    weights = np.ones(matrix.shape[1], dtype=np.float32)
    sure, doubtful = weigh(matrix, weights), weigh(matrix, weights, doubt=4.0)
    assert sure.multiply(sure).sum() == pytest.approx(1, abs=1e-5)
    assert doubtful.multiply(doubtful).sum() < 0.5


@pytest.mark.slow
def test_another_process_gives_the_same_numbers() -> None:
    code = "from tests.nlu.test_features import numbers; print(numbers())"
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert elsewhere.stdout.strip() == str(numbers())


NOTIONS = {"how_much": ["combien", "شحال", "bch7al"], "papers": ["papiers", "لوراق"]}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("bch7al lpasport", ["§how_much", "§subject"]),
        ("combien pour le passeport", ["§how_much", "br", "l", "§subject"]),
        ("لوراق ديال البطاقة الوطنية", ["§papers", "dl", "§subject"]),
    ],
)
def test_a_pattern_is_notions_around_a_subject(text: str, tokens: list[str]) -> None:
    patterns = Patterns(NOTIONS, [spelling for spellings in TERMS.values() for spelling in spellings])
    assert patterns.tokens_of(text) == tokens


def test_sentences_built_alike_have_the_same_gapped_pattern() -> None:
    patterns = Patterns(NOTIONS, TERMS["passport"] + TERMS["tax"])
    _, gapped = patterns.matrices(["شحال هاد الباسبور", "combien vaut la taxe", "papiers ?"])
    assert abs(gapped[0] - gapped[1]).max() == pytest.approx(0)
    assert abs(gapped[0] - gapped[2]).max() > 0.1


def test_and_is_no_land() -> None:
    assert Glossary({"land": ["land", "terrain"]}).tokens_of("and my land") == ["nd", "m", "§land"]


def test_two_glued_particles_are_taken_off() -> None:
    assert Glossary({"minor": ["قاصر"]}).tokens_of("وللقاصر") == ["§minor"]
