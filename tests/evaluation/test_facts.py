"""A fact of a reply is known when the catalogue or the domain states it, however it is written."""

from decimal import Decimal

import pytest

from bot.evaluation.facts import Facts, known_facts
from bot.settings import REPOSITORY


@pytest.fixture(scope="module")
def known() -> Facts:
    return known_facts(REPOSITORY)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1 234,50 DH", "1234.50"),
        ("1.500 درهم", "1500"),
        ("1,234.5 dirhams", "1234.5"),
        ("\u206875\u2069 درهم", "75"),
        ("٣٠٠ درهم", "300"),
        ("10 000 000 DH", "10000000"),
    ],
)
def test_an_amount_is_read_in_every_form(text: str, amount: str) -> None:
    assert Facts.read([text]).amounts == {Decimal(amount)}


def test_numbers_of_telephones_are_compared_by_their_digits() -> None:
    facts = Facts.read(["0522-27 00 00", "+212 5 22 27 00 00", "• 19: Police", "le 31 janvier 2027, 08:30, 2027-01-31"])
    assert facts.phones == {"0522270000", "212522270000", "19"}


def test_what_is_stated_nowhere_is_told() -> None:
    stated = Facts.read(["12345,67 DH, 0699999999, https://evil.example/x et gagnez.example"])
    told = stated.unknown_to(Facts.read(["500 DH, www.passeport.ma"]))
    assert told == ["amount 12345.67", "number 0699999999", "address https://evil.example/x", "host gagnez.example"]


def test_facts_of_the_shipped_catalogue_are_known(known: Facts) -> None:
    text = "500 DH, www.passeport.ma, • 19: Police"
    assert Facts.read([text]).unknown_to(known) == []


def test_a_made_up_amount_is_unknown(known: Facts) -> None:
    assert Facts.read(["4 711,42 DH"]).unknown_to(known) == ["amount 4711.42"]
