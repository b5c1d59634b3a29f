"""The citizen's own number beside the number that a service asks for."""

from decimal import Decimal

import pytest

from bot.catalogue.ceilings import measure_said
from bot.catalogue.schemas import Ceiling
from bot.nlu.features import Glossary

CEILING = Ceiling(measure="score_index", below=Decimal("9.3264284"))
GLOSSARY = Glossary({"score_index": ["score", "المؤشر"]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("عندي 9.6 شنو الحل", "9.6"),
        ("j’ai 9,31", "9.31"),
        ("المؤشر ٩٫٥", "9.5"),
        ("my score is 9", "9"),
        ("score 9.3264284", "9.3264284"),
    ],
)
def test_a_number_with_a_fraction_or_beside_its_name_is_the_measure(text: str, said: str) -> None:
    assert measure_said(text, CEILING, GLOSSARY) == Decimal(said)


@pytest.mark.parametrize(
    "text", ["", "j’ai 9 enfants", "le 31.12.2026", "250.50 DH", "1.500 dirhams", "score", "0,0 enfant"]
)
def test_other_numbers_are_not(text: str) -> None:
    assert measure_said(text, CEILING, GLOSSARY) is None
