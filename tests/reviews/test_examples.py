"""Examples for training say what citizens ask, and nothing by which they are found."""

import pytest
import yaml

from bot.reviews.service import mask
from bot.reviews.states import ACTS
from bot.settings import REPOSITORY


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("اتصلوا بي 0612 34 56 78", "اتصلوا بي 0000 00 00 00"),
        ("+212 6-12-34-56-78", "+000 0-00-00-00-00"),
        ("٠٦١٢٣٤٥٦٧٨", "0000000000"),
        ("ma cin AB123456", "ma cin AB000000"),
        ("be 654321 perdue", "be 000000 perdue"),
        ("code massar G123456789", "code massar G000000000"),
        ("agent@example.ma", "nom@example.ma"),
    ],
)
def test_numbers_of_people_are_masked(said: str, masked: str) -> None:
    assert mask(said) == masked


@pytest.mark.parametrize("said", ["passeport 2026 : 1 500 DH", "150000 dh", "ch7al f 3am 2027", "5 ans, 10h30"])
def test_other_numbers_stay(said: str) -> None:
    assert mask(said) == said


def test_the_acts_to_choose_from_are_those_of_the_domain() -> None:
    domain = yaml.safe_load((REPOSITORY / "domain.yml").read_text("utf-8"))
    assert {*ACTS, "nlu_fallback"} == set(domain["intents"])
