"""Every word of the desk is there in each language, and none is there in vain."""

import re

import pytest

from bot.accounts.permissions import Role
from bot.accounts.states import Fault
from bot.desk.navigation import WAYS
from bot.desk.pages import FOLDER
from bot.desk.words import LANGUAGES, strings

GAPS = re.compile(r"\{\w+\}")
# A word named outright, or the first part of one that is put together.
USES = re.compile(r"\bt\.(?!get\b)(\w+)|\bt\[\"(\w+)\"\]")
DYNAMIC = (
    *("role_", "fault_", "said_", "act_", "error_", "nav_", "audit_"),
    *("view_", "empty_", "reason_", "state_", "author_", "channel_", "variety_", "outcome_", "event_", "sending_"),
    *("why_", "media_", "file_", "aspect_", "promise_", "rating_", "mark_"),
    *("wrong_", "blank_", "colour_", "minutes_", "category_", "setup_"),
    *("status_", "save_", "move_to_", "text_", "source_", "confidence_", "wrong_", "limit_", "intent_"),
    *("review_kind_", "review_answer_", "review_open_", "review_none_"),
)


def used() -> set[str]:
    """The words that templates name outright."""
    sources = [path.read_text("utf-8") for path in (FOLDER / "templates").rglob("*.html")]
    return {name for source in sources for pair in USES.findall(source) for name in pair if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_missing_or_empty(language: str) -> None:
    assert list(strings(language)) == list(strings("en"))
    assert all(word.strip() for word in strings(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_gaps_to_fill(language: str) -> None:
    for name, word in strings(language).items():
        assert sorted(GAPS.findall(word)) == sorted(GAPS.findall(strings("en")[name])), name


def test_no_french_sign_stands_alone_on_the_next_line() -> None:
    assert [word for word in strings("fr").values() if re.search(r" [?!;:»]|« ", word)] == []


def test_templates_use_what_there_is_and_nothing_is_left_over() -> None:
    assert used() <= set(strings("en"))
    static = {name for name in strings("en") if not name.startswith(DYNAMIC)}
    assert static - used() == set()


def test_what_is_named_by_code_has_words() -> None:
    named = [*(f"fault_{fault}" for fault in Fault), *(f"role_{role}" for role in Role), *(way.word for way in WAYS)]
    assert set(named) <= set(strings("en"))


def test_no_template_has_a_script_or_style_of_its_own() -> None:
    for path in (FOLDER / "templates").rglob("*.html"):
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|\|\s*safe", path.read_text("utf-8")), path
