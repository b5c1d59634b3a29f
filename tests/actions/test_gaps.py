"""What we do not know is said so, counted, and answered with the closest that there is."""

from typing import Any

import pytest
from sqlalchemy import select

from actions import runtime
from actions.phrases import Phrases
from actions.rumours import ActionCheckRumour
from actions.services import ActionAnswerService
from bot.conversations.states import Outcome
from bot.db.session import Database
from bot.insights.models import Gap
from bot.nlu.languages import Language
from tests.actions.acting import faults, turn
from tests.actions.catalogue import shipped_snapshot

# They need the embedded PostgreSQL.
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def with_database(monkeypatch: pytest.MonkeyPatch, at_work: None, database: Database) -> None:
    monkeypatch.setattr(runtime, "database", lambda: database)


def gaps(database: Database) -> list[Gap]:
    with database.transaction() as session:
        return list(session.scalars(select(Gap).order_by(Gap.id)))


@pytest.mark.parametrize("language", Language)
def test_a_topic_outside_the_catalogue_is_named_and_counted(
    domain: dict[str, Any], database: Database, language: Language
) -> None:
    phrases = Phrases(domain, language)
    topic = next(iter(shipped_snapshot().topics.values()))
    asked = turn(topic.names[Language.ARABIC], "ask_fee", language)
    for _ in range(2):
        reply = ActionAnswerService().answer(asked, phrases)
        assert faults(reply, domain) == []
        assert reply.outcome is Outcome.UNKNOWN_SERVICE
        assert reply.lines[0] == phrases("utter_unknown_topic", name=phrases.text(topic.names))
    (gap,) = gaps(database)
    assert (gap.count, gap.topic_id, gap.intent, gap.language) == (2, topic.id, "ask_fee", language.value)
    assert gap.last_at > gap.first_at


def test_the_closest_service_and_a_human_are_offered(domain: dict[str, Any]) -> None:
    topic = next(iter(shipped_snapshot().topics.values()))
    phrases = Phrases(domain, Language.ENGLISH)
    reply = ActionAnswerService().answer(turn(topic.names[Language.ENGLISH], "ask_fee"), phrases)
    assert reply.buttons[-1].payload == "/talk_to_human"
    assert reply.buttons[0].payload.startswith('/ask_fee{"chosen": ')
    assert phrases("utter_unknown_closest") in reply.lines


def test_no_fact_is_told_about_what_is_not_known(domain: dict[str, Any]) -> None:
    phrases = Phrases(domain, Language.FRENCH)
    for topic in shipped_snapshot().topics.values():
        reply = ActionAnswerService().answer(turn(topic.names[Language.FRENCH], "ask_fee"), phrases)
        assert reply.outcome is not Outcome.ANSWERED, topic.id
        assert phrases("utter_fee_lead") not in reply.lines, topic.id


def test_asked_which_twice_in_vain_is_a_gap(domain: dict[str, Any], database: Database) -> None:
    asked = turn("le machin là", "ask_fee", asked_which=True)
    reply = ActionAnswerService().answer(asked, Phrases(domain, Language.FRENCH))
    assert reply.outcome is Outcome.UNKNOWN_SERVICE
    assert [(gap.text, gap.topic_id) for gap in gaps(database)] == [("le machin là", None)]


def test_the_same_words_in_another_spelling_are_one_gap_a_language(domain: dict[str, Any], database: Database) -> None:
    spellings = [
        ("Le Machin là", Language.FRENCH),
        ("le machin la !", Language.FRENCH),
        ("le machin là", Language.ENGLISH),
    ]
    for text, language in spellings:
        asked = turn(text, "ask_fee", language, asked_which=True)
        ActionAnswerService().answer(asked, Phrases(domain, language))
    assert [(gap.count, gap.language) for gap in gaps(database)] == [(2, "fr"), (1, "en")]


def test_an_unknown_rumour_is_counted_and_nothing_said_about_it(domain: dict[str, Any], database: Database) -> None:
    asked = turn("est-ce que la lune est en fromage", "check_rumour")
    ActionCheckRumour().answer(asked, Phrases(domain, Language.FRENCH))
    assert [(gap.text, gap.intent) for gap in gaps(database)] == [(asked.text, "check_rumour")]


def test_an_empty_question_leaves_no_gap(domain: dict[str, Any], database: Database) -> None:
    for text in ("", "🙂", "??"):
        ActionAnswerService().answer(turn(text, "ask_fee", asked_which=True), Phrases(domain, Language.FRENCH))
    assert gaps(database) == []
