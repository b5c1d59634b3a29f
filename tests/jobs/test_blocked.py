"""Who is blocked reads so once a day and nothing else, unless there is danger."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases.models import Case
from bot.conversations.schemas import Inbound, Kind, Media, MediaKind
from bot.conversations.states import Direction, Outcome
from bot.jobs import handoff
from bot.media.models import MediaFile
from bot.media.states import Reason
from tests.cases.desk import change_team, hire
from tests.fakes.rasa_stub import answer_with, echo
from tests.jobs.talk import Talk, Vendor

pytestmark = pytest.mark.slow

TOLD = "Nous ne répondons plus à vos messages ici."


def people(body: dict[str, Any]) -> dict[str, Any]:
    """Rasa as it answers who asks for a person, and who is in danger."""
    if "agent" in body["text"]:
        told: dict[str, Any] = {"reason": "asked", "question": "", "closest": [], "deadline": None}
        return answer_with("Je transmets.", act="talk_to_human", note={"outcome": "handed_off", "handoff": told})
    if "feu" in body["text"]:
        return answer_with("Appelez le 15.", act="emergency", note={"outcome": "emergency"})
    return echo(body)


def blocked(talk: Talk, **more: str) -> tuple[uuid.UUID, uuid.UUID]:
    """A citizen who asked for a person and was blocked: the case, and by whom."""
    talk.rasa.answer = people
    change_team(talk.database, hours={"always_open": True})
    talk.say("je veux un agent", **more)
    with talk.database.transaction() as session:
        case_id = session.scalars(select(Case.id)).one()
    by = hire(talk.database, role="supervisor")
    handoff.block(case_id, "insults", by=by)
    return case_id, by


def test_the_notice_comes_once_and_then_there_is_silence(talk: Talk) -> None:
    blocked(talk)
    assert talk.rows(Direction.OUT)[-1].body.startswith(TOLD)
    assert [one.body[: len(TOLD)] for one in talk.say("combien coûte le passeport ?")] == [TOLD]
    assert talk.say("répondez !") == []
    assert talk.rows()[-1].outcome == Outcome.BLOCKED
    assert len(talk.rasa.asked) == 1


def test_danger_is_answered(talk: Talk) -> None:
    blocked(talk)
    assert talk.say("au secours, il y a le feu !")[0].body == "Appelez le 15."


def test_after_it_was_taken_back_the_bot_answers_as_before(talk: Talk) -> None:
    case_id, by = blocked(talk)
    handoff.unblock(case_id, by=by)
    assert [one.body for one in talk.say("combien ?")] == ["echo: combien ?"]


def test_files_of_the_blocked_are_not_fetched(talk: Talk, vendor: Vendor, sender: str) -> None:
    blocked(talk, channel=vendor.name, sender_id=sender)
    media = Media(MediaKind.PHOTO, "a photo", "image/jpeg", 10)
    photo = Inbound(vendor.name, "p1", "an address", Kind.MEDIA, sender_id=sender, media=media)
    talk.replies(talk.send(photo))
    with talk.database.transaction() as session:
        assert session.scalars(select(MediaFile.reason)).all() == [Reason.BLOCKED]
