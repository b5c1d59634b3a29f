"""What happens to a case, step by step: the owner, the story, the counters and the news go together."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.cases import answers, counts, service
from bot.cases.errors import NotYoursError, TakenError, UnseenError
from bot.cases.models import Case
from bot.cases.notes import add_note, mark_seen
from bot.cases.service import Whither
from bot.cases.states import Ending, Reason, View
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.moves import MovedError, move_owner
from bot.conversations.states import MOVES, Owner
from bot.db.base import utc_now
from bot.db.session import Database
from tests.cases.desk import ask_for_help, case_in, change_team, hire, owner_of, story_of
from tests.conversations.records import message, record

pytestmark = pytest.mark.slow


@pytest.fixture
def told(database: Database) -> Iterator[list[Any]]:
    """What desks hear."""
    heard: list[Any] = []
    database.tell = heard.append
    yield heard
    database.tell = None


def numbers(database: Database, staff_id: uuid.UUID) -> dict[str, int]:
    with database.transaction() as session:
        found = counts.read(session, staff_id=staff_id, team_ids=None)
    return {view.value: number for view, number in found.items()}


@pytest.mark.parametrize("before", Owner)
@pytest.mark.parametrize("after", Owner)
def test_only_the_moves_of_the_table_are_made_and_each_is_counted(
    database: Database, before: Owner, after: Owner
) -> None:
    talk_id = record(database, message()).conversation_id
    with database.transaction() as session:
        talk = queries.get_conversation(session, talk_id)
        talk.state, version = before, talk.version
        if after not in MOVES[before]:
            with pytest.raises(MovedError):
                move_owner(session, talk, after)
        else:
            move_owner(session, talk, after)
            assert (talk.state, talk.version) == (after, version + 1)


def test_a_case_is_opened_claimed_and_handed_back(database: Database, told: list[Any]) -> None:
    agent, case = hire(database), ask_for_help(database)
    assert numbers(database, agent) == {"mine": 0, "waiting": 1, "all": 1, "mentions": 0, "closed": 0}
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
    assert numbers(database, agent) == {"mine": 1, "waiting": 0, "all": 1, "mentions": 0, "closed": 0}
    with database.transaction() as session:
        service.hand_back(session, case.id, by=agent)
    assert numbers(database, agent) == {"mine": 0, "waiting": 0, "all": 0, "mentions": 0, "closed": 1}
    assert story_of(database, case) == ["opened", "claimed", "ended"]
    assert owner_of(database, case) == Owner.BOT
    assert [(one["kind"], one["state"]) for one in told] == [("case", "waiting"), ("case", "staff"), ("case", "closed")]
    assert case_in(database, case.id).ending == Ending.RETURNED


def test_news_of_a_transaction_that_fails_are_not_told(database: Database, told: list[Any]) -> None:
    agent, case = hire(database), ask_for_help(database)
    told.clear()

    def claim_in_vain() -> None:
        with database.transaction() as session:
            service.claim(session, case.id, by=agent)
            raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        claim_in_vain()
    assert told == []
    assert numbers(database, agent)["waiting"] == 1


def test_what_the_bot_knew_is_forgotten_when_people_hand_back(database: Database) -> None:
    agent, case = hire(database), ask_for_help(database)
    with database.transaction() as session:
        talk = session.get_one(Conversation, case.conversation_id)
        talk.context, talk.service_id, talk.session_turns = {"last_act": "ask_fee"}, "passport_adult", 7
        service.claim(session, case.id, by=agent)
    with database.transaction() as session:
        service.hand_back(session, case.id, by=agent)
    with database.transaction() as session:
        talk = session.get_one(Conversation, case.conversation_id)
    assert (talk.context, talk.service_id, talk.session_turns, talk.rasa_session) == ({}, None, 0, 1)


def test_who_comes_second_hears_who_was_first(database: Database) -> None:
    first, second, case = hire(database, 1), hire(database, 2), ask_for_help(database)
    with database.transaction() as session:
        service.claim(session, case.id, by=first)
    with database.transaction() as session:
        service.claim(session, case.id, by=first)  # Clicked twice.
    with pytest.raises(TakenError) as caught, database.transaction() as session:
        service.claim(session, case.id, by=second)
    assert (caught.value.staff_id, caught.value.name) == (first, "Agent 1")


def test_a_transfer_to_a_team_waits_there_with_its_note(database: Database) -> None:
    agent, other, case = hire(database, 1), hire(database, 2), ask_for_help(database)
    change_team(database, "taxes")
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
    with pytest.raises(NotYoursError), database.transaction() as session:
        service.transfer(session, case.id, Whither("à vous", "taxes"), by=other, of_anybody=False)
    with pytest.raises(ValueError, match="note"), database.transaction() as session:
        service.transfer(session, case.id, Whither(" ", "taxes"), by=agent, of_anybody=False)
    with database.transaction() as session:
        service.transfer(session, case.id, Whither("Question de vignette", "taxes"), by=agent, of_anybody=False)
    found = case_in(database, case.id)
    assert (found.team_id, found.state, found.assignee_id) == ("taxes", Owner.WAITING, None)
    assert numbers(database, agent)["mine"] == 0
    assert numbers(database, agent)["waiting"] == 1
    assert story_of(database, case)[-1] == "transferred"


def test_a_transfer_to_somebody_is_theirs_at_once(database: Database) -> None:
    agent, other, case = hire(database, 1), hire(database, 2), ask_for_help(database)
    with database.transaction() as session:
        service.assign(session, case.id, to=agent, by=other)
    with database.transaction() as session:
        service.transfer(session, case.id, Whither("à toi", staff_id=other), by=agent, of_anybody=False)
    assert (owner_of(database, case), case_in(database, case.id).assignee_id) == (Owner.STAFF, other)
    assert (numbers(database, agent)["mine"], numbers(database, other)["mine"]) == (0, 1)


def test_staff_may_take_a_talk_of_the_bots_unasked_but_not_each_others(database: Database) -> None:
    agent, other = hire(database, 1), hire(database, 2)
    talk_id = record(database, message(text="combien ?")).conversation_id
    with database.transaction() as session:
        case = service.take_over(session, talk_id, by=agent)
    assert (case.reason, case.assignee_id, case.question) == (Reason.TAKEN, agent, "combien ?")
    with pytest.raises(TakenError) as caught, database.transaction() as session:
        service.take_over(session, talk_id, by=other)
    assert caught.value.staff_id == agent


def test_an_answer_is_due_until_there_is_one_and_again_when_the_citizen_writes(database: Database) -> None:
    change_team(database, hours={"always_open": True}, first_answer_minutes=10, next_answer_minutes=20)
    agent, case = hire(database), ask_for_help(database)
    assert case.due_at == case.opened_at + dt.timedelta(minutes=10)
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
        answers.note_staff_message(session, session.get_one(Case, case.id), 1)
    assert case_in(database, case.id).due_at is None
    with database.transaction() as session:
        answers.note_citizen_message(session, session.get_one(Conversation, case.conversation_id), 2)
    again = case_in(database, case.id)
    assert again.due_at == again.last_citizen_at + dt.timedelta(minutes=20)


def test_what_was_not_seen_is_not_closed_over(database: Database) -> None:
    agent, case = hire(database), ask_for_help(database)
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
    unseen = record(database, message("new", text="encore une question")).message_id
    for end in (service.close, service.hand_back):
        with pytest.raises(UnseenError), database.transaction() as session:
            end(session, case.id, by=agent, seen_id=unseen - 1)
    with database.transaction() as session:
        service.close(session, case.id, by=agent, seen_id=unseen)
    assert owner_of(database, case) == Owner.CLOSED


def test_after_a_close_the_next_message_opens_a_talk_that_knows_the_one_before(database: Database) -> None:
    agent, case = hire(database), ask_for_help(database)
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
        service.close(session, case.id, by=agent)
    again = record(database, message("again"))
    assert (again.owner, again.previous_id) == (Owner.BOT, case.conversation_id)
    assert again.conversation_id != case.conversation_id


@pytest.mark.parametrize(
    ("is_owed", "owner", "story"), [(True, Owner.WAITING, "put_back"), (False, Owner.BOT, "ended")]
)
def test_an_idle_case_waits_again_while_an_answer_is_owed_else_the_bot_is_back(
    database: Database, is_owed: bool, owner: Owner, story: str
) -> None:
    agent, case = hire(database), ask_for_help(database)
    with database.transaction() as session:
        service.claim(session, case.id, by=agent)
        if not is_owed:
            answers.note_staff_message(session, session.get_one(Case, case.id), 1)
    with database.transaction() as session:
        assert service.end_idle(session, case.id, utc_now()) is None
    with database.transaction() as session:
        assert service.end_idle(session, case.id, utc_now() + dt.timedelta(hours=13)) is not None
    assert (owner_of(database, case), story_of(database, case)[-1]) == (owner, story)
    assert numbers(database, agent)["mine"] == 0


def test_who_is_mentioned_finds_it_until_they_have_looked(database: Database) -> None:
    agent, other, case = hire(database, 1), hire(database, 2), ask_for_help(database)
    with database.transaction() as session:
        add_note(session, session.get_one(Case, case.id), "@Agent 2 qu'en dis-tu ?", by=agent, mentions=[other, agent])
    assert (numbers(database, other)["mentions"], numbers(database, agent)["mentions"]) == (1, 0)
    with database.transaction() as session:
        assert mark_seen(session, case.id, by=other) == 1
    with database.transaction() as session:
        assert mark_seen(session, case.id, by=other) == 0
    assert numbers(database, other)["mentions"] == 0


def test_counters_agree_with_the_rows(database: Database) -> None:
    agent = hire(database)
    cases = [ask_for_help(database, str(number)) for number in range(6)]
    for case in cases[:4]:
        with database.transaction() as session:
            service.claim(session, case.id, by=agent)
    for case in cases[:2]:
        with database.transaction() as session:
            service.close(session, case.id, by=agent)
    with database.transaction() as session:
        found = session.execute(select(Case.state, func.count()).group_by(Case.state)).all()
    rows = {state: number for state, number in found}  # noqa: C416 (typed rows)
    known = numbers(database, agent)
    assert rows == {"waiting": known[View.WAITING], "staff": known[View.MINE], "closed": known[View.CLOSED]}
