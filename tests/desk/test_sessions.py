"""How sessions end: by themselves, by their owner, by an admin; and what wants the password again."""

import datetime as dt
import re

from fastapi import FastAPI

from bot.accounts.permissions import Role
from bot.accounts.states import Stage
from bot.db.base import utc_now
from bot.db.session import Database
from tests.desk.people import Browser, age_sessions, hire, open_for


def test_a_session_ends_after_half_an_hour_without_a_click(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    age_sessions(database, seen_at=utc_now() - dt.timedelta(minutes=29))
    browser.see("/desk")
    age_sessions(database, seen_at=utc_now() - dt.timedelta(minutes=31))
    assert browser.get("/desk").status_code == 303


def test_a_click_keeps_a_session_alive_but_not_past_its_day(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database))
    age_sessions(database, seen_at=utc_now() - dt.timedelta(minutes=29))
    browser.see("/desk")
    age_sessions(database, ends_at=utc_now() - dt.timedelta(seconds=1))
    assert browser.get("/desk").status_code == 303


def test_between_password_and_code_there_are_ten_minutes(browser: Browser, database: Database, web: FastAPI) -> None:
    browser.take(open_for(web, database, hire(database), Stage.SECOND_STEP))
    browser.see("/desk/login/code")
    age_sessions(database, ends_at=utc_now() - dt.timedelta(seconds=1))
    assert browser.get("/desk/login/code").status_code == 303


def test_a_form_of_a_session_that_is_over_leads_to_the_door_and_back(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database), "/desk/account")
    age_sessions(database, ends_at=utc_now() - dt.timedelta(seconds=1))
    browser.headers["Referer"] = "http://testserver/desk/account"
    response = browser.submit("/desk/account/password", old="a", new="b")
    assert response.headers["location"] == "/desk/login?next=/desk/account"


def test_a_part_that_htmx_asked_for_sends_the_whole_page_to_the_door(browser: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/account"}
    response = browser.get("/desk/staff", headers=headers)
    assert response.headers["hx-redirect"] == "/desk/login?next=/desk/account"


def test_somebody_sees_all_their_sessions_and_ends_the_others(
    browser: Browser, other: Browser, database: Database
) -> None:
    member = hire(database)
    other.come_in(member)
    page = browser.come_in(member, "/desk/account").page
    assert len(re.findall(r"/desk/account/sessions/[0-9a-f-]{36}/end", page)) == 1
    assert browser.submit("/desk/account/sessions/others/end").status_code == 303
    assert other.get("/desk").status_code == 303
    browser.see("/desk")


def test_nobody_ends_a_session_of_somebody_else(browser: Browser, other: Browser, database: Database) -> None:
    owner = hire(database)
    other.come_in(owner)
    other.come_in(owner, "/desk/account")
    path = re.findall(r"/desk/account/sessions/[0-9a-f-]{36}/end", other.page)[0]
    browser.come_in(hire(database))
    assert browser.submit(path).status_code == 303
    assert path in other.see("/desk/account")


def test_an_admin_signs_somebody_out_everywhere(browser: Browser, other: Browser, database: Database) -> None:
    member = hire(database)
    other.come_in(member)
    browser.come_in(hire(database, Role.ADMIN), f"/desk/staff/{member.id}")
    assert browser.submit(f"/desk/staff/{member.id}/sessions/end").status_code == 303
    assert other.get("/desk").status_code == 303


def test_what_is_sensitive_wants_the_password_again(browser: Browser, database: Database) -> None:
    admin = hire(database, Role.ADMIN)
    browser.come_in(admin)
    age_sessions(database, confirmed_at=utc_now() - dt.timedelta(minutes=11))
    assert browser.get("/desk/staff/new").headers["location"] == "/desk/confirm?next=/desk/staff/new"
    browser.see("/desk/confirm?next=/desk/staff/new")
    before = browser.key
    assert browser.submit("/desk/confirm", password="wrong", next="/desk/staff/new").status_code == 422
    response = browser.submit("/desk/confirm", password=admin.password, next="/desk/staff/new")
    assert response.headers["location"] == "/desk/staff/new"
    assert browser.key != before
    browser.see("/desk/staff/new")


def test_guessing_the_password_at_the_inner_door_is_counted_too(browser: Browser, database: Database) -> None:
    browser.come_in(hire(database), "/desk/confirm")
    statuses = [browser.submit("/desk/confirm", password="wrong").status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]
