"""Which team a conversation goes to, and whose turn it is."""

import datetime as dt

import pytest

from bot.cases import teams
from bot.cases.models import Case, Team
from bot.cases.routing import Subject, choose_team
from bot.conversations.states import Owner
from bot.db.base import utc_now
from bot.db.session import Database
from tests.cases.desk import ALWAYS, ask_for_help, change_team, hire


def team(team_id: str, **limits: list[str]) -> Team:
    return Team(id=team_id, **{"services": [], "languages": [], "regions": [], "is_default": False, **limits})


TEAMS = [
    team("front", is_default=True),  # type: ignore[arg-type]
    team("french", languages=["fr"]),
    team("arabic", languages=["ar"]),
    team("south", regions=["souss"]),
    team("taxes", services=["vignette_tsav"]),
    team("taxes_ar", services=["vignette_tsav"], languages=["ar"]),
]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (Subject(), "front"),
        (Subject(language="en"), "front"),
        (Subject(language="fr"), "french"),
        (Subject(language="ary"), "arabic"),
        (Subject(language="fr", region="souss"), "south"),
        (Subject("vignette_tsav", "fr", "souss"), "taxes"),
        (Subject("vignette_tsav", "ary-latn"), "taxes_ar"),
        (Subject("passport_adult", "xx"), "front"),
    ],
)
def test_the_most_particular_team_comes_first(subject: Subject, expected: str) -> None:
    assert choose_team(TEAMS, subject).id == expected


@pytest.mark.slow
def test_the_first_case_finds_the_shipped_team(database: Database) -> None:
    assert ask_for_help(database).team_id == "front"


@pytest.mark.slow
def test_cases_go_round_by_capacity_over_those_who_are_there(database: Database) -> None:
    first, second = hire(database, 1, capacity=1), hire(database, 2, capacity=5)
    paused, away = hire(database, 3, is_paused=True), hire(database, 4, last_seen_at=utc_now() - dt.timedelta(hours=1))
    change_team(database, auto_assigns=True, hours=ALWAYS)
    with database.transaction() as session:
        teams.set_members(session, "front", [first, second, paused, away])
    cases = [ask_for_help(database, str(number)) for number in range(4)]
    assert [one.assignee_id for one in cases] == [first, second, second, second]
    assert {one.state for one in cases} == {Owner.STAFF}


@pytest.mark.slow
def test_with_nobody_there_a_case_waits(database: Database) -> None:
    hire(database, 1, capacity=0)
    change_team(database, auto_assigns=True)
    found: Case = ask_for_help(database)
    assert (found.state, found.assignee_id) == (Owner.WAITING, None)


@pytest.mark.slow
def test_a_team_without_members_is_everybodys(database: Database) -> None:
    one = hire(database)
    change_team(database, "taxes")
    with database.transaction() as session:
        assert list(teams.list_team_ids(session, one)) == ["front", "taxes"]
        assert [member.id for member in teams.list_members(session, "taxes")] == [one]
        teams.set_members(session, "taxes", [hire(database, 2)])
        assert list(teams.list_team_ids(session, one)) == ["front"]
