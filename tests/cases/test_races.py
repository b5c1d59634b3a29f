"""Things that happen at the same moment: two who claim, an answer that is ready, a citizen who writes at the end."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases import counts, service
from bot.cases.errors import TakenError, UnseenError
from bot.cases.models import Case
from bot.cases.service import Opening
from bot.cases.states import Reason, View
from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Direction, Outcome, Owner
from bot.db.session import Database
from tests.cases.desk import ask_for_help, case_in, hire, owner_of
from tests.conversations.records import keep, message, record
from tests.conversations.test_races import at_once

pytestmark = pytest.mark.slow

ATTEMPTS = 12


def do(database: Database, what: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """One call in a transaction of its own; gives its result, or the error that it met."""
    try:
        with database.transaction() as session:
            return what(session, *args, **named)
    except (TakenError, UnseenError) as error:
        return error


def taken(database: Database, agent: uuid.UUID, address: str) -> Case:
    """A case in somebody's hands."""
    case = ask_for_help(database, address)
    do(database, service.claim, case.id, by=agent)
    return case


def test_of_many_who_claim_one_gets_it_and_the_others_hear_who(database: Database) -> None:
    agents = [hire(database, number) for number in range(4)]
    for attempt in range(ATTEMPTS):
        case = ask_for_help(database, str(attempt))
        found = at_once(*(partial(do, database, service.claim, case.id, by=agent) for agent in agents))
        (winner,) = [agent for agent, one in zip(agents, found, strict=True) if isinstance(one, Case)]
        assert {one.staff_id for one in found if isinstance(one, TakenError)} == {winner}
        assert case_in(database, case.id).assignee_id == winner
    with database.transaction() as session:
        mine = [counts.read(session, staff_id=agent, team_ids=None)[View.MINE] for agent in agents]
    assert sum(mine) == ATTEMPTS


def test_an_answer_that_is_ready_at_the_takeover_is_said_before_it_or_not_at_all(database: Database) -> None:
    agent = hire(database)
    for attempt in range(ATTEMPTS):
        asked = record(database, message(str(attempt), address=str(attempt)))
        kept, case = at_once(
            partial(keep, database, asked.message_id),
            partial(do, database, service.take_over, asked.conversation_id, by=agent),
        )
        late = record(database, message(f"{attempt} late", address=str(attempt)))
        assert keep(database, late.message_id) == []
        assert owner_of(database, case) == Owner.STAFF
        with database.transaction() as session:
            outcome = session.get_one(Message, asked.message_id).outcome
        assert (outcome == Outcome.ANSWERED) is bool(kept)


def test_an_answer_that_is_ready_when_a_case_opens_is_whole_or_not_there(database: Database) -> None:
    def open_one(conversation_id: uuid.UUID) -> Case:
        with database.transaction() as session:
            talk = queries.get_conversation(session, conversation_id, lock=True)
            return service.open_case(session, talk, Opening(Reason.ASKED))

    for attempt in range(ATTEMPTS):
        asked = record(database, message(str(attempt), address=str(attempt)))
        kept, _ = at_once(
            partial(keep, database, asked.message_id, service_id="passport"), partial(open_one, asked.conversation_id)
        )
        with database.transaction() as session:
            talk = session.get_one(Conversation, asked.conversation_id)
        assert talk.state == Owner.WAITING
        assert (talk.service_id == "passport") is bool(kept)


@pytest.mark.parametrize("end", [service.close, service.hand_back])
def test_what_a_citizen_writes_at_the_very_end_is_seen_by_staff_or_answered_by_the_bot(
    database: Database, end: Callable[..., Case]
) -> None:
    agent = hire(database)
    for attempt in range(ATTEMPTS):
        address = f"{end.__name__} {attempt}"
        case = taken(database, agent, address)
        with database.transaction() as session:
            seen = queries.list_messages_after(session, conversation_id=case.conversation_id, after_id=0)[-1].id
        written, ended = at_once(
            partial(record, database, message(f"{address} last", address=address)),
            partial(do, database, end, case.id, by=agent, seen_id=seen),
        )
        if isinstance(ended, UnseenError):  # The citizen was first: staff still have it.
            assert (written.owner, written.conversation_id) == (Owner.STAFF, case.conversation_id)
            assert owner_of(database, case) == Owner.STAFF
        else:  # The end was first: the bot answers, in a new talk after a close.
            assert written.owner is Owner.BOT
            assert (written.conversation_id == case.conversation_id) is (end is service.hand_back)
            assert len(keep(database, written.message_id)) == 1


def test_a_citizen_who_goes_back_to_the_bot_while_somebody_claims_is_with_one_of_them(database: Database) -> None:
    def resume(conversation_id: uuid.UUID) -> bool:
        with database.transaction() as session:
            return service.resume(session, queries.get_conversation(session, conversation_id, lock=True))

    agent = hire(database)
    for attempt in range(ATTEMPTS):
        case = ask_for_help(database, str(attempt))
        is_back, claimed = at_once(
            partial(resume, case.conversation_id), partial(do, database, service.claim, case.id, by=agent)
        )
        assert isinstance(claimed, TakenError) is is_back
        assert owner_of(database, case) == (Owner.BOT if is_back else Owner.STAFF)


def test_cases_that_open_and_end_all_at_once_are_counted_right(database: Database) -> None:
    agents = [hire(database, number) for number in range(4)]
    cases = [[ask_for_help(database, f"{one} {number}") for number in range(6)] for one in range(4)]

    def work(agent: uuid.UUID, mine: list[Case]) -> None:
        for number, case in enumerate(mine):
            do(database, service.claim, case.id, by=agent)
            if number % 2:
                do(database, service.close, case.id, by=agent)

    at_once(*(partial(work, agent, mine) for agent, mine in zip(agents, cases, strict=True)))
    with database.transaction() as session:
        found = counts.read(session, staff_id=agents[0], team_ids=None)
        waiting = session.scalars(select(Case.id).where(Case.state == Owner.WAITING)).all()
    assert (found[View.MINE], found[View.ALL], found[View.CLOSED], len(waiting)) == (3, 12, 12, 0)


def test_two_messages_that_both_lead_to_people_open_one_case(database: Database) -> None:
    def open_one(conversation_id: uuid.UUID) -> bool:
        with database.transaction() as session:
            talk = queries.get_conversation(session, conversation_id, lock=True)
            if talk.state != Owner.BOT:
                return False
            service.open_case(session, talk, Opening(Reason.ASKED))
            return True

    for attempt in range(ATTEMPTS):
        talk_id = record(database, message(str(attempt), address=str(attempt))).conversation_id
        assert sorted(at_once(*[partial(open_one, talk_id)] * 3)) == [False, False, True]
    with database.transaction() as session:
        assert session.scalars(select(Message).where(Message.direction == Direction.OUT)).all() == []
