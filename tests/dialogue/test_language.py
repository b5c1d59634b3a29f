"""In which variety we reply: heard in the first words, then kept until there is clear evidence or a wish."""

from pathlib import Path

import pytest

from bot.dialogue.language import (
    CLEAR_LEAD,
    Detector,
    DetectorError,
    language_asked_for,
    load_detector,
    reply_language,
    train_detector,
)
from bot.nlu.languages import Language

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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("en français svp", Language.FRENCH),
        ("parle moi en francais", Language.FRENCH),
        ("هضر معايا بالدارجة", Language.DARIJA),
        ("speak English please", Language.ENGLISH),
        ("بالعربية من فضلك", Language.ARABIC),
        ("b darija 3afak", Language.DARIJA_LATIN),
        ("darija en lettres arabes", Language.DARIJA),
        ("كتب ليا بالحروف اللاتينية", Language.DARIJA_LATIN),
        ("combien coûte le passeport", None),
        ("شحال ثمن جواز السفر", None),
        ("", None),
    ],
)
def test_a_language_is_known_by_its_names(text: str, language: Language | None) -> None:
    assert language_asked_for(text) is language


def test_without_a_detector_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="jawab train"):
        load_detector(tmp_path)


def test_a_variety_without_examples_stops_the_training(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "nlu"
    folder.mkdir(parents=True)
    (folder / "scope.fr.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - bonjour\n", "utf-8")
    with pytest.raises(DetectorError, match="lacks examples"):
        train_detector(tmp_path)
    assert not (tmp_path / "models").exists()
