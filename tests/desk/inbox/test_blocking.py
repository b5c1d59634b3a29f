"""A citizen is blocked with a reason, is told, and can be let in again; only who leads may do it."""

from bot.accounts.permissions import Role
from bot.cases.blocking import block
from bot.cases.states import Ending
from bot.db.session import Database
from tests.desk.inbox.scene import Scene
from tests.desk.inbox.test_moves import do, key, opened
from tests.desk.people import Browser, hire


def test_a_blocked_citizen_is_told_and_what_was_open_ends(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    opened(browser, hire(database, Role.SUPERVISOR), case)
    page = do(browser, case, "block", note="insults every day")
    assert "The citizen is blocked, and told so" in page
    assert "Unblock" in page
    assert "reply-text" not in page
    assert (scene.case(case).ending, scene.notes(case)) == (Ending.BLOCKED, ["insults every day"])
    assert scene.said(case, "system")[-1].startswith("Nous ne répondons plus")
    assert scene.story(case) == ["opened", "blocked", "ended"]
    assert scene.acts()[-1] == "citizen_blocked"


def test_who_is_let_in_again_can_be_blocked_again_and_told_again(
    scene: Scene, browser: Browser, database: Database
) -> None:
    case = scene.ask()
    opened(browser, hire(database, Role.SUPERVISOR), case)
    for _ in range(2):
        do(browser, case, "block", note="again")
        do(browser, case, "block", note="twice at once")
        page = do(browser, case, "unblock")
        do(browser, case, "unblock")
        assert "not blocked any more" in page
    assert len(scene.said(case, "system")) == 2
    assert scene.notes(case) == ["again", "again"]
    assert scene.acts()[-4:] == ["citizen_blocked", "citizen_unblocked"] * 2


def test_whoever_has_helped_is_not_asked_how_it_was(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    opened(browser, hire(database, Role.SUPERVISOR), case)
    do(browser, case, "claim")
    do(browser, case, "replies", text="Bonjour", key=key())
    do(browser, case, "block", note="insults")
    assert "\n" not in scene.said(case, "system")[-1]


def test_blocking_needs_a_reason_and_the_right(
    scene: Scene, browser: Browser, other: Browser, database: Database
) -> None:
    case = scene.ask()
    opened(browser, hire(database, Role.SUPERVISOR), case)
    assert "Something to write is missing" in do(browser, case, "block", note=" ")
    assert 'action="/desk/cases' not in opened(other, hire(database), case).page.partition("panel_block")[2]
    for what in ("block", "unblock"):
        assert other.submit(f"/desk/cases/{case.id}/{what}", note="no").status_code == 403
    assert scene.story(case) == ["opened"]


def test_all_that_is_open_with_a_citizen_ends_at_once(scene: Scene, database: Database) -> None:
    member = hire(database, Role.SUPERVISOR)
    case, others = scene.ask(), scene.ask()
    scene.join(case, others)
    with database.transaction() as session:
        block(session, case.id, "insults", by=member.id)
    assert scene.case(others).ending == Ending.BLOCKED
