"""Danger: numbers first. Rumours: a verdict only where we hold one."""

import re
from typing import Any

import pytest

from actions import rumours, runtime
from actions.emergency import ActionShowEmergency
from actions.phrases import Phrases
from actions.rumours import ActionCheckRumour
from bot.catalogue.schemas import Confidence, Verdict
from bot.conversations.states import Outcome
from bot.nlu.languages import Language
from tests.actions.acting import faults, turn
from tests.actions.catalogue import shipped_snapshot
from tests.actions.test_answers import ISOLATES, has_source_line


@pytest.mark.parametrize("language", Language)
def test_in_danger_the_numbers_come_at_once(domain: dict[str, Any], language: Language) -> None:
    phrases = Phrases(domain, language)
    reply = ActionShowEmergency().answer(turn("au feu", act="emergency"), phrases)
    assert faults(reply, domain) == []
    assert reply.outcome is Outcome.EMERGENCY
    lines = [ISOLATES.sub("", line) for line in reply.lines]
    assert lines[0] == phrases("utter_emergency_lead")
    assert all(re.match(r"• \d{2,4} ?:", line) for line in lines[1:-1])
    assert {"19", "15", "177"} <= {re.findall(r"\d+", line)[0] for line in lines[1:-1]}
    assert lines[-1] == phrases("utter_emergency_advice")
    assert len("\n".join(lines)) < 700


def test_only_sure_numbers_are_given_the_most_general_first(domain: dict[str, Any]) -> None:
    lines = ActionShowEmergency().answer(turn(act="emergency"), Phrases(domain, Language.ENGLISH)).lines
    urgent = [one for one in shipped_snapshot().numbers if one.priority]
    sure = sorted((one for one in urgent if one.confidence is not Confidence.LOW), key=lambda one: one.priority or 0)
    assert [re.findall(r"\d+", line)[0] for line in lines[1:-1]] == [one.number for one in sure]


def test_in_danger_neither_search_nor_database_is_asked(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any]
) -> None:
    monkeypatch.setattr(type(shipped_snapshot().index), "search", lambda *_, **__: pytest.fail("searched"))
    assert ActionShowEmergency().answer(turn("زلزال", act="emergency"), Phrases(domain, Language.ARABIC)).lines


@pytest.mark.parametrize("language", Language)
def test_every_rumour_is_corrected_whole_with_verdict_and_source(domain: dict[str, Any], language: Language) -> None:
    phrases = Phrases(domain, language)
    undated = phrases("utter_source_undated", source="").partition("(")[2]
    for rumour in shipped_snapshot().rumours.values():
        reply = ActionCheckRumour._verdict(phrases, rumour)
        assert faults(reply, domain) == [], rumour.id
        assert reply.lines[0] == phrases(f"utter_verdict_{rumour.verdict.value}")
        assert has_source_line(reply.lines, rumour.sources, undated), rumour.id


def test_verdicts_look_different_in_every_variety(domain: dict[str, Any]) -> None:
    for language in Language:
        words = [Phrases(domain, language)(f"utter_verdict_{verdict.value}") for verdict in Verdict]
        assert len(set(words)) == len(Verdict)


def test_a_story_that_we_know_gets_its_correction(domain: dict[str, Any]) -> None:
    for rumour in shipped_snapshot().rumours.values():
        asked = turn(rumour.claim[Language.FRENCH], act="check_rumour")
        reply = ActionCheckRumour().answer(asked, Phrases(domain, Language.FRENCH))
        assert reply.outcome is Outcome.ANSWERED, rumour.id
        assert any(ISOLATES.sub("", rumour.answer[Language.FRENCH]) in line for line in reply.lines), rumour.id


@pytest.mark.parametrize(
    ("act", "name"), [("check_rumour", "utter_rumour_unknown"), ("verify_message", "utter_message_unknown")]
)
@pytest.mark.parametrize("language", Language)
def test_a_story_that_we_do_not_know_gets_no_verdict(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any], act: str, name: str, language: Language
) -> None:
    monkeypatch.setattr(rumours, "record_gap", lambda *_, **__: None)
    monkeypatch.setattr(runtime, "database", Nowhere)
    phrases = Phrases(domain, language)
    reply = ActionCheckRumour().answer(turn("est-ce que la lune est en fromage", act=act), phrases)
    assert faults(reply, domain) == []
    assert reply.outcome is Outcome.UNKNOWN_FACT
    assert reply.lines[:2] == [phrases(name), phrases("utter_rumour_noted")]
    assert not any(phrases(f"utter_verdict_{verdict.value}") in reply.lines for verdict in Verdict)


class Nowhere:
    """A database that keeps nothing."""

    def transaction(self) -> "Nowhere":
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
