"""Which language a citizen asks for by name, and what is said when there is no detector."""

from pathlib import Path

import pytest

from bot.dialogue.detector_training import train_detector
from bot.dialogue.language import DetectorError, has_words, language_asked_for, load_detector
from bot.nlu.languages import Language


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("salam", True),
        ("ok 2", True),
        ("/start", False),
        ("/start poster", False),
        ("12", False),
        ("👍", False),
        ("", False),
    ],
)
def test_what_a_telephone_writes_by_itself_tells_no_language(text: str, expected: bool) -> None:
    assert has_words(text) is expected


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
