"""Teams as the desk sets them up: how they stand now, what is wrong with a change, and each change recorded."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.accounts.audit import record
from bot.accounts.models import Staff
from bot.cases import queries
from bot.cases.errors import Wrong, WrongError
from bot.cases.hours import Schedule
from bot.cases.models import Case, Team, TeamMember
from bot.cases.ready import new_id
from bot.cases.teams import ANSWERING, get_team, list_teams, load_holidays, save_team, set_members

LONGEST_NAME = 80
# What fits the columns of a working week, and what nobody means.
MINUTES = {
    "first_answer_minutes": (1, 10_080),
    "next_answer_minutes": (1, 10_080),
    "idle_minutes": (10, 43_200),
}


@dataclass(frozen=True)
class TeamRow:
    """A team as it stands now; one without members is everybody's."""

    team: Team
    schedule: Schedule
    members: Sequence[str]
    waiting: int
    closes_at: dt.datetime | None
    opens_at: dt.datetime | None


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be in a team; `is_able` tells whether they may answer at all."""

    id: uuid.UUID
    name: str
    is_able: bool


def list_rows(session: Session, now: dt.datetime) -> list[TeamRow]:
    """All teams, those that are switched off last."""
    list_teams(session)
    holidays = load_holidays(session)
    members: dict[str, list[str]] = {}
    query = select(TeamMember.team_id, Staff.name).join(Staff, Staff.id == TeamMember.staff_id)
    for team_id, name in session.execute(query.order_by(TeamMember.team_id, TeamMember.position, Staff.name)):
        members.setdefault(team_id, []).append(name)
    rows = []
    for team in session.scalars(select(Team).order_by(Team.is_active.desc(), Team.position, Team.id)):
        schedule = Schedule.model_validate(team.hours)
        closes_at, opens_at = schedule.closes_at(now, holidays), schedule.next_opening(now, holidays)
        waiting = queries.count_waiting(session, team.id)
        rows.append(TeamRow(team, schedule, members.get(team.id, []), waiting, closes_at, opens_at))
    return rows


def list_member_ids(session: Session, team_id: str) -> Sequence[uuid.UUID]:
    """Who is listed in a team, in order."""
    query = select(TeamMember.staff_id).where(TeamMember.team_id == team_id)
    return session.scalars(query.order_by(TeamMember.position, TeamMember.staff_id)).all()


def list_candidates(session: Session, member_ids: Sequence[uuid.UUID]) -> list[Candidate]:
    """Who may be chosen: the members in their order, whatever they may do now, then everybody who may answer."""
    found = session.scalars(select(Staff).order_by(func.lower(Staff.name), Staff.id)).all()
    people = {one.id: Candidate(one.id, one.name, one.is_active and one.role in ANSWERING) for one in found}
    members = [people[one] for one in member_ids if one in people]
    return members + [one for one in people.values() if one.is_able and one.id not in member_ids]


def list_memberships(session: Session, staff_id: uuid.UUID) -> Sequence[Team]:
    """The teams that list somebody."""
    query = select(Team).join(TeamMember, TeamMember.team_id == Team.id).where(TeamMember.staff_id == staff_id)
    return session.scalars(query.order_by(Team.position, Team.id)).all()


def count_open(session: Session, team_id: str) -> int:
    """How many cases of a team have not ended."""
    query = select(func.count()).select_from(Case).where(Case.team_id == team_id, Case.closed_at.is_(None))
    return session.scalar(query) or 0


def save(
    session: Session,
    team_id: str | None,
    values: Mapping[str, Any],
    members: Sequence[uuid.UUID],
    *,
    by: uuid.UUID,
) -> Team:
    """Add a team, or change one, with its members in order; raises WrongError, LookupError.

    A new default takes the place of the old one; there is always one.
    """
    list_teams(session)
    _lock(session)
    known = None if team_id is None else get_team(session, team_id)
    wrongs = find_wrongs(values, known)
    if wrongs:
        raise WrongError(*wrongs)
    before = _told(session, known) if known else None
    previous = session.scalar(select(Team.id).where(Team.is_default))
    if team_id is None:
        team_id = new_id(str(values["names"].get("fr", "")), set(session.scalars(select(Team.id))))
    team = save_team(session, team_id, dict(values))
    there = set(session.scalars(select(Staff.id).where(Staff.id.in_(members))))
    set_members(session, team_id, [one for one in members if one in there])
    after = _told(session, team)
    action = "team_changed" if known else "team_added"
    if team.is_default and previous not in (None, team_id):
        told = {"before": {"is_default": True}, "after": {"is_default": False}}
        record(session, staff_id=by, action="team_changed", subject=f"team:{previous}", **told)
    record(session, staff_id=by, action=action, subject=f"team:{team_id}", before=before, after=after)
    return team


def find_wrongs(values: Mapping[str, Any], known: Team | None) -> list[Wrong]:
    """Why a team cannot be like that, by the names of its form's fields."""
    found = [Wrong(f"name_{language}", "name_missing") for language, name in values["names"].items() if not name]
    found += [
        Wrong(f"name_{language}", "too_long", {"most": str(LONGEST_NAME)})
        for language, name in values["names"].items()
        if len(name) > LONGEST_NAME
    ]
    for name, (least, most) in MINUTES.items():
        minutes = values[name]
        if minutes is None or not least <= minutes <= most:
            found.append(Wrong(name, "minutes", {"least": str(least), "most": str(most)}))
    if known is not None and known.is_default and not values["is_default"]:
        found.append(Wrong("is_default", "default_needed"))
    if known is not None and not known.is_active and values["is_default"]:
        found.append(Wrong("is_default", "default_off"))
    try:
        Schedule.model_validate(values["hours"])
    except ValidationError:
        found.append(Wrong("hours", "hours"))
    return found


def switch(session: Session, team_id: str, *, is_active: bool, by: uuid.UUID) -> None:
    """Have a team get no cases any more, or again; raises WrongError for the default one, or with open cases.

    Raises LookupError where there is no such team.
    """
    _lock(session)
    team = get_team(session, team_id)
    if not is_active and team.is_default:
        raise WrongError(Wrong("is_active", "team_default"))
    if not is_active and (count := count_open(session, team_id)):
        raise WrongError(Wrong("is_active", "team_busy", {"count": str(count)}))
    before, team.is_active = {"is_active": team.is_active}, is_active
    told = {"before": before, "after": {"is_active": is_active}}
    record(session, staff_id=by, action="team_switched", subject=f"team:{team_id}", **told)


def _lock(session: Session) -> None:
    """Nobody else changes teams until the end of the transaction: there is one default, and it works."""
    query = select(Team).order_by(Team.id).with_for_update(key_share=True)
    session.scalars(query.execution_options(populate_existing=True)).all()


def _told(session: Session, team: Team) -> dict[str, Any]:
    """A team as the audit log keeps it."""
    columns = ("names", "services", "languages", "regions", "hours", *MINUTES, "auto_assigns", "is_default")
    members = [str(one) for one in list_member_ids(session, team.id)]
    return {**{name: getattr(team, name) for name in columns}, "members": members}
