"""The teams of a desk: those that are shipped, who is in them, and who is there now."""

import datetime as dt
import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import yaml
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from bot.accounts.models import Staff
from bot.accounts.permissions import PERMISSIONS, Permission
from bot.cases.hours import Schedule
from bot.cases.models import CaseCount, Team, TeamMember
from bot.cases.states import Count
from bot.catalogue import queries as catalogue
from bot.catalogue.calendar import Calendar
from bot.db.base import utc_now
from bot.settings import REPOSITORY

SHIPPED = REPOSITORY / "data" / "desk" / "teams.yaml"
# Who was seen within this time is there.
PRESENT = dt.timedelta(minutes=5)
ANSWERING = [role for role, permissions in PERMISSIONS.items() if Permission.TAKE_CASES in permissions]


@lru_cache(maxsize=1)
def _shipped() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["teams"]
    for team in found:
        Schedule.model_validate(team["hours"])
    return found


def list_teams(session: Session) -> Sequence[Team]:
    """All teams that work, in order; where there is none yet, the shipped ones begin to."""
    query = select(Team).where(Team.is_active).order_by(Team.position, Team.id)
    found = session.scalars(query).all()
    if found:
        return found
    session.execute(insert(Team).on_conflict_do_nothing(index_elements=["id"]), _shipped())
    return session.scalars(query).all()


def get_team(session: Session, team_id: str) -> Team:
    """A team; raises LookupError."""
    found = session.get(Team, team_id)
    if found is None:
        raise LookupError(f"no team {team_id}")
    return found


def save_team(session: Session, team_id: str, values: dict[str, Any]) -> Team:
    """Add or change a team; its hours are checked. Raises ValueError (pydantic.ValidationError)."""
    if "hours" in values:
        Schedule.model_validate(values["hours"])
    if values.get("is_default"):
        session.execute(update(Team).values(is_default=False))
    team = session.get(Team, team_id) or Team(id=team_id, position=len(list_teams(session)))
    for name, value in values.items():
        setattr(team, name, value)
    session.add(team)
    session.flush()
    return team


def set_members(session: Session, team_id: str, staff_ids: Sequence[uuid.UUID]) -> None:
    """Have these and no others in a team, in this order."""
    session.execute(delete(TeamMember).where(TeamMember.team_id == team_id, TeamMember.staff_id.not_in(staff_ids)))
    for position, staff_id in enumerate(staff_ids):
        values = {"team_id": team_id, "staff_id": staff_id, "position": position}
        statement = insert(TeamMember).values(**values)
        session.execute(
            statement.on_conflict_do_update(index_elements=["team_id", "staff_id"], set_={"position": position})
        )


def list_members(session: Session, team_id: str) -> Sequence[Staff]:
    """Who may answer for a team, in order: its members, or, where it has none, everybody who may answer."""
    query = select(Staff).where(Staff.is_active, Staff.role.in_(ANSWERING), _belongs(team_id))
    query = query.outerjoin(TeamMember, and_(TeamMember.team_id == team_id, TeamMember.staff_id == Staff.id))
    return session.scalars(query.order_by(TeamMember.position, Staff.name, Staff.id)).all()


def list_team_ids(session: Session, staff_id: uuid.UUID) -> Sequence[str]:
    """The teams that somebody answers for, those without members among them."""
    return session.scalars(select(Team.id).where(Team.is_active, _belongs(Team.id, staff_id)).order_by(Team.id)).all()


def count_on_duty(session: Session, team_id: str, now: dt.datetime) -> int:
    """How many are there for a team at this moment, and take cases."""
    return sum(_is_there(one, now) for one in list_members(session, team_id))


def find_next(session: Session, team_id: str, now: dt.datetime) -> uuid.UUID | None:
    """Whose turn it is: who is there, has room, and was given a case longest ago. None when there is nobody."""
    there = [one for one in list_members(session, team_id) if _is_there(one, now)]
    ids = [one.id for one in there]
    mine = select(CaseCount.owner, CaseCount.count).where(
        CaseCount.name == Count.MINE, CaseCount.owner.in_([str(one) for one in ids])
    )
    busy = dict(session.execute(mine).all())
    last = select(TeamMember.staff_id, TeamMember.assigned_at).where(
        TeamMember.team_id == team_id, TeamMember.staff_id.in_(ids)
    )
    given = dict(session.execute(last).all())
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    free = [one for one in there if busy.get(str(one.id), 0) < one.capacity]
    # Where nobody is listed, whoever has least to do is next.
    chosen = min(free, key=lambda one: (given.get(one.id) or never, busy.get(str(one.id), 0)), default=None)
    return chosen.id if chosen else None


def note_turn(session: Session, team_id: str, staff_id: uuid.UUID, now: dt.datetime) -> None:
    """Somebody was given a case: the others come first now."""
    session.execute(
        update(TeamMember)
        .where(TeamMember.team_id == team_id, TeamMember.staff_id == staff_id)
        .values(assigned_at=now)
        .execution_options(synchronize_session=False)
    )


def set_pause(session: Session, staff_id: uuid.UUID, *, is_paused: bool) -> None:
    """Somebody takes no new cases for now, or takes them again."""
    session.get_one(Staff, staff_id).is_paused = is_paused


def note_presence(session: Session, staff_id: uuid.UUID) -> None:
    """Somebody looks at the desk."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(last_seen_at=utc_now()))


def load_holidays(session: Session) -> Calendar:
    """The public holidays of the catalogue."""
    return Calendar(catalogue.list_entries(session, "holidays", published_only=True))


def due_at(session: Session, team: Team, minutes: int, now: dt.datetime) -> dt.datetime:
    """When a team's answer is due that it has so many minutes for, in its own hours."""
    return Schedule.model_validate(team.hours).after_minutes(now, minutes, load_holidays(session))


def _is_there(one: Staff, now: dt.datetime) -> bool:
    return not one.is_paused and one.last_seen_at is not None and one.last_seen_at >= now - PRESENT


def _belongs(team_id: Any, staff_id: Any = Staff.id) -> ColumnElement[bool]:
    """Whether somebody is in a team; everybody is in one that lists nobody."""
    member = aliased(TeamMember)
    listed = exists().where(member.team_id == team_id)
    return or_(~listed, exists().where(member.team_id == team_id, member.staff_id == staff_id))
