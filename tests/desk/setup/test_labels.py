"""Labels are added, named, coloured and switched off at the desk."""

import pytest
from sqlalchemy import select

from bot.cases.models import Label
from bot.db.session import Database
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, hire
from tests.desk.setup.conftest import Told
from tests.desk.test_hostile_text import CORPUS, check

GIVEN = {"name_ar": "مستعجل", "name_fr": "Très urgent", "name_en": "Urgent", "colour": "red"}


def kept(database: Database) -> dict[str, Label]:
    """All labels by their ids."""
    with database.transaction() as session:
        return {one.id: one for one in session.scalars(select(Label))}


def test_a_new_desk_has_labels(leader: Browser, scene: Scene) -> None:
    case = scene.ask()
    assert "Complaint" in leader.see(f"/desk/cases/{case.id}")
    assert "To follow up" in leader.see("/desk/labels")


def test_a_label_is_added_renamed_and_recorded(leader: Browser, database: Database, told: Told) -> None:
    leader.see("/desk/labels/new")
    assert leader.submit("/desk/labels/new", **GIVEN).status_code == 303
    assert kept(database)["tres-urgent"].names["en"] == "Urgent"
    leader.submit("/desk/labels/new", **GIVEN)
    assert "tres-urgent-2" in kept(database)
    leader.submit("/desk/labels/tres-urgent", **GIVEN | {"name_en": "At once", "colour": "teal"})
    assert "At once" in leader.see("/desk/labels/tres-urgent")
    action, subject, before, after = told()
    assert (action, subject) == ("label_changed", "label:tres-urgent")
    assert (before["colour"], after["colour"], after["names"]["en"]) == ("red", "teal", "At once")
    leader.see("/desk/labels/nothing", 404)


def test_a_label_that_is_off_is_not_offered_and_stays_where_it_is(
    leader: Browser, scene: Scene, database: Database, told: Told
) -> None:
    case = scene.ask()
    leader.see("/desk/labels")
    assert leader.submit("/desk/labels/complaint/off").status_code == 303
    assert told()[3]["is_active"] is False
    assert "switched off" in leader.see("/desk/labels")
    assert "Complaint" not in leader.see(f"/desk/cases/{case.id}")
    leader.submit("/desk/labels/complaint/on")
    assert "Complaint" in leader.see(f"/desk/cases/{case.id}")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name_ar": " "}, "Enter the name"),
        ({"name_fr": "x" * 41}, "at most 40"),
        ({"colour": "invisible"}, "Choose a colour"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_stays(leader: Browser, wrong: dict[str, str], words: str) -> None:
    leader.see("/desk/labels/new")
    response = leader.submit("/desk/labels/new", **GIVEN | wrong)
    assert response.status_code == 422
    assert words in response.text
    assert 'value="Urgent"' in response.text


def test_labels_are_for_who_leads(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database)).see("/desk/labels", 403)


@pytest.mark.parametrize("hostile", CORPUS)
def test_text_of_others_is_never_html(hostile: str, leader: Browser) -> None:
    leader.see("/desk/labels/new")
    check(leader.submit("/desk/labels/new", name_ar=hostile, name_fr=hostile, name_en="", colour=hostile).text)
    leader.submit("/desk/labels/new", **GIVEN | {"name_ar": hostile, "name_fr": hostile, "name_en": hostile})
    check(leader.see("/desk/labels"))
    check(leader.see("/desk/inbox"))
