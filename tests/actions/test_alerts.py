"""Reminders: what is asked for is set at once or told to be impossible, what is stopped is the one that is meant."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from actions import runtime
from actions.alerts import ALL, ActionExplainAlerts, ActionStopAlerts
from actions.phrases import Phrases
from actions.services import ActionAnswerService
from actions.turn import JawabAction, Reply, Turn
from bot.conversations.states import Outcome
from bot.db.session import Database
from bot.nlu.languages import Language
from tests.actions.acting import faults, run, turn
from tests.actions.catalogue import shipped_snapshot
from tests.alerts.records import subscribe
from tests.conversations.records import message, record

TAX, BIRTH, RETURN = "vignette_tsav", "birth_declaration", "income_tax_return"
TAX_DATE, MARCH, MAY = "tsav_31_january", "income_return_1_march", "income_return_1_may"


def said(action: JawabAction, asked: Turn, domain: dict[str, Any]) -> Reply:
    reply = action.answer(asked, Phrases(domain, asked.language))
    assert faults(reply, domain) == []
    return reply


@pytest.fixture
def talk(database: Database, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """A conversation, and the database that the action server would have."""
    monkeypatch.setattr(runtime, "database", lambda: database)
    return record(database, message()).conversation_id


def payloads(reply: Reply) -> list[str]:
    return [button.payload for button in reply.buttons]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("action", [ActionExplainAlerts(), ActionStopAlerts()], ids=lambda one: one.name())
def test_every_service_has_an_answer_in_every_variety(
    domain: dict[str, Any], language: Language, action: JawabAction
) -> None:
    for service in [None, *shipped_snapshot().services]:
        reply = said(action, turn("", "subscribe_alerts", language, chosen=service), domain)
        dated = [one for one in shipped_snapshot().deadlines_of(service or "") if one.rule.type != "relative"]
        assert (reply.alerts or {}) == (
            {"subscribe": [one.id for one in dated]} if dated and action.name() == "action_explain_alerts" else {}
        )


def test_a_reminder_is_set_at_once_with_date_times_and_a_way_to_stop_it(domain: dict[str, Any]) -> None:
    reply = said(ActionExplainAlerts(), turn("rappelle-moi", "subscribe_alerts", service=TAX), domain)
    assert (reply.outcome, reply.alerts) == (Outcome.SUBSCRIBED, {"subscribe": [TAX_DATE]})
    text = "\n".join(reply.lines)
    assert "31 janvier 2027" in text or "1 février 2027" in text
    assert "à 9 h, 14 jours, 3 jours et 1 jour avant" in text
    assert payloads(reply) == [f'/unsubscribe_alerts{{"chosen": "{TAX_DATE}"}}']


def test_what_depends_on_the_citizen_is_told_to_be_noted(domain: dict[str, Any]) -> None:
    reply = said(ActionExplainAlerts(), turn("", "subscribe_alerts", chosen=BIRTH), domain)
    assert (reply.outcome, reply.alerts) == (Outcome.ANSWERED, None)
    assert "Merci de le noter vous-même" in reply.lines[0]


def test_without_a_service_the_next_dates_are_offered(domain: dict[str, Any]) -> None:
    reply = said(ActionExplainAlerts(), turn("rappelle-moi", "subscribe_alerts"), domain)
    *offered, listing = payloads(reply)
    assert (len(offered), listing) == (3, "/list_deadlines")
    chosen = offered[0].split('"')[3]
    pressed = said(ActionExplainAlerts(), turn("", "subscribe_alerts", chosen=chosen), domain)
    assert pressed.alerts == {"subscribe": [chosen]}


def test_who_is_reminded_already_is_told_so(domain: dict[str, Any], database: Database, talk: uuid.UUID) -> None:
    subscribe(database, talk, MARCH)
    asked = replace(turn("", "subscribe_alerts", chosen=RETURN), conversation_id=talk)
    reply = said(ActionExplainAlerts(), asked, domain)
    assert reply.alerts == {"subscribe": [MAY]}
    assert "Vous avez déjà ce rappel :" in reply.lines
    subscribe(database, talk, MAY)
    assert said(ActionExplainAlerts(), asked, domain).alerts is None


@pytest.mark.parametrize(
    ("asked", "ended"),
    [
        (turn("arrête"), None),  # There are two: which one?
        (turn("arrête", service=TAX), [TAX_DATE]),
        (turn("arrête la vignette"), [TAX_DATE]),
        (
            turn("rappelle-moi la vignette, arrête l’impôt sur le revenu", service=TAX),
            None,
        ),  # Of two names either may be meant.
        (turn("", chosen=MARCH), [MARCH]),
        (turn("", chosen=RETURN), [MARCH]),
        (turn("", chosen=ALL), [MARCH, TAX_DATE]),
        (turn("", service=TAX, chosen=MAY), None),  # Stopped before: not another one instead.
        (turn("", service=TAX, chosen=BIRTH), None),
    ],
)
def test_the_reminder_that_is_meant_is_stopped(
    domain: dict[str, Any], database: Database, talk: uuid.UUID, asked: Turn, ended: list[str] | None
) -> None:
    subscribe(database, talk, MARCH, TAX_DATE)
    reply = said(ActionStopAlerts(), replace(asked, conversation_id=talk), domain)
    assert reply.alerts == ({"unsubscribe": ended} if ended else None)
    assert reply.outcome is (Outcome.UNSUBSCRIBED if ended else Outcome.CLARIFIED)
    if not ended:
        assert payloads(reply)[-1] == f'/unsubscribe_alerts{{"chosen": "{ALL}"}}'


def test_the_only_reminder_needs_no_name(domain: dict[str, Any], database: Database, talk: uuid.UUID) -> None:
    subscribe(database, talk, MAY)
    asked = replace(turn("arrête", service=TAX), conversation_id=talk)
    assert said(ActionStopAlerts(), asked, domain).alerts == {"unsubscribe": [MAY]}


def test_a_deadline_that_is_no_more_can_be_stopped(domain: dict[str, Any], database: Database, talk: uuid.UUID) -> None:
    subscribe(database, talk, "gone")
    reply = said(ActionStopAlerts(), replace(turn("arrête"), conversation_id=talk), domain)
    assert (reply.lines[1], reply.alerts) == ("• gone", {"unsubscribe": ["gone"]})


def test_an_answer_about_a_date_offers_the_reminder(domain: dict[str, Any]) -> None:
    first = payloads(said(ActionAnswerService(), turn("", "ask_deadline", chosen=TAX), domain))[0]
    assert first == f'/subscribe_alerts{{"chosen": "{TAX}"}}'
    for asked in (turn("", "ask_deadline", chosen=BIRTH), turn("", "ask_fee", chosen=TAX)):
        assert first.partition("{")[0] not in "".join(payloads(said(ActionAnswerService(), asked, domain)))


def test_the_gateway_is_told(domain: dict[str, Any]) -> None:
    message = {"text": "/subscribe_alerts", "entities": [{"entity": "chosen", "value": TAX}]}
    (sent,), _ = run(ActionExplainAlerts(), domain, message, {"language": "fr"})
    assert sent["custom"]["alerts"] == {"subscribe": [TAX_DATE]}
