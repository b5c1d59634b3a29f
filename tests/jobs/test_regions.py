"""Who named a town before asking for a person comes to the team of that town."""

from typing import Any

import pytest
import yaml
from sqlalchemy import select

from actions import runtime
from actions.offices import ActionFindOffice
from actions.staff import ActionExplainStaff
from bot.cases.models import Case
from bot.settings import REPOSITORY
from tests.actions.acting import run
from tests.actions.catalogue import shipped_snapshot
from tests.cases.desk import change_team, hire
from tests.jobs.talk import Talk

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def acting(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for Rasa that runs the real actions."""
    monkeypatch.setattr(runtime, "snapshot", shipped_snapshot)
    responses: dict[str, Any] = {}
    for path in (REPOSITORY / "domain").glob("*.yml"):
        responses |= yaml.safe_load(path.read_text("utf-8"))["responses"]

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        asks = "agent" in body["text"] or body["payload"] == "/talk_to_human"
        act = "talk_to_human" if asks else "find_office"
        message = {"text": body["text"], "intent": {"name": act}, "metadata": body["metadata"]}
        action = ActionExplainStaff() if asks else ActionFindOffice()
        sent, _ = run(action, {"responses": responses}, message, {"language": "fr"})
        texts = [{"text": one["text"], "buttons": one["buttons"]} for one in sent]
        acts = [{"intent": {"name": act, "confidence": 0.9}, "ranking": []}]
        return {"acts": acts, "understood": [act], "messages": [*texts, *({"custom": one["custom"]} for one in sent)]}

    talk.rasa.answer = answer


@pytest.mark.parametrize(("first", "team_id"), [("je cherche le bureau à Fès", "fes"), ("un bureau à Rabat", "front")])
def test_the_town_that_was_named_chooses_the_team(talk: Talk, first: str, team_id: str) -> None:
    hire(talk.database)
    change_team(talk.database, "fes", regions=["fes"])
    for text in (first, "je veux un agent", "je veux un agent"):
        talk.say(text)
    with talk.database.transaction() as session:
        assert session.scalars(select(Case.team_id)).one() == team_id
