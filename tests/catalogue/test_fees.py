"""Which amount is meant: by the words and by the numbers of a question, never by guessing."""

import pytest

from bot.catalogue.fees import amount_said, fees_meant
from tests.actions.catalogue import shipped_snapshot


def meant(service: str, text: str) -> tuple[list[int | None], bool]:
    snapshot = shipped_snapshot()
    found = fees_meant(snapshot.services[service].fees, text, snapshot.index.glossary)
    return [fee.amount_centimes for fee in found.fees], found.sure


@pytest.mark.parametrize(
    ("service", "text", "amount"),
    [
        ("vignette_tsav", "شحال لافينييت ديال مازوط 6 خيول", 70_000),
        ("vignette_tsav", "كم ضريبة سيارة بنزين قوتها ١٢ حصانا", 300_000),
        ("vignette_tsav", "vignette diesel 9 CV", 150_000),
        ("vignette_tsav", "lavignette essence 16cv ch7al", 800_000),
        ("cnie_minor", "combien pour un garçon de 8 ans", 5_000),
        ("cnie_minor", "ch7al l weld 3ndo 15 3am", 7_500),
    ],
)
def test_a_number_in_range_singles_out_its_amount(service: str, text: str, amount: int) -> None:
    assert meant(service, text) == ([amount], True)


@pytest.mark.parametrize(
    ("service", "text", "amount"),
    [("evisa", "how much is the express visa", 110_000), ("direct_social_aid", "et pour une veuve", 40_000)],
)
def test_a_telling_word_puts_its_amount_first(service: str, text: str, amount: int) -> None:
    assert meant(service, text) == ([amount], False)


@pytest.mark.parametrize("text", ["", "combien ?", "ch7al la vignette", "la bourse entière et la demi"])
def test_words_that_tell_nothing_apart_single_out_nothing(text: str) -> None:
    assert meant("vignette_tsav", text) == ([], False)


@pytest.mark.parametrize(
    ("text", "centimes"),
    [("je dois 1 500 DH", 150_000), ("عندي ٧٠٠ درهم", 70_000), ("650dh", 65_000), ("9 chevaux", None)],
)
def test_an_amount_of_dirhams_is_read(text: str, centimes: int | None) -> None:
    assert amount_said(text) == centimes
