"""Changes are repeatable, small, and only where there is something to change."""

import random

import pytest

from bot.evaluation import perturb


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (a repeatable draw, no secret)


CHANCE = _chance(7)


def test_the_same_seed_makes_the_same_changes_and_another_seed_makes_others() -> None:
    text = "Quels papiers faut-il pour inscrire ma fille à l'école cette année ?"
    first = list(perturb.variants(text, "fr", "ask_documents", "1:a"))
    assert first == list(perturb.variants(text, "fr", "ask_documents", "1:a"))
    assert first != list(perturb.variants(text, "fr", "ask_documents", "2:a"))


def test_a_message_without_anything_to_change_is_left_out() -> None:
    kinds = dict(perturb.variants("where do i pay", "en", "ask_office", "1"))
    assert not kinds.keys() & {"marks", "digits", "respelling", "dictation"}
    assert kinds.keys() >= {"repeats", "spaces", "emoji", "greeting", "politeness"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("مُؤَسَّسة الأمن إلى هُنا", "موسسه الامن الي هنا"),
        ("Où est l'état civil, ça coûte ?", "Ou est l'etat civil, ca coute ?"),
    ],
)
def test_marks_go_and_the_letters_stay(text: str, plain: str) -> None:
    assert perturb.drop_marks(CHANCE, text, "ar") == plain


def test_digits_that_are_letters_stay() -> None:
    assert perturb.eastern_digits(CHANCE, "ch7al 3la 25 jours?", "ary-latn") == "ch7al 3la ٢٥ jours?"


def test_dictation_has_no_punctuation_and_no_capitals_but_keeps_addresses_and_apostrophes() -> None:
    said = perturb.dictate(CHANCE, "Bonjour, c'est où ? Sur service-public.ma : 2.5 % !", "fr")
    assert said == "bonjour c'est où sur service-public.ma 2.5 %"


@pytest.mark.parametrize("seed", range(40))
def test_a_slip_touches_one_word_and_never_its_first_letter(seed: int) -> None:
    text = "voiture maison"
    changed = perturb.slip(_chance(seed), text, "fr").split(" ")
    assert len(changed) == 2
    assert [word[0] for word in changed] == ["v", "m"]
    assert "voiture" in changed or "maison" in changed


def test_neighbours_are_the_keys_that_touch() -> None:
    assert set(perturb.neighbours("a", "azerty")) == {"z", "q"}
    assert set(perturb.neighbours("S", "qwerty")) == {"a", "d", "w", "e", "z", "x"}
    assert "ل" in perturb.neighbours("ا", "arabic")
    assert perturb.neighbours("é", "azerty") == []


def test_every_key_is_a_neighbour_of_its_neighbours() -> None:
    for layout, letters in (("qwerty", "qazplm"), ("azerty", "aqwpmn"), ("arabic", "ضشئجطظ")):
        for letter in letters:
            assert all(letter in perturb.neighbours(near, layout) for near in perturb.neighbours(letter, layout))


def test_only_latin_darija_is_respelt() -> None:
    assert perturb.respell(CHANCE, "chauffeur", "fr") == "chauffeur"
    assert perturb.respell(CHANCE, "b7al", "ary-latn") == "bhal"


def test_a_greeting_is_not_added_to_a_greeting() -> None:
    assert "greeting" not in dict(perturb.variants("merci", "fr", "thank", "1"))
