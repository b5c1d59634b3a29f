"""People take over and give back, through the durable engine: what citizens read, and when the bot is silent."""

import asyncio
import datetime as dt
import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases.errors import NotAwaitedError, NotYoursError, TakenError, TooLateError, UnseenError
from bot.cases.models import Case
from bot.cases.states import Reason
from bot.channels.base import DeliveryError
from bot.conversations.models import Message
from bot.conversations.schemas import Kind
from bot.conversations.service import list_lines
from bot.conversations.states import Author, Delivery, Direction, Outcome, Owner
from bot.deliveries.models import DeliveryRow
from bot.jobs import handoff
from bot.jobs.events import Listener
from bot.jobs.services import services
from bot.settings import Settings
from tests.cases.desk import case_in, change_team, hire, story_of
from tests.fakes.rasa_stub import answer_with, echo
from tests.jobs.talk import Talk, Vendor, message, wait_until

pytestmark = pytest.mark.slow

CLOSEST = [{"kind": "services", "id": "passport_adult", "score": 0.4}]


def people(body: dict[str, Any]) -> dict[str, Any]:
    """Rasa as it answers who asks for a person, and who is in danger."""
    text = body["text"] or body["payload"]
    if "agent" in text or text == "/talk_to_human":
        told = {"reason": "asked", "question": "", "closest": CLOSEST, "deadline": None}
        note = {"outcome": "handed_off", "handoff": told}
        return answer_with("Je transmets.", act="talk_to_human", note=note)
    if "feu" in text:
        return answer_with("Appelez le 15.", act="emergency", note={"outcome": "emergency"})
    if "bla" in text:
        return answer_with("Pardon ?", act="nlu_fallback", note={"outcome": "not_understood"})
    return echo(body) | {"understood": ["ask_fee"]}


@pytest.fixture(autouse=True)
def answers(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that knows people, a desk that is always open, and little time for second thoughts."""
    talk.rasa.answer = people
    change_team(talk.database, hours={"always_open": True})
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta(seconds=60))


@pytest.fixture
def agent(talk: Talk) -> uuid.UUID:
    """Somebody who answers, and is there."""
    return hire(talk.database)


def the_case(talk: Talk) -> Case:
    with talk.database.transaction() as session:
        return session.scalars(select(Case)).one()


def ask(talk: Talk, **more: str) -> Case:
    """A citizen asks for a person, in French."""
    talk.say("combien coûte le passeport ?", **more)
    talk.say("je veux un agent", **more)
    return the_case(talk)


def taken(talk: Talk, agent: uuid.UUID, **more: str) -> Case:
    """The same, and somebody takes it."""
    return handoff.claim(ask(talk, **more).id, by=agent)


def said(talk: Talk) -> list[str]:
    """What the citizen was told."""
    return [row.body for row in talk.rows(Direction.OUT)]


def seen_on_page(talk: Talk) -> list[str]:
    """What the page shows of what was said to the citizen."""
    with talk.database.transaction() as session:
        lines = list_lines(session, conversation_id=talk.conversation().id, after_id=0)
    return [line.text for line in lines if line.author is not Author.CITIZEN]


def pressed(talk: Talk, number: int) -> list[Message]:
    """The citizen presses a button (from 0) of our last message; gives the replies."""
    buttons = talk.rows(Direction.OUT)[-1].payload["buttons"]
    button = message(buttons[number]["title"], kind=Kind.BUTTON, payload=buttons[number]["payload"])
    return talk.replies(talk.send(button))


def test_who_asks_for_a_person_is_told_when_and_the_bot_is_silent(talk: Talk, agent: uuid.UUID) -> None:
    talk.say("combien coûte le passeport ?")
    passing, promised = talk.say("je veux un agent")
    assert passing.body == "Je transmets."
    assert promised.body.startswith("Un agent va vous répondre ici. Comptez entre 5 et 15 minutes.")
    assert talk.say("vous êtes là ?") == []
    case = the_case(talk)
    assert (talk.conversation().state, case.reason, case.language) == (Owner.WAITING, Reason.ASKED, "fr")
    assert (case.question, case.tried["entries"]) == ("combien coûte le passeport ?", CLOSEST)
    assert talk.rows()[-1].outcome == Outcome.LEFT_TO_STAFF
    assert len(talk.rasa.asked) == 2


def test_outside_of_hours_the_message_is_taken_and_the_opening_told(talk: Talk, agent: uuid.UUID) -> None:
    change_team(talk.database, hours={"usual": []})
    _, promised = talk.say("je veux un agent")
    assert promised.body.startswith("Votre message est gardé")
    assert the_case(talk).promised["when"] == "unknown"


def test_with_nobody_at_the_desk_no_minutes_are_promised(talk: Talk) -> None:
    _, promised = talk.say("je veux un agent")
    assert promised.body.startswith("Aucun agent n’est devant l’écran")


def test_who_waits_may_go_back_to_the_bot(talk: Talk, agent: uuid.UUID) -> None:
    case = ask(talk)
    (reply,) = pressed(talk, 0)
    assert reply.body == "D’accord, je suis de nouveau avec vous. Quelle est votre question ?"
    assert [one.body for one in talk.say("combien ?")] == ["echo: combien ?"]
    assert story_of(talk.database, case) == ["opened", "ended"]
    with pytest.raises(TakenError):
        handoff.claim(case.id, by=agent)


def test_who_waits_and_is_in_danger_is_told_what_to_do(talk: Talk, agent: uuid.UUID) -> None:
    ask(talk)
    (reply,) = talk.say("au secours, il y a le feu !")
    assert reply.body == "Appelez le 15."
    assert talk.say("à l'aide, personne ne répond") == []
    assert talk.conversation().state == Owner.WAITING
    handoff.claim(the_case(talk).id, by=agent)
    assert talk.say("au secours, il y a le feu !") == []


def test_danger_goes_to_people_only_when_somebody_is_there(talk: Talk) -> None:
    assert [one.body for one in talk.say("il y a le feu !")] == ["Appelez le 15."]
    assert talk.conversation().state == Owner.BOT
    hire(talk.database)
    assert len(talk.say("il y a le feu !")) == 2
    assert the_case(talk).reason == Reason.EMERGENCY


def test_an_answer_that_is_being_computed_at_the_takeover_is_dropped(talk: Talk, agent: uuid.UUID) -> None:
    talk.say("bonjour")
    talk.rasa.answer = talk.rasa.later
    work = talk.send_text("combien coûte le passeport ?")
    wait_until(lambda: len(talk.rasa.asked) == 2)
    handoff.take_over(talk.conversation().id, by=agent)
    talk.rasa.released.set()
    assert talk.replies(work) == []
    assert said(talk) == ["echo: bonjour"]
    assert talk.rows()[-1].outcome == Outcome.LEFT_TO_STAFF


def test_a_reply_on_the_page_is_shown_only_when_it_cannot_be_taken_back_any_more(
    talk: Talk, agent: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = taken(talk, agent)
    first = handoff.say(case.id, "Bonjour, je regarde.", by=agent, key="1")
    assert "Bonjour, je regarde." not in seen_on_page(talk)
    handoff.withdraw(first, by=agent)
    handoff.withdraw(first, by=agent)
    assert (case_in(talk.database, case.id).first_answered_at, talk.rows()[-1].status) == (None, Delivery.WITHDRAWN)
    assert case_in(talk.database, case.id).due_at is not None
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta())
    second = handoff.say(case.id, "Bonjour, c'est 500 DH.", by=agent, key="2")
    wait_until(lambda: seen_on_page(talk)[-1] == "Bonjour, c'est 500 DH.")  # By upkeep.
    assert "Bonjour, je regarde." not in seen_on_page(talk)
    with pytest.raises(TooLateError):
        handoff.withdraw(second, by=agent)


def test_what_follows_a_held_reply_waits_for_it(talk: Talk, agent: uuid.UUID) -> None:
    case = taken(talk, agent)
    before = seen_on_page(talk)
    handoff.say(case.id, "un", by=agent, key="1")
    handoff.say(case.id, "deux", by=agent, key="2")
    talk.say("et trois ?")
    assert seen_on_page(talk) == before
    handoff.hand_back(case.id, by=agent)
    assert seen_on_page(talk)[len(before) : len(before) + 2] == ["un", "deux"]


def test_a_reply_on_a_vendors_channel_leaves_when_it_cannot_be_taken_back(
    talk: Talk, agent: uuid.UUID, sender: str, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = taken(talk, agent, channel="vendor", sender_id=sender)
    vendor.sent.clear()
    withdrawn = handoff.say(case.id, "non", by=agent, key="1")
    handoff.withdraw(withdrawn, by=agent)
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta(seconds=1.5))
    kept = handoff.say(case.id, "oui", by=agent, key="2")
    with talk.database.transaction() as session:
        assert session.get(DeliveryRow, withdrawn) is None
        assert session.get_one(DeliveryRow, kept).due_at > session.get_one(Message, kept).created_at
    assert vendor.sent == []
    wait_until(lambda: [one.text for one in vendor.sent] == ["oui"])
    wait_until(lambda: talk.rows()[-1].status == Delivery.SENT)
    with pytest.raises(TooLateError):
        handoff.withdraw(kept, by=agent)


def test_handing_back_lets_go_what_is_held_and_tells_the_citizen_after_it(
    talk: Talk, agent: uuid.UUID, sender: str, vendor: Vendor
) -> None:
    case = taken(talk, agent, channel="vendor", sender_id=sender)
    vendor.sent.clear()
    handoff.say(case.id, "C'est 500 DH.", by=agent, key="1")
    handoff.hand_back(case.id, by=agent)
    wait_until(lambda: len(vendor.sent) == 2)
    assert vendor.sent[0].text == "C'est 500 DH."
    assert vendor.sent[1].text.startswith("Votre échange avec l’agent est terminé.")
    assert [one.body for one in talk.say("merci", channel="vendor", sender_id=sender)] == ["echo: merci"]


def test_the_same_key_is_said_once_even_after_it_was_taken_back(talk: Talk, agent: uuid.UUID) -> None:
    case = taken(talk, agent)
    ids = {handoff.say(case.id, "une fois", by=agent, key="1") for _ in range(3)}
    (message_id,) = ids
    handoff.withdraw(message_id, by=agent)
    assert handoff.say(case.id, "une fois", by=agent, key="1") == message_id
    assert talk.rows()[-1].status == Delivery.WITHDRAWN


def test_only_who_has_the_case_may_speak_in_it(talk: Talk, agent: uuid.UUID) -> None:
    other, case = hire(talk.database, 2), ask(talk)
    with pytest.raises(NotYoursError):
        handoff.say(case.id, "trop tôt", by=agent, key="1")
    handoff.claim(case.id, by=agent)
    message_id = handoff.say(case.id, "à moi", by=agent, key="2")
    handoff.assign(case.id, to=other, by=other)
    for act in (
        lambda: handoff.say(case.id, "trop tard", by=agent, key="3"),
        lambda: handoff.withdraw(message_id, by=other),
        lambda: handoff.close(case.id, by=agent),
    ):
        with pytest.raises(NotYoursError):
            act()
    with pytest.raises(ValueError, match="nothing"):
        handoff.say(case.id, "  ", by=other, key="4")


def test_what_failed_is_sent_again_when_asked_for(
    talk: Talk, agent: uuid.UUID, sender: str, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handoff, "UNDO", dt.timedelta())
    case = taken(talk, agent, channel="vendor", sender_id=sender)
    vendor.sent.clear()
    vendor.refusals.append(DeliveryError("refused", permanent=True))
    message_id = handoff.say(case.id, "bonjour", by=agent, key="1")
    wait_until(lambda: talk.rows()[-1].status == Delivery.FAILED)
    handoff.retry(message_id, by=agent)
    wait_until(lambda: talk.rows()[-1].status == Delivery.SENT)
    assert [one.text for one in vendor.sent] == ["bonjour"]
    with pytest.raises(NotAwaitedError):
        handoff.retry(message_id, by=agent)


def test_a_face_and_a_sentence_after_the_end(talk: Talk, agent: uuid.UUID) -> None:
    case = taken(talk, agent)
    handoff.say(case.id, "C'est 500 DH.", by=agent, key="1")
    handoff.hand_back(case.id, by=agent)
    (thanks,) = pressed(talk, 0)
    assert thanks.body.startswith("Merci.")
    (noted,) = talk.say("bla bla très aimable")
    assert noted.body.startswith("Merci, votre remarque est gardée.")
    found = case_in(talk.database, case.id)
    assert (found.rating, found.comment) == (3, "bla bla très aimable")
    assert [one.body for one in talk.say("combien ?")] == ["echo: combien ?"]


def test_a_question_after_a_face_is_answered_and_is_no_comment(talk: Talk, agent: uuid.UUID) -> None:
    case = taken(talk, agent)
    handoff.say(case.id, "C'est 500 DH.", by=agent, key="1")
    handoff.hand_back(case.id, by=agent)
    pressed(talk, 2)
    assert [one.body for one in talk.say("combien ?")] == ["echo: combien ?"]
    talk.say("bla")
    assert (case_in(talk.database, case.id).rating, case_in(talk.database, case.id).comment) == (1, None)


def test_after_a_close_the_bot_meets_the_citizen_in_a_new_talk_where_the_face_still_counts(
    talk: Talk, agent: uuid.UUID
) -> None:
    case = taken(talk, agent)
    handoff.say(case.id, "C'est 500 DH.", by=agent, key="1")
    handoff.close(case.id, by=agent)
    (thanks,) = pressed(talk, 1)
    assert thanks.conversation_id != case.conversation_id
    assert (thanks.language, thanks.body[:6]) == ("fr", "Merci.")
    assert case_in(talk.database, case.id).rating == 2


def test_without_an_answer_nobody_is_asked_how_it_was(talk: Talk, agent: uuid.UUID) -> None:
    handoff.hand_back(taken(talk, agent).id, by=agent)
    assert talk.rows()[-1].payload["buttons"] == []


def test_what_the_desk_has_not_shown_is_not_closed_over(talk: Talk, agent: uuid.UUID) -> None:
    case = taken(talk, agent)
    seen = talk.rows()[-1].id
    talk.say("encore une chose")
    with pytest.raises(UnseenError):
        handoff.close(case.id, by=agent, seen_id=seen)
    handoff.close(case.id, by=agent, seen_id=talk.rows()[-1].id)


def test_a_case_in_which_nobody_says_anything_returns_with_a_word(talk: Talk, agent: uuid.UUID) -> None:
    case = taken(talk, agent)
    handoff.say(case.id, "C'est 500 DH.", by=agent, key="1")
    handoff.end_idle(services())
    assert talk.conversation().state == Owner.STAFF
    change_team(talk.database, idle_minutes=0)
    handoff.end_idle(services())
    assert talk.conversation().state == Owner.BOT
    assert said(talk)[-1].startswith("Rien n’a été écrit depuis longtemps")
    assert (case_in(talk.database, case.id).ending, story_of(talk.database, case)[-1]) == ("idle", "ended")


def test_desks_hear_what_happens_on_one_channel(talk: Talk, agent: uuid.UUID, installed: Settings) -> None:
    heard: list[dict[str, Any]] = []
    listening, enough = threading.Event(), threading.Event()

    async def listen() -> None:
        listener = Listener(installed.redis_url)
        async with listener.listen_to_desk() as ear:
            listening.set()
            while not enough.is_set():
                event = await ear.next(0.1)
                heard.extend([event] if event else [])
        await listener.close()

    thread = threading.Thread(target=lambda: asyncio.run(listen()))
    thread.start()
    listening.wait(10)
    case = taken(talk, agent)
    talk.say("vous êtes là ?")
    handoff.say(case.id, "oui", by=agent, key="1")
    handoff.add_note(case.id, "facile", by=agent)
    wait_until(lambda: any(one["kind"] == "note" for one in heard))
    enough.set()
    thread.join(10)
    # What other tests' deliveries are still told of is on the same channel.
    ours = [one for one in heard if one["conversation"] == str(case.conversation_id) and one["kind"] != "status"]
    assert [one["kind"] for one in ours] == ["case", "case", "message", "message", "note"]
    assert [one["state"] for one in ours if one["kind"] == "case"] == ["waiting", "staff"]
