"""A team as its form holds it: what was typed, what it comes to, and what there is to choose from."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from bot.cases.hours import Schedule
from bot.cases.models import Team
from bot.cases.team_setup import MINUTES, Candidate, list_candidates
from bot.catalogue.names import ServiceName, list_service_names, list_towns
from bot.desk.setup import VARIETIES, Form, name_of
from bot.desk.team_hours import Row, Week, read_week, week_of
from bot.desk.words import LANGUAGES

# What a new team is offered: the week of the administration.
USUAL = Week(
    usual=(Row((1, 2, 3, 4), "08:30", "16:30"), Row((5,), "08:30", "11:30"), Row((5,), "14:00", "16:30")),
    ramadan=(Row((1, 2, 3, 4, 5), "09:00", "15:00"),),
)
LONGEST_NUMBER = 6


@dataclass(frozen=True)
class TeamForm:
    """A team as somebody typed it; minutes and the order of members are as written."""

    names: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(LANGUAGES, ""))
    services: Sequence[str] = ()
    languages: Sequence[str] = ()
    regions: Sequence[str] = ()
    members: Sequence[uuid.UUID] = ()
    orders: Mapping[uuid.UUID, str] = field(default_factory=dict)
    minutes: Mapping[str, str] = field(
        default_factory=lambda: {"first_answer_minutes": "15", "next_answer_minutes": "30", "idle_minutes": "720"}
    )
    auto_assigns: bool = False
    is_default: bool = False
    week: Week = USUAL

    def values(self) -> dict[str, Any]:
        """As `bot.cases.team_setup` keeps it."""
        return {
            "names": {language: " ".join(name.split()) for language, name in self.names.items()},
            "services": [*self.services],
            "languages": [one for one in self.languages if one in VARIETIES],
            "regions": [*self.regions],
            **{name: _number(typed) for name, typed in self.minutes.items()},
            "auto_assigns": self.auto_assigns,
            "is_default": self.is_default,
            "hours": self.week.values(),
        }

    def ordered(self) -> list[uuid.UUID]:
        """The members in the order that was typed; those without a number come last."""
        last = len(self.members) + 10**LONGEST_NUMBER
        return sorted(self.members, key=lambda one: _number(self.orders.get(one, "")) or last)


@dataclass(frozen=True)
class Choices:
    """What a team may be chosen for, in a reader's language: services by category, towns, people."""

    services: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    towns: Mapping[str, str]
    people: Sequence[Candidate]


def read_form(form: Form) -> TeamForm:
    """What was typed."""
    orders = {key: form.text(f"order-{key}") for key in _ids(form.all("people"))}
    return TeamForm(
        names={language: form.text(f"name_{language}") for language in LANGUAGES},
        services=form.all("services"),
        languages=form.all("languages"),
        regions=form.all("regions"),
        members=_ids(form.all("members")),
        orders=orders,
        minutes={name: form.text(name) for name in MINUTES},
        auto_assigns=form.has("auto_assigns"),
        is_default=form.has("is_default"),
        week=read_week(form),
    )


def form_of(team: Team, members: Sequence[uuid.UUID]) -> TeamForm:
    """A team that there is, to be changed."""
    return TeamForm(
        names={language: team.names.get(language, "") for language in LANGUAGES},
        services=team.services,
        languages=team.languages,
        regions=team.regions,
        members=members,
        orders={one: str(number) for number, one in enumerate(members, start=1)},
        minutes={name: str(getattr(team, name)) for name in MINUTES},
        auto_assigns=team.auto_assigns,
        is_default=team.is_default,
        week=week_of(Schedule.model_validate(team.hours)),
    )


def load_choices(session: Session, given: TeamForm, language: str) -> Choices:
    """What there is to choose from; what was chosen and is no more is there too, to be taken away."""
    services = list_service_names(session)
    known = {one.id for one in services}
    gone = [ServiceName(one, "", {}) for one in given.services if one not in known]
    towns = {region: name_of(names, language, region) for region, names in list_towns(session).items()}
    return Choices(
        services=[
            (category, [(one.id, name_of(one.names, language, one.id)) for one in group])
            for category, group in groupby([*services, *gone], key=lambda one: one.category)
        ],
        towns=towns | {region: region for region in given.regions if region not in towns},
        people=list_candidates(session, given.ordered()),
    )


def _ids(typed: Sequence[str]) -> list[uuid.UUID]:
    found = []
    for one in typed:
        try:
            found.append(uuid.UUID(one))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER else None
