"""Staff take a conversation from the bot by themselves: from what they found, or again after they gave it back."""

import uuid

import pytest

from bot.accounts.permissions import Role
from bot.cases.states import Reason
from bot.cases.threads import get_card
from bot.conversations.states import Owner
from bot.db.session import Database
from tests.desk.inbox.scene import Scene
from tests.desk.inbox.test_moves import do, opened
from tests.desk.people import Browser, hire


def test_what_was_found_is_read_and_taken_over(scene: Scene, browser: Browser, database: Database) -> None:
    talk_id = scene.chat("ma carte est perdue")
    browser.come_in(hire(database, Role.SUPERVISOR, name="Chief"))
    assert f'href="/desk/conversations/{talk_id}"' in browser.see("/desk/inbox/search?words=perdue")
    page = browser.see(f"/desk/conversations/{talk_id}")
    assert "ma carte est perdue" in page
    assert "/mark" not in page
    taken = browser.submit(f"/desk/conversations/{talk_id}/take")
    page = browser.see(taken.headers["location"])
    assert "You have taken over" in page
    assert 'id="reply-text"' in page
    case_id = uuid.UUID(taken.headers["location"].rpartition("/")[2].partition("?")[0])
    with database.transaction() as session:
        row = get_card(session, case_id).row
    assert (row.reason, row.state) == (Reason.TAKEN, Owner.STAFF)


def test_of_two_who_take_over_the_second_sees_who_has_it(
    scene: Scene, browser: Browser, other: Browser, database: Database
) -> None:
    talk_id = scene.chat("bonjour")
    browser.come_in(hire(database, Role.SUPERVISOR, name="Chief 1"), f"/desk/conversations/{talk_id}")
    other.come_in(hire(database, Role.SUPERVISOR, name="Chief 2"), f"/desk/conversations/{talk_id}")
    browser.submit(f"/desk/conversations/{talk_id}/take")
    late = other.submit(f"/desk/conversations/{talk_id}/take")
    page = other.see(late.headers["location"])
    assert "Chief 1 was faster" in page
    assert "Take over" not in page


def test_what_was_given_back_is_taken_again_from_its_case(scene: Scene, browser: Browser, database: Database) -> None:
    case = scene.ask()
    opened(browser, hire(database), case)
    do(browser, case, "claim")
    seen = browser.page.rpartition('name="seen" value="')[2].partition('"')[0]
    page = do(browser, case, "return", seen=seen)
    assert "Take over" in page
    page = do(browser, case, "again")
    assert "You have taken over" in page
    assert str(case.id) not in browser.page.partition('data-case="')[2][:40]


def test_agents_do_not_look_into_talks_that_never_asked_for_people(
    scene: Scene, browser: Browser, database: Database
) -> None:
    talk_id = scene.chat("secret")
    browser.come_in(hire(database))
    browser.see(f"/desk/conversations/{talk_id}", 403)
    assert browser.submit(f"/desk/conversations/{talk_id}/take").status_code == 403


@pytest.mark.parametrize("path", ["", "/take"])
def test_a_talk_that_is_not_there_is_not_found(path: str, browser: Browser, database: Database) -> None:
    browser.come_in(hire(database, Role.SUPERVISOR))
    url = f"/desk/conversations/{uuid.uuid4()}{path}"
    response = browser.submit(url) if path else browser.get(url)
    assert response.status_code == 404
