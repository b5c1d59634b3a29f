"""The words of notions: read by people, so checked for slips."""

from collections import Counter

import pytest
import yaml

from bot.nlu.features import Glossary
from bot.nlu.text import normalise
from bot.settings import REPOSITORY

FILE = REPOSITORY / "data" / "notions.yaml"


@pytest.fixture(scope="module")
def notions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load(FILE.read_text("utf-8"))["notions"]
    return found


def test_every_spelling_is_a_text_with_letters(notions: dict[str, list[str]]) -> None:
    assert len(notions) > 40
    for name, spellings in notions.items():
        assert name.isidentifier()
        assert all(normalise(str(one)) for one in spellings), name
        assert {type(one) for one in spellings} == {str}, name


def test_a_spelling_is_written_once(notions: dict[str, list[str]]) -> None:
    counted = Counter(one for spellings in notions.values() for one in spellings)
    assert [one for one, count in counted.items() if count > 1] == []


def test_every_notion_is_found_by_its_first_spelling_in_three_scripts(notions: dict[str, list[str]]) -> None:
    glossary = Glossary(notions)
    assert all(glossary.tokens_of(spellings[0]) == [f"§{name}"] for name, spellings in notions.items())
    assert {glossary.tokens_of(text)[0] for text in ("combien", "شحال", "bch7al", "how much")} == {"§how_much"}
