"""What happens to a case: it opens, somebody takes it, hands it on, gives it back. Each locks the conversation."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.accounts.models import Staff
from bot.cases import moves, queries, teams
from bot.cases.errors import NotYoursError, TakenError, UnseenError
from bot.cases.hours import Schedule
from bot.cases.models import Case, Team
from bot.cases.moves import Move
from bot.cases.notes import add_note
from bot.cases.promise import Desk, Promise, promise, similar_waits
from bot.cases.routing import Subject, choose_team
from bot.cases.states import Ending, Event, Reason
from bot.catalogue.offices import REGION
from bot.citizens.models import Address
from bot.conversations import queries as conversations
from bot.conversations.models import Conversation
from bot.conversations.states import Owner
from bot.db.base import utc_now


@dataclass(frozen=True)
class Opening:
    """Why a conversation goes to people, the `closest` entries of the catalogue, and the `deadline` at stake.

    `region` is the town that the citizen named, as `bot.catalogue.offices.region_of` spells it.
    """

    reason: Reason
    language: str | None = None
    question: str = ""
    closest: list[dict[str, Any]] = field(default_factory=list)
    deadline: dict[str, Any] | None = None
    region: str | None = None


@dataclass(frozen=True)
class Whither:
    """Where a case is handed on to: a team's queue, or somebody; the note tells them why."""

    note: str
    team_id: str | None = None
    staff_id: uuid.UUID | None = None


def open_case(session: Session, conversation: Conversation, opening: Opening, *, by: uuid.UUID | None = None) -> Case:
    """Put a conversation in the queue, or, where somebody of staff takes it over, in their hands.

    Where a team deals its cases out, whoever's turn it is has it at once. Raises MovedError when it is not the bot's.
    """
    now = utc_now()
    service_id, language = conversation.service_id, opening.language or conversation.language
    team = choose_team(teams.list_teams(session), Subject(service_id, language, opening.region))
    turns = queries.list_turns(session, conversation.id)
    case = Case(
        conversation_id=conversation.id,
        team_id=team.id,
        reason=opening.reason,
        language=language,
        service_id=service_id,
        question=opening.question or queries.question_of(turns),
        tried={"turns": turns, "entries": opening.closest, "deadline": opening.deadline},
        opened_at=now,
        last_citizen_at=now,
        state=Owner.BOT,
        version=0,
    )
    if by is None:
        case.promised = promise_of(session, team, now).to_json()
        case.due_at = teams.due_at(session, team, team.first_answer_minutes, now)
    session.add(case)
    session.flush()
    to = Owner.STAFF if by else Owner.WAITING
    moves.make(session, conversation, case, Move(to, Event.OPENED, by=by, assignee_id=by))
    if by is None and team.auto_assigns:
        _deal(session, conversation, case, now)
    return case


def _deal(session: Session, conversation: Conversation, case: Case, now: dt.datetime) -> None:
    next_id = teams.find_next(session, case.team_id, now)
    if next_id is not None:
        teams.note_turn(session, case.team_id, next_id, now)
        moves.make(session, conversation, case, Move(Owner.STAFF, Event.ASSIGNED, assignee_id=next_id))


def promise_of(session: Session, team: Team, now: dt.datetime) -> Promise:
    """When somebody of a team will answer who asks now."""
    schedule, holidays = Schedule.model_validate(team.hours), teams.load_holidays(session)
    desk = Desk(
        schedule,
        holidays,
        on_duty=teams.count_on_duty(session, team.id, now),
        ahead=queries.count_waiting(session, team.id),
        waits=similar_waits(queries.list_answered(session, team.id), schedule, holidays, now),
        target_minutes=team.first_answer_minutes,
    )
    return promise(desk, now)


def is_somebody_there(
    session: Session, conversation: Conversation, language: str | None, region: str | None = None
) -> bool:
    """Whether a conversation that went to people now would find somebody."""
    subject = Subject(conversation.service_id, language or conversation.language, region)
    team = choose_team(teams.list_teams(session), subject)
    return teams.count_on_duty(session, team.id, utc_now()) > 0


def take_over(session: Session, conversation_id: uuid.UUID, *, by: uuid.UUID) -> Case:
    """Somebody of staff takes a conversation of the bot's, unasked; raises TakenError."""
    conversation = _locked_conversation(session, conversation_id)
    if conversation.state != Owner.BOT:
        case = queries.find_open_case(session, conversation_id)
        raise _taken(session, case.assignee_id if case else None)
    return open_case(session, conversation, Opening(Reason.TAKEN, region=conversation.context.get(REGION)), by=by)


def claim(session: Session, case_id: uuid.UUID, *, by: uuid.UUID) -> Case:
    """Somebody takes a waiting case. Of two at once one gets it; the other gets TakenError, which names the first."""
    case, conversation = locked(session, case_id)
    if case.closed_at is None and case.assignee_id == by:
        return case  # They clicked twice.
    if conversation.state != Owner.WAITING or case.closed_at is not None:
        raise _taken(session, case.assignee_id)
    moves.make(session, conversation, case, Move(Owner.STAFF, Event.CLAIMED, by=by, assignee_id=by))
    teams.note_turn(session, case.team_id, by, utc_now())
    return case


def assign(session: Session, case_id: uuid.UUID, *, to: uuid.UUID, by: uuid.UUID) -> Case:
    """Give an open case to somebody, whoever had it."""
    case, conversation = _locked_open(session, case_id)
    moves.make(session, conversation, case, Move(Owner.STAFF, Event.ASSIGNED, by=by, assignee_id=to))
    teams.note_turn(session, case.team_id, to, utc_now())
    return case


def transfer(session: Session, case_id: uuid.UUID, whither: Whither, *, by: uuid.UUID, of_anybody: bool) -> Case:
    """Hand a case on, one's own or `of_anybody`; raises ValueError without a note, and NotYoursError."""
    if not whither.note.strip():
        raise ValueError("a transfer needs a note")
    case, conversation = _locked_open(session, case_id) if of_anybody else locked_own(session, case_id, by=by)
    if whither.team_id is not None:
        teams.get_team(session, whither.team_id)
    details = {"from": str(case.assignee_id) if case.assignee_id else None, "team": case.team_id}
    add_note(session, case, whither.note, by=by)
    moves.make(
        session,
        conversation,
        case,
        Move(
            Owner.STAFF if whither.staff_id else Owner.WAITING,
            Event.TRANSFERRED,
            by=by,
            assignee_id=whither.staff_id,
            team_id=whither.team_id,
            details=details,
        ),
    )
    return case


def hand_back(session: Session, case_id: uuid.UUID, *, by: uuid.UUID, seen_id: int | None = None) -> Case:
    """Give a conversation back to the bot, which begins anew; raises UnseenError when more came than was seen."""
    case, conversation = locked_own(session, case_id, by=by)
    _check_seen(session, conversation, seen_id)
    moves.make(session, conversation, case, Move(Owner.BOT, Event.ENDED, by=by, ending=Ending.RETURNED))
    return case


def close(session: Session, case_id: uuid.UUID, *, by: uuid.UUID, seen_id: int | None = None) -> Case:
    """End a conversation: the citizen's next message opens another; raises UnseenError when more came than was seen."""
    case, conversation = locked_own(session, case_id, by=by)
    _check_seen(session, conversation, seen_id)
    moves.make(session, conversation, case, Move(Owner.CLOSED, Event.ENDED, by=by, ending=Ending.CLOSED))
    return case


def resume(session: Session, conversation: Conversation) -> bool:
    """A citizen who waits would rather go on with the bot; gives whether they do."""
    case = queries.find_open_case(session, conversation.id)
    if case is None or conversation.state != Owner.WAITING:
        return False
    moves.make(session, conversation, case, Move(Owner.BOT, Event.ENDED, ending=Ending.RESUMED))
    return True


def end_idle(session: Session, case_id: uuid.UUID, now: dt.datetime) -> Case | None:
    """A case in which nobody said anything for long: back to the queue while an answer is due, else to the bot.

    None when something happened in the meantime.
    """
    case, conversation = locked(session, case_id)
    if case.closed_at is not None or case.state != Owner.STAFF or not queries.is_idle(session, case, now):
        return None
    if case.due_at is not None:
        details = {"from": str(case.assignee_id)}
        moves.make(session, conversation, case, Move(Owner.WAITING, Event.PUT_BACK, details=details))
        return case
    moves.make(session, conversation, case, Move(Owner.BOT, Event.ENDED, ending=Ending.IDLE))
    return case


def locked(session: Session, case_id: uuid.UUID) -> tuple[Case, Conversation]:
    """A case with its conversation, which nobody else can move until the transaction ends; raises LookupError."""
    case = queries.get_case(session, case_id)
    conversation = _locked_conversation(session, case.conversation_id)
    session.refresh(case)
    return case, conversation


def locked_own(session: Session, case_id: uuid.UUID, *, by: uuid.UUID) -> tuple[Case, Conversation]:
    """The same for whoever has it; raises NotYoursError for anybody else."""
    case, conversation = locked(session, case_id)
    if case.closed_at is not None or case.assignee_id != by:
        raise NotYoursError("only who has the case may do this")
    return case, conversation


def _locked_open(session: Session, case_id: uuid.UUID) -> tuple[Case, Conversation]:
    case, conversation = locked(session, case_id)
    if case.closed_at is not None:
        raise _taken(session, None)
    return case, conversation


def _locked_conversation(session: Session, conversation_id: uuid.UUID) -> Conversation:
    """In the order of `find_or_add_conversation`: the citizen first, for nobody shall open another meanwhile."""
    address_id = conversations.get_conversation(session, conversation_id).address_id
    conversations.lock_citizen(session, session.get_one(Address, address_id))
    conversation = conversations.get_conversation(session, conversation_id, lock=True)
    session.refresh(conversation)
    return conversation


def _taken(session: Session, staff_id: uuid.UUID | None) -> TakenError:
    winner = session.get(Staff, staff_id) if staff_id else None
    return TakenError(staff_id, winner.name if winner else None)


def _check_seen(session: Session, conversation: Conversation, seen_id: int | None) -> None:
    if seen_id is not None and queries.last_inbound_id(session, conversation.id) > seen_id:
        raise UnseenError("the citizen wrote something that was not seen yet")
