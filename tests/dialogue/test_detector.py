"""In which variety we reply: heard in the first words, then kept until there is clear evidence or a wish."""

from pathlib import Path

import pytest

from bot.dialogue.language import CLEAR_LEAD, Detector, load_detector, reply_language
from bot.nlu.languages import Language

# The detector is trained once for all of them.
pytestmark = pytest.mark.slow

WRITTEN = {
    Language.ARABIC: "ما هي الوثائق المطلوبة لتجديد بطاقة التعريف الوطنية؟",
    Language.DARIJA: "شنو هما الوراق اللي خاصني باش نجدد لاكارط ديالي؟",
    Language.DARIJA_LATIN: "chno homa lwra9 li khasni bach njedded la carte dyali",
    Language.FRENCH: "Quels sont les papiers à fournir pour renouveler ma carte nationale ?",
    Language.ENGLISH: "Which papers do I need to renew my national identity card?",
}
SHORT = (
    "ok",
    "?",
    "oui",
    "واخا",
    "yes please",
    "🙂",
    "👍🏽",
    "123",
    "CIN",
    "CNSS 2026",
    "…",
    "   ",
    "لا",
    "merci bcp",
    "iyeh",
)


@pytest.fixture(scope="session")
def detector(trained_root: Path) -> Detector:
    return load_detector(trained_root)


@pytest.mark.parametrize("language", Language)
def test_a_first_message_is_answered_in_its_own_variety(detector: Detector, language: Language) -> None:
    assert reply_language(detector, WRITTEN[language], None) is language


@pytest.mark.parametrize("before", Language)
def test_a_clear_change_is_followed(detector: Detector, before: Language) -> None:
    for language, text in WRITTEN.items():
        if language is not before:
            assert reply_language(detector, text, before) is language, text


@pytest.mark.parametrize("before", Language)
@pytest.mark.parametrize("text", SHORT)
def test_short_messages_never_flip_it(detector: Detector, before: Language, text: str) -> None:
    assert reply_language(detector, text, before) is before


def test_what_was_asked_for_is_kept(detector: Detector) -> None:
    for before in Language:
        for text in WRITTEN.values():
            assert reply_language(detector, text, before, chosen=True) is before


def test_nothing_but_signs_at_first_gives_the_default(detector: Detector) -> None:
    for text in ("?", "", "🙂", "123", "…"):
        assert reply_language(detector, text, None) is Language.ARABIC


def test_chances_are_of_the_texts_own_script(detector: Detector) -> None:
    for language, text in WRITTEN.items():
        chances = detector.chances(text)
        assert sum(chances.values()) == pytest.approx(1)
        assert {one for one, chance in chances.items() if chance} <= {
            one for one in Language if one.is_right_to_left is language.is_right_to_left
        }
        assert chances[language] > CLEAR_LEAD
