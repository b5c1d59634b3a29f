"""Every address of the desk against every role: none without a rule, none that lets in more than its rule says."""

from typing import Any

import pytest
from fastapi import FastAPI

from bot.accounts.permissions import PERMISSIONS, Permission, Role
from bot.accounts.states import Stage
from bot.db.session import Database
from bot.desk.security import Anyone, Halfway, Requirement
from tests.desk.matrix import filled, guards_of, may_open, routes_of, tables, written
from tests.desk.people import ORIGIN, TOKEN, Browser, hire, open_for


def ask(browser: Browser, method: str, path: str) -> Any:
    """Call an address with a right token."""
    found = TOKEN.search(browser.page)
    headers = {"Origin": ORIGIN, "X-CSRF-Token": found.group(1) if found else ""}
    return browser.request(method, filled(path), headers=headers)


def test_every_address_has_one_rule(web: FastAPI) -> None:
    found = {(route.path, *route.methods): guards_of(route) for route in routes_of(web)}
    assert len(found) > 20
    assert [key for key, guards in found.items() if len(guards) != 1] == []


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_its_permissions_say(
    role: Role, browser: Browser, database: Database, web: FastAPI
) -> None:
    hire(database, Role.ADMIN)
    member = hire(database, role)
    for route in routes_of(web):
        (guard,) = guards_of(route)
        for method in route.methods - {"HEAD"}:
            # One of these acts ends the session.
            status = ask(browser.come_in(member), method, route.path).status_code
            if isinstance(guard, Halfway):
                assert status == 303, route.path
            else:
                assert (status != 403) == may_open(guard, role), (route.path, status)
                assert status < 500, (route.path, method, status)


def test_outside_and_halfway_nothing_opens_but_the_doors(browser: Browser, database: Database, web: FastAPI) -> None:
    halfway = open_for(web, database, hire(database, Role.ADMIN), Stage.SECOND_STEP)
    guarded = [route for route in routes_of(web) if isinstance(guards_of(route)[0], Requirement)]
    for key in (None, halfway):
        if key:
            browser.take(key)
        browser.see("/desk/login")
        for route in guarded:
            for method in route.methods - {"HEAD"}:
                response = ask(browser, method, route.path)
                assert (response.status_code, response.headers["location"][:12]) == (303, "/desk/login?"), route.path


def test_the_doors_are_open(web: FastAPI) -> None:
    open_to_all = {route.path for route in routes_of(web) if isinstance(guards_of(route)[0], Anyone)}
    assert open_to_all == {"/desk/login", "/desk/login/openid", "/desk/login/openid/back", "/desk/link/{key}"}


def test_every_role_sees_the_desk_and_only_admins_let_others_in() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert all(Permission.SEE_DESK in granted for granted in PERMISSIONS.values())
    assert [role for role in Role if Permission.MANAGE_STAFF in PERMISSIONS[role]] == [Role.ADMIN]


def test_the_document_tells_the_truth(web: FastAPI) -> None:
    assert written() == tables(web), "write it anew: python -m tests.desk.matrix"
