"""Replies kept ready are written, tried out and taken away at the desk."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from bot.accounts.permissions import Role
from bot.cases.checks import BLANKS
from bot.cases.models import Canned
from bot.db.session import Database
from tests.desk.inbox.scene import Scene
from tests.desk.people import Browser, hire
from tests.desk.setup.conftest import Told
from tests.desk.test_hostile_text import CORPUS, check

GIVEN = {"shortcut": "passeport", "title": "Passeport", "bodies.fr": "Bonjour, ici {agent}.", "team": ""}


def kept(database: Database) -> dict[str, Canned]:
    """All replies by their shortcut."""
    with database.transaction() as session:
        return {one.shortcut: one for one in session.scalars(select(Canned))}


def test_a_new_desk_has_the_shipped_replies_at_hand(leader: Browser, scene: Scene, database: Database) -> None:
    page = leader.see("/desk/canned")
    assert "/bonjour" in page
    assert len(kept(database)) >= 12
    case = scene.ask(language="ary")
    assert "معاك Leader 1" in leader.see(f"/desk/cases/{case.id}/canned?words=bonjour")


def test_what_is_deleted_does_not_come_back_while_others_are_there(leader: Browser, database: Database) -> None:
    leader.see("/desk/canned")
    gone = kept(database)["merci"]
    assert "Delete this reply?" in leader.see(f"/desk/canned/{gone.id}/delete")
    assert leader.submit(f"/desk/canned/{gone.id}/delete").status_code == 303
    assert "/merci" not in leader.see("/desk/canned").replace("/merci is deleted", "")
    leader.see(f"/desk/canned/{gone.id}", 404)
    assert leader.submit(f"/desk/canned/{gone.id}/delete").status_code == 404


def test_a_reply_is_found_in_any_spelling(leader: Browser) -> None:
    for words in ("شكرا", "MERCI", "chokran merci", "choukran"):
        found = re.findall(r">/([a-z]+)</bdi></a>", leader.see(f"/desk/canned?words={words}"))
        assert ("merci" in found) == (words != "chokran merci"), words
    assert "No reply kept ready" in leader.see("/desk/canned?words=xylophone")


def test_a_reply_is_added_changed_and_recorded(leader: Browser, database: Database, told: Told) -> None:
    leader.see("/desk/canned/new")
    assert leader.submit("/desk/canned/new", **GIVEN | {"shortcut": "/Passeport"}).headers["location"] == "/desk/canned"
    one = kept(database)["passeport"]
    assert told()[:3] == ("canned_added", f"canned:{one.id}", None)
    assert 'value="passeport"' in leader.see(f"/desk/canned/{one.id}")
    leader.submit(f"/desk/canned/{one.id}", **GIVEN | {"shortcut": "cnie", "bodies.ary": "السلام"})
    assert kept(database)["cnie"].bodies == {"fr": "Bonjour, ici {agent}.", "ary": "السلام"}
    action, _, before, after = told()
    assert (action, before["shortcut"], after["shortcut"]) == ("canned_changed", "passeport", "cnie")
    leader.submit(f"/desk/canned/{one.id}/delete")
    assert told()[0] == "canned_deleted"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"shortcut": "mon passeport"}, "small Latin letters"),
        ({"shortcut": ""}, "small Latin letters"),
        ({"title": ""}, "Enter a title"),
        ({"bodies.fr": ""}, "at least one language"),
        ({"bodies.fr": "Bonjour {name}"}, "There is no blank {name}"),
        ({"bodies.fr": "Bonjour {Agent}"}, "There is no blank {Agent}"),
        ({"bodies.ar": "ا" * 1601}, "WhatsApp: longer than one message"),
        ({"team": "nowhere"}, "That team is not there"),
    ],
)
def test_what_is_wrong_stands_beside_it_and_nothing_typed_is_lost(
    leader: Browser, database: Database, wrong: dict[str, Any], words: str
) -> None:
    leader.see("/desk/canned/new")
    given = GIVEN | {"bodies.en": "typed with care"} | wrong
    if "bodies.fr" in wrong and not wrong["bodies.fr"]:
        given["bodies.en"] = ""
    response = leader.submit("/desk/canned/new", **given)
    assert response.status_code == 422
    assert words in response.text
    assert given["title"] in response.text
    assert given["bodies.en"] in response.text
    assert "passeport" not in kept(database)


def test_a_shortcut_belongs_to_one_reply(leader: Browser) -> None:
    leader.see("/desk/canned")
    response = leader.submit("/desk/canned/new", **GIVEN | {"shortcut": "merci"})
    assert response.status_code == 422
    assert "/merci belongs to another reply" in response.text


def test_a_preview_is_filled_in_and_keeps_nothing(leader: Browser, database: Database) -> None:
    leader.see("/desk/canned/new")
    bodies = {"bodies.fr": "{agent} · {team} · {number}", "bodies.en": "You asked: {question}"}
    page = leader.submit("/desk/canned/new", **GIVEN | bodies | {"do": "preview"}).text
    assert "Leader 1 · Accueil · 1a2b3c4d" in page
    assert "You asked: How much is a passport?" in page
    assert "passeport" not in kept(database)


def test_every_blank_is_one_that_the_desk_fills_in(scene: Scene, leader: Browser, database: Database) -> None:
    case = scene.ask()
    scene.can("tout", "Tout", {"fr": " ".join(f"<{{{blank}}}>" for blank in BLANKS)})
    page = leader.see(f"/desk/cases/{case.id}/canned?words=tout")
    assert not [blank for blank in BLANKS if f"{{{blank}}}" in page]


def test_agents_do_not_write_them_and_editors_do(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database)).see("/desk/canned", 403)
    assert "Set-up" not in browser.see("/desk")
    browser.come_in(hire(database, Role.EDITOR)).see("/desk/canned")
    assert "/desk/teams" not in browser.page


@pytest.mark.parametrize("hostile", CORPUS)
def test_text_of_others_is_never_html(hostile: str, leader: Browser, scene: Scene, database: Database) -> None:
    scene.can("x", hostile, {"fr": hostile, "ar": hostile})
    one = kept(database)["x"]
    for path in ("", f"/{one.id}", f"/{one.id}/delete"):
        check(leader.see(f"/desk/canned{path}"))
    check(leader.get("/desk/canned", params={"words": hostile}).text)
    given = {"shortcut": hostile, "title": hostile, "bodies.fr": hostile, "team": hostile}
    for do in ("", "preview"):
        check(leader.submit("/desk/canned/new", **given, do=do).text)
