"""Every string that a citizen reads is there in each language."""

import json
import re

import pytest

from tests.fakes.webchat_stub import WEBCHAT, render_page

LANGUAGES = ("ar", "fr", "en")
GAPS = re.compile(r"\{\w+\}")
USES = re.compile(r"\bstrings\.(\w+)|\bt\.(\w+)")


def strings(language: str) -> dict[str, str]:
    """The strings of a language."""
    loaded: dict[str, str] = json.loads((WEBCHAT / "locale" / f"{language}.json").read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_string_is_missing_or_empty(language: str) -> None:
    assert list(strings(language)) == list(strings("en"))
    assert all(value.strip() for value in strings(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_gaps_to_fill(language: str) -> None:
    for key, value in strings(language).items():
        assert sorted(GAPS.findall(value)) == sorted(GAPS.findall(strings("en")[key])), key


def test_no_french_sign_stands_alone_on_the_next_line() -> None:
    assert [value for value in strings("fr").values() if re.search(r" [?!;:»]|« ", value)] == []


def test_every_string_that_the_page_uses_exists() -> None:
    sources = [*(WEBCHAT / "static").glob("*.js"), WEBCHAT / "templates" / "chat.html"]
    found = [USES.findall(path.read_text("utf-8")) for path in sources]
    assert {name for pairs in found for pair in pairs for name in pair} - {""} <= set(strings("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_no_script_or_style_of_its_own(language: str) -> None:
    page = render_page(language)
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page)
