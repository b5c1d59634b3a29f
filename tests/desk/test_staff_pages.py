"""How admins let others in and out."""

import re

import pytest
from sqlalchemy import select

from bot.accounts.models import Staff
from bot.accounts.permissions import Role
from bot.accounts.service import first_admin_link
from bot.db.session import Database
from tests.desk.people import PASSWORD, Browser, Member, acts, hire

LINK = re.compile(r'value="http[^"]*(/desk/link/[\w-]{43})"')


def link_in(page: str) -> str:
    """The path of the link that a page shows."""
    found = LINK.search(page)
    assert found, page
    return found.group(1)


def test_a_new_colleague_gets_a_link_and_sets_a_password(browser: Browser, other: Browser, database: Database) -> None:
    browser.come_in(hire(database, Role.ADMIN), "/desk/staff/new")
    made = browser.submit("/desk/staff/new", email="Agent@Example.ma", name="Agent 2", role="agent", language="fr").text
    path = link_in(made)
    assert "agent@example.ma" in other.see(path)
    assert other.submit(path, password=PASSWORD).headers["location"] == "/desk/login"
    member = Member(None, "AGENT@example.MA")  # type: ignore[arg-type]
    assert other.sign_in(member).status_code == 303
    assert '<html lang="fr"' in other.see("/desk")
    assert acts(database)[-4:] == ["staff_created", "link_made", "password_set", "signed_in"]


def test_a_link_works_once_and_looking_does_not_use_it_up(browser: Browser, other: Browser, database: Database) -> None:
    member = hire(database)
    browser.come_in(hire(database, Role.ADMIN), f"/desk/staff/{member.id}")
    path = link_in(browser.submit(f"/desk/staff/{member.id}/link").text)
    for _ in range(3):
        other.see(path)
    assert other.submit(path, password="short").status_code == 422
    form = other.page
    assert other.submit(path, password=PASSWORD).status_code == 303
    other.page = form
    assert other.submit(path, password=PASSWORD).status_code == 410
    other.see(path, 410)


def test_a_newer_link_is_the_only_one(browser: Browser, other: Browser, database: Database) -> None:
    member = hire(database)
    browser.come_in(hire(database, Role.ADMIN))
    old, new = (link_in(browser.submit(f"/desk/staff/{member.id}/link").text) for _ in range(2))
    other.see(old, 410)
    other.see(new)


def test_the_first_admin_comes_by_a_link_and_nobody_after(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        path = f"/desk/link/{first_admin_link(session)}"
    browser.see(path)
    given = {"email": "admin@example.ma", "name": "Admin 1", "language": "en", "password": PASSWORD}
    assert browser.submit(path, **given | {"email": "no address"}).status_code == 422
    assert browser.submit(path, **given).status_code == 303
    with database.transaction() as session:
        assert session.scalars(select(Staff.role)).all() == [Role.ADMIN]
    browser.see(path, 410)


def test_a_link_for_the_first_admin_is_worth_nothing_once_there_is_one(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        path = f"/desk/link/{first_admin_link(session)}"
    browser.see(path)
    hire(database, Role.ADMIN)
    assert browser.submit(path, email="b@example.ma", name="B", password=PASSWORD).status_code == 410


def test_another_role_means_signing_in_again(browser: Browser, other: Browser, database: Database) -> None:
    member = hire(database)
    other.come_in(member)
    browser.come_in(hire(database, Role.ADMIN))
    assert browser.submit(f"/desk/staff/{member.id}/role", role="supervisor").status_code == 303
    assert other.get("/desk").status_code == 303
    assert "Supervisor" in other.come_in(member).page


def test_whoever_is_disabled_is_out_at_once_and_for_good(browser: Browser, other: Browser, database: Database) -> None:
    member = hire(database)
    other.come_in(member)
    browser.come_in(hire(database, Role.ADMIN))
    path = link_in(browser.submit(f"/desk/staff/{member.id}/link").text)
    assert browser.submit(f"/desk/staff/{member.id}/disable").status_code == 303
    assert other.get("/desk").status_code == 303
    assert other.sign_in(member).status_code == 422
    other.see(path, 410)
    assert browser.submit(f"/desk/staff/{member.id}/enable").status_code == 303
    assert other.sign_in(member).status_code == 303


@pytest.mark.parametrize(("act", "form"), [("disable", {}), ("role", {"role": "agent"})])
def test_nobody_shuts_themselves_out(browser: Browser, database: Database, act: str, form: dict[str, str]) -> None:
    admin = hire(database, Role.ADMIN)
    browser.come_in(admin)
    response = browser.submit(f"/desk/staff/{admin.id}/{act}", **form)
    assert response.status_code == 422
    assert "ask another admin" in response.text


def test_two_accounts_do_not_share_an_address(browser: Browser, database: Database) -> None:
    member = hire(database)
    browser.come_in(hire(database, Role.ADMIN), "/desk/staff/new")
    response = browser.submit("/desk/staff/new", email=member.email.upper(), name="A", role="agent", language="ar")
    assert response.status_code == 422
    assert "already" in response.text


def test_a_role_that_does_not_exist_is_refused_plainly(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database, Role.ADMIN), "/desk/staff/new")
    response = browser.submit("/desk/staff/new", email="a@example.ma", name="A", role="king", language="ar")
    assert response.status_code == 422
    assert "not understood" in response.text
