"""Words that end and resume reminders, in every variety, when they are all that is said."""

import pytest

from bot.citizens.wishes import Wish, wish_of


@pytest.mark.parametrize(
    "text", ["STOP", "stop.", "Arrêt", "désabonner", "توقف", "إلغاء الاشتراك", "حبس", "7bes", "We9ef !"]
)
def test_a_word_alone_stops(text: str) -> None:
    assert wish_of(text) is Wish.STOP


@pytest.mark.parametrize("text", ["START", "reprendre", "ابدأ", "rje3"])
def test_a_word_alone_starts_again(text: str) -> None:
    assert wish_of(text) is Wish.START


@pytest.mark.parametrize(
    "text", ["", "/start", "/stop", "stop à la vignette ?", "فين نوقف", "où s'arrête le tram", "annuler"]
)
def test_the_same_word_in_a_sentence_is_a_word_like_any_other(text: str) -> None:
    assert wish_of(text) is None
