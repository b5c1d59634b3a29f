"""Staff, citizens who write, and cases, for tests of the desk."""

import uuid
from typing import Any

from sqlalchemy import select

from bot.accounts.models import Staff
from bot.accounts.permissions import Role
from bot.cases import service
from bot.cases.models import Case, CaseEvent, Team
from bot.cases.service import Opening
from bot.cases.states import Reason
from bot.cases.teams import list_teams, save_team
from bot.conversations import queries
from bot.db.base import utc_now
from bot.db.session import Database
from tests.conversations.records import message, record

ALWAYS = {"always_open": True}
NEVER: dict[str, Any] = {"usual": []}


def hire(database: Database, number: int = 1, **columns: Any) -> uuid.UUID:
    """Somebody who answers, and is there; gives their id."""
    values = {"role": Role.AGENT, "last_seen_at": utc_now(), **columns}
    with database.transaction() as session:
        one = Staff(email=f"agent{number}@example.ma", name=f"Agent {number}", **values)
        session.add(one)
    return one.id


def change_team(database: Database, team_id: str = "front", **values: Any) -> None:
    """Add a team, or change one: by default the shipped one."""
    with database.transaction() as session:
        list_teams(session)
        known = session.get(Team, team_id)
        named = {} if known else {"names": {"fr": team_id}, "hours": ALWAYS}
        save_team(session, team_id, named | values)


def ask_for_help(
    database: Database, address: str = "an address", reason: Reason = Reason.ASKED, text: str = "je veux un agent"
) -> Case:
    """A citizen writes and waits for a person."""
    recorded = record(database, message(f"{address}:{uuid.uuid4()}", address=address, text=text))
    with database.transaction() as session:
        conversation = queries.get_conversation(session, recorded.conversation_id, lock=True)
        return service.open_case(session, conversation, Opening(reason, language="fr"))


def case_in(database: Database, case_id: uuid.UUID) -> Case:
    """A case as it is kept now."""
    with database.transaction() as session:
        return session.get_one(Case, case_id)


def owner_of(database: Database, case: Case) -> str:
    """Whose the conversation of a case is now."""
    with database.transaction() as session:
        return queries.get_conversation(session, case.conversation_id).state


def story_of(database: Database, case: Case) -> list[str]:
    """What happened to a case, in order."""
    with database.transaction() as session:
        query = select(CaseEvent.kind).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
        return list(session.scalars(query))
