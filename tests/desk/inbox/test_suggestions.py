"""Answers from the catalogue that staff can take over, in the citizen's language."""

import pytest

from bot.accounts.permissions import Role
from bot.db.session import Database
from bot.desk.suggestions import Suggestions
from bot.settings import REPOSITORY
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, hire


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "question", "words"),
    [("fr", "combien coûte le passeport", "passeport"), ("ary", "بشحال الباسبور", "باسبور")],
)
def test_the_nearest_entries_come_with_their_facts(
    language: str, question: str, words: str, shipped_copy: Database
) -> None:
    found = Suggestions(shipped_copy, REPOSITORY).find(question, language)
    assert words in found[0].title.lower()
    assert {"documents", "fee"} <= set(found[0].texts)
    assert all(text.strip() for one in found for text in one.texts.values())


def test_an_empty_catalogue_suggests_nothing(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask("combien coûte le passeport")
    browser.come_in(hire(database, Role.AGENT))
    assert "no answer near to this" in browser.see(f"/desk/cases/{case.id}/suggestions")
    assert "no answer near to this" in browser.see(f"/desk/cases/{case.id}/suggestions?words=carte")
