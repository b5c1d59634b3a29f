"""Teams are set up at the desk: whom they are for, who is in them, when they answer."""

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from bot.accounts.models import AuditEntry
from bot.accounts.permissions import Role
from bot.cases import teams
from bot.cases.hours import Schedule
from bot.cases.models import Team
from bot.cases.team_setup import list_member_ids
from bot.db.session import Database
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, hire
from tests.desk.setup.conftest import Told
from tests.desk.test_hostile_text import CORPUS, check

NAMES = {"name_ar": "فاس", "name_fr": "Équipe de Fès", "name_en": "Fez"}
MINUTES = {"first_answer_minutes": "20", "next_answer_minutes": "40", "idle_minutes": "600"}
ROW = {"usual-rows": "1", "usual-0-days": ["1", "2"], "usual-0-opens": "09:00", "usual-0-closes": "12:30"}
GIVEN: dict[str, Any] = NAMES | MINUTES | ROW


def kept(database: Database, team_id: str) -> Team:
    """A team as it is kept."""
    with database.transaction() as session:
        return session.get_one(Team, team_id)


def members(database: Database, team_id: str) -> list[uuid.UUID]:
    """Who is in a team, in order."""
    with database.transaction() as session:
        return list(list_member_ids(session, team_id))


def defaults(database: Database) -> list[str]:
    """The default teams."""
    with database.transaction() as session:
        return list(session.scalars(select(Team.id).where(Team.is_default)))


def test_the_list_tells_how_teams_stand(leader: Browser, scene: Scene) -> None:
    scene.ask()
    page = leader.see("/desk/teams")
    assert "Front desk" in page
    assert "Mon–Thu 08:30–16:30 · Fri 08:30–11:30, 14:00–16:30" in page
    assert "Ramadan: Mon–Fri 09:00–15:00" in page
    assert 'href="/desk/inbox?view=waiting&amp;team=front">1</a>' in page
    assert "Everybody" in page


@pytest.mark.usefixtures("catalogue")
def test_a_team_is_added_with_all_that_was_chosen(leader: Browser, database: Database, told: Told) -> None:
    page = leader.see("/desk/teams/new")
    for shown in ('value="08:30"', 'value="fes"', '<bdi dir="auto">Fez</bdi>', "Identity and travel", "passport_adult"):
        assert shown in page, shown
    chosen = {"languages": ["fr", "ary"], "regions": ["fes"], "services": ["passport_adult"], "auto_assigns": "1"}
    season = {"seasons": "1", "season-0-first": "07-01", "season-0-last": "08-31", "season-0-rows": "1"}
    hours = {"season-0-0-days": "3", "season-0-0-opens": "8:00", "season-0-0-closes": "15:00", "ramadan-rows": "1"}
    assert leader.submit("/desk/teams/new", **GIVEN | chosen | season | hours).status_code == 303
    team = kept(database, "equipe-de-fes")
    assert (team.languages, team.regions, team.auto_assigns) == (["fr", "ary"], ["fes"], True)
    assert (team.first_answer_minutes, team.next_answer_minutes, team.idle_minutes) == (20, 40, 600)
    schedule = Schedule.model_validate(team.hours)
    assert (schedule.usual[0].weekdays, schedule.ramadan) == ([1, 2], [])
    assert schedule.seasons[0].periods[0].opens == dt.time(8)
    action, subject, before, after = told()
    assert (action, subject, before, after["regions"]) == ("team_added", "team:equipe-de-fes", None, ["fes"])


def test_members_keep_the_order_that_was_typed(leader: Browser, database: Database, told: Told) -> None:
    one, two, three = (hire(database, name=f"Agent {number}").id for number in (1, 2, 3))
    scene = {"people": [str(one), str(two), str(three)], "members": [str(one), str(three)]}
    leader.see("/desk/teams/new")
    leader.submit("/desk/teams/new", **GIVEN | scene | {f"order-{one}": "2", f"order-{three}": "1"})
    assert members(database, "equipe-de-fes") == [three, one]
    assert told()[3]["members"] == [str(three), str(one)]
    page = leader.see("/desk/teams/equipe-de-fes")
    assert page.index("Agent 3") < page.index("Agent 1") < page.index("Agent 2")
    leader.submit("/desk/teams/equipe-de-fes", **GIVEN | {"members": [str(uuid.uuid4()), "x", str(two)]})
    assert members(database, "equipe-de-fes") == [two]


def test_there_is_always_one_default_team(leader: Browser, database: Database) -> None:
    leader.see("/desk/teams")
    response = leader.submit("/desk/teams/front", **GIVEN)
    assert response.status_code == 422
    assert "make another one the default first" in response.text
    assert leader.submit("/desk/teams/front/off").status_code == 422
    leader.submit("/desk/teams/new", **GIVEN | {"is_default": "1"})
    assert defaults(database) == ["equipe-de-fes"]
    with database.transaction() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(2)).all()
    assert [one.subject for one in entries] == ["team:equipe-de-fes", "team:front"]
    assert leader.submit("/desk/teams/front", **GIVEN).status_code == 303
    assert leader.submit("/desk/teams/front/off").status_code == 303
    response = leader.submit("/desk/teams/front", **GIVEN | {"is_default": "1"})
    assert "switch it on first" in response.text
    assert defaults(database) == ["equipe-de-fes"]


def test_a_team_with_open_cases_stays(leader: Browser, scene: Scene, database: Database, told: Told) -> None:
    scene.team("fes", languages=["fr"])
    scene.ask(language="fr")
    response = leader.submit("/desk/teams/fes/off")
    assert response.status_code == 422
    assert "still open: 1." in response.text
    assert 'href="/desk/inbox?view=all&amp;team=fes"' in response.text
    scene.team("empty")
    assert leader.submit("/desk/teams/empty/off").status_code == 303
    assert told()[:3] == ("team_switched", "team:empty", {"is_active": True})
    with database.transaction() as session:
        assert "empty" not in [one.id for one in teams.list_teams(session)]
    assert leader.submit("/desk/teams/empty/on").status_code == 303


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name_fr": ""}, "Enter the name"),
        ({"name_en": "x" * 81}, "at most 80"),
        ({"first_answer_minutes": "0"}, "from 1 to 10080"),
        ({"idle_minutes": "soon"}, "from 10 to 43200"),
        ({"usual-0-opens": ""}, "when it begins and ends"),
        ({"usual-0-closes": "08:00"}, "after it begins"),
        ({"usual-0-days": []}, "at least one day"),
        (
            {"usual-rows": "2", "usual-1-days": "2", "usual-1-opens": "12:00", "usual-1-closes": "13:00"},
            "overlaps another",
        ),
        ({"seasons": "1", "season-0-first": "02-30", "season-0-last": "03-01"}, "first and the last day"),
    ],
)
def test_what_is_wrong_stands_beside_it_and_nothing_typed_is_lost(
    leader: Browser, database: Database, wrong: dict[str, Any], words: str
) -> None:
    leader.see("/desk/teams/new")
    response = leader.submit("/desk/teams/new", **GIVEN | wrong)
    assert response.status_code == 422
    assert words in response.text
    assert 'value="فاس"' in response.text
    assert 'value="40"' in response.text
    assert 'aria-label="Period 2"' in response.text
    with database.transaction() as session:
        assert session.get(Team, "equipe-de-fes") is None


def test_rows_come_and_go_without_a_script(leader: Browser, database: Database) -> None:
    leader.see("/desk/teams/new")
    page = leader.submit("/desk/teams/new", **GIVEN | {"more": "usual"}).text
    assert 'name="usual-rows" value="2"' in page
    assert 'name="name_fr" type="text" value="Équipe de Fès"' in page
    page = leader.submit("/desk/teams/new", **GIVEN | {"more": "seasons"}).text
    assert 'name="season-0-first"' in page
    page = leader.submit("/desk/teams/new", **GIVEN | {"drop": "usual-0"}).text
    assert 'value="09:00"' not in page
    dropped = GIVEN | {"seasons": "1", "season-0-first": "07-01", "drop": "season-0"}
    assert "season-0-first" not in leader.submit("/desk/teams/new", **dropped).text
    with database.transaction() as session:
        assert session.get(Team, "equipe-de-fes") is None


def test_the_page_says_what_a_citizen_would_be_told(leader: Browser, scene: Scene) -> None:
    scene.team()
    assert "Expect between 5 and 15 minutes." in leader.see("/desk/teams/front")
    scene.team(hours={"usual": []})
    assert "Your message is kept" in leader.see("/desk/teams/front")


def test_teams_are_for_who_leads(browser: Browser, database: Database) -> None:
    for role in (Role.AGENT, Role.EDITOR, Role.AUDITOR):
        browser.come_in(hire(database, role)).see("/desk/teams", 403)
    browser.come_in(hire(database, Role.ADMIN)).see("/desk/teams")
    browser.see("/desk/teams/nowhere", 404)


def test_capacity_and_teams_stand_on_the_page_of_somebody(
    browser: Browser, scene: Scene, database: Database, told: Told
) -> None:
    member = hire(database)
    scene.team("fes")
    scene.members("fes", member.id)
    page = browser.come_in(hire(database, Role.ADMIN), f"/desk/staff/{member.id}").page
    assert 'href="/desk/teams/fes"' in page
    assert browser.submit(f"/desk/staff/{member.id}/capacity", capacity="2").status_code == 303
    assert told() == ("capacity_changed", f"staff:{member.id}", 5, 2)
    for wrong in ("", "-1", "101", "many"):
        assert browser.submit(f"/desk/staff/{member.id}/capacity", capacity=wrong).status_code == 422
    assert 'value="2"' in browser.see(f"/desk/staff/{member.id}")


@pytest.mark.parametrize("hostile", CORPUS)
def test_text_of_others_is_never_html(hostile: str, leader: Browser, scene: Scene, database: Database) -> None:
    member = hire(database, name=hostile)
    scene.team("x", names={"fr": hostile, "en": hostile}, regions=[hostile], services=[hostile])
    scene.members("x", member.id)
    for path in ("", "/x", "/new"):
        check(leader.see(f"/desk/teams{path}"))
    given = dict.fromkeys([*GIVEN, "regions", "services", "languages", "more"], hostile)
    check(leader.submit("/desk/teams/new", **given).text)
    check(leader.submit("/desk/teams/x", **given | {"more": ""}).text)
