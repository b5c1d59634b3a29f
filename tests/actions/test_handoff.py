"""A person: asked first where that is kind, passed on at once to whoever insists, with all that staff should know."""

from typing import Any

import pytest

from actions import runtime
from actions.conversation import ActionConfirmChoice, ActionCorrectChoice, ActionHandleFallback
from actions.phrases import Phrases
from actions.services import ActionAnswerService
from actions.staff import ActionExplainStaff
from actions.turn import HUMAN, JawabAction, Reply, Turn
from bot.cases.states import Reason
from bot.conversations.states import Outcome
from bot.nlu.languages import Language
from tests.actions.acting import faults, run, turn
from tests.actions.catalogue import shipped_snapshot

QUESTION = "combien coûte le passeport d'un adulte ?"


def said(action: JawabAction, asked: Turn, domain: dict[str, Any]) -> Reply:
    reply = action.answer(asked, Phrases(domain, asked.language))
    assert faults(reply, domain) == []
    return reply


@pytest.mark.parametrize("language", Language)
def test_who_asks_for_a_person_is_asked_first(domain: dict[str, Any], language: Language) -> None:
    reply = said(ActionExplainStaff(), turn("bghit agent", "talk_to_human", language), domain)
    assert (reply.outcome, reply.handoff) == (Outcome.OFFERED, None)
    assert [button.payload for button in reply.buttons][:2] == [HUMAN, "/deny"]
    assert reply.context["offered"] == Reason.ASKED


@pytest.mark.parametrize(
    ("text", "context", "reason"),
    [
        ("", {}, Reason.ASKED),  # A button was pressed.
        ("je veux un agent", {"offered": "asked"}, Reason.ASKED),
        ("je veux un agent", {"misses": 2}, Reason.FAILED_TWICE),
        ("", {"misses": 2}, Reason.FAILED_TWICE),
        ("", {"offered": "anger"}, Reason.ANGER),
        ("", {"offered": "sensitive"}, Reason.SENSITIVE),
    ],
)
def test_whoever_insists_is_passed_on_with_the_reason(
    domain: dict[str, Any], text: str, context: dict[str, Any], reason: Reason
) -> None:
    reply = said(ActionExplainStaff(), turn(text, "talk_to_human", **context), domain)
    assert reply.outcome is Outcome.HANDED_OFF
    assert reply.handoff is not None
    assert reply.handoff["reason"] == reason


def test_staff_are_told_the_question_and_its_closest_entries(domain: dict[str, Any]) -> None:
    reply = said(ActionExplainStaff(), turn("", "talk_to_human", asked=QUESTION, misses=2), domain)
    assert reply.handoff is not None
    closest = reply.handoff["closest"]
    assert reply.handoff["question"] == QUESTION
    assert closest[0]["id"] == "passport_adult"
    assert len(closest) == 3
    assert closest[0]["score"] >= closest[1]["score"] > 0


def test_staff_are_told_the_deadline_at_stake(domain: dict[str, Any]) -> None:
    reply = said(ActionExplainStaff(), turn("", "talk_to_human", service="vignette_tsav"), domain)
    assert reply.handoff is not None
    deadlines = shipped_snapshot().deadlines_of("vignette_tsav")
    assert reply.handoff["deadline"]["id"] in {one.id for one in deadlines}
    assert reply.handoff["deadline"]["on"] >= runtime.today().isoformat()


@pytest.mark.parametrize(
    ("text", "context", "region"),
    [
        ("", {"region": "fes"}, "fes"),
        ("bghit agent f Meknes", {"offered": "asked", "region": "fes"}, "meknes"),
        ("بغيت موظف فالعيون", {"offered": "asked"}, "laayoune"),
        ("", {"asked": "combien coûte le passeport à Béni Mellal ?", "region": "fes"}, "beni mellal"),
        ("", {"asked": QUESTION}, None),
    ],
)
def test_staff_are_told_the_town(
    domain: dict[str, Any], text: str, context: dict[str, Any], region: str | None
) -> None:
    reply = said(ActionExplainStaff(), turn(text, "talk_to_human", **context), domain)
    assert reply.handoff is not None
    assert reply.handoff["region"] == region


@pytest.mark.parametrize("language", Language)
def test_yes_and_no_answer_the_offer(domain: dict[str, Any], language: Language) -> None:
    yes = said(ActionConfirmChoice(), turn("oui", "affirm", language, offered="asked"), domain)
    no = said(ActionCorrectChoice(), turn("non", "deny", language, offered="asked"), domain)
    assert (yes.outcome, no.outcome) == (Outcome.HANDED_OFF, Outcome.SMALL_TALK)
    assert yes.handoff is not None
    assert no.handoff is None


def test_an_angry_citizen_is_offered_a_person(domain: dict[str, Any]) -> None:
    message = {"text": "7mar", "metadata": {"insult": True}}
    (sent,), _ = run(ActionHandleFallback(), domain, message, {"language": "fr"})
    assert sent["buttons"][-1]["payload"] == HUMAN
    assert sent["custom"]["context"]["offered"] == Reason.ANGER


def test_with_a_matter_for_people_one_is_offered_beside_the_answer(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any]
) -> None:
    snapshot = shipped_snapshot()
    sensitive = snapshot.services["passport_adult"].model_copy(update={"ask_human": True})
    services = snapshot.services | {"passport_adult": sensitive}
    changed = type(snapshot)(**{**vars(snapshot), "services": services})
    monkeypatch.setattr(runtime, "snapshot", lambda: changed)
    reply = said(ActionAnswerService(), turn(QUESTION, "ask_fee"), domain)
    assert (reply.outcome, reply.buttons[0].payload) == (Outcome.ANSWERED, HUMAN)
    assert reply.context["offered"] == Reason.SENSITIVE
