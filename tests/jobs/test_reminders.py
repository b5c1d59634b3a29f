"""Reminders through the durable engine: kept with the reply that promises them, and not without it."""

from typing import Any

import pytest

from bot.conversations.states import Direction, Outcome
from bot.jobs import handoff
from tests.alerts.records import GRANT, TAX, living
from tests.cases.desk import hire
from tests.fakes.rasa_stub import answer_with, echo
from tests.jobs.talk import Talk, wait_until

pytestmark = pytest.mark.slow


def reminding(body: dict[str, Any]) -> dict[str, Any]:
    """Rasa as it answers who wants reminders, and who wants them no more."""
    text = body["text"]
    if "rappelle" in text:
        note = {"outcome": "subscribed", "alerts": {"subscribe": [TAX, GRANT]}}
        return answer_with("C’est noté.", act="subscribe_alerts", note=note)
    if "arrête" in text:
        note = {"outcome": "unsubscribed", "alerts": {"unsubscribe": [TAX]}}
        return answer_with("C’est fait.", act="unsubscribe_alerts", note=note)
    return echo(body)


@pytest.fixture(autouse=True)
def answers(talk: Talk) -> None:
    """A stand-in that knows reminders."""
    talk.rasa.answer = reminding


def reminded_of(talk: Talk) -> list[str]:
    with talk.database.transaction() as session:
        return [one.deadline_id for one in living(session)]


def test_a_reminder_is_kept_with_its_reply_and_ended_with_another(talk: Talk) -> None:
    (reply,) = talk.say("rappelle-moi la vignette s'il te plaît")
    assert reminded_of(talk) == [GRANT, TAX]
    assert talk.rows(Direction.IN)[0].outcome == Outcome.SUBSCRIBED
    assert reply.body == ("C’est noté.\nLe rappel s’affiche ici quand vous ouvrez cette page sur le même appareil.")
    talk.say("rappelle-moi la vignette s'il te plaît")
    assert reminded_of(talk) == [GRANT, TAX]
    assert [one.body for one in talk.say("arrête le rappel s'il te plaît")] == ["C’est fait."]
    assert reminded_of(talk) == [GRANT]


def test_who_has_said_stop_is_told_to_write_start(talk: Talk, sender: str) -> None:
    talk.say("STOP", channel="vendor", sender_id=sender)
    (reply,) = talk.say("rappelle-moi la vignette s'il te plaît", channel="vendor", sender_id=sender)
    assert reply.body.endswith("pour recevoir les rappels, écrivez : START")
    assert reminded_of(talk) == [GRANT, TAX]
    talk.say("START", channel="vendor", sender_id=sender)
    (reply,) = talk.say("rappelle-moi la vignette s'il te plaît", channel="vendor", sender_id=sender)
    assert reply.body == "C’est noté."


def test_nothing_is_kept_of_an_answer_that_staff_have_made_void(talk: Talk) -> None:
    talk.say("bonjour")
    talk.rasa.answer = lambda body: [talk.rasa.later(body), reminding(body)][1]
    work = talk.send_text("rappelle-moi la vignette s'il te plaît")
    wait_until(lambda: len(talk.rasa.asked) == 2)
    handoff.take_over(talk.conversation().id, by=hire(talk.database))
    talk.rasa.released.set()
    assert (talk.replies(work), reminded_of(talk)) == ([], [])
