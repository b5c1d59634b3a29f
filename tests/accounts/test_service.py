"""Somebody can always let others in, also when two admins act at once."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot.accounts import service
from bot.accounts.models import Staff
from bot.accounts.permissions import Role
from bot.accounts.states import AccountError, Fault
from bot.db.session import Database


def make(database: Database, role: Role = Role.ADMIN, email: str = "") -> uuid.UUID:
    """An account."""
    email = email or f"{uuid.uuid4().hex}@example.ma"
    with database.transaction() as session:
        return service.create_staff(session, by=None, email=email, name="Agent 1", role=role, language="fr")


def refused(database: Database, do: str, **arguments: object) -> Fault | None:
    """Why something is refused; None when it is done."""
    try:
        with database.transaction() as session:
            getattr(service, do)(session, **arguments)
    except AccountError as error:
        return error.fault
    return None


def test_the_last_admin_stays(database: Database) -> None:
    admin = make(database)
    make(database, Role.AGENT)
    assert refused(database, "set_active", by=None, staff_id=admin, is_active=False) is Fault.LAST_ADMIN
    assert refused(database, "change_role", by=None, staff_id=admin, role=Role.AUDITOR) is Fault.LAST_ADMIN
    assert refused(database, "change_role", by=None, staff_id=admin, role=Role.ADMIN) is None
    make(database)
    assert refused(database, "set_active", by=None, staff_id=admin, is_active=False) is None


def test_two_admins_who_disable_each_other_at_once_do_not_both_succeed(database: Database) -> None:
    for _ in range(5):
        first, second = make(database), make(database)
        with database.transaction() as session:
            for one in session.scalars(select(Staff).where(Staff.id.not_in([first, second]))):
                one.is_active = False

        def disable(pair: tuple[uuid.UUID, uuid.UUID]) -> Fault | None:
            return refused(database, "set_active", by=pair[0], staff_id=pair[1], is_active=False)

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(disable, [(first, second), (second, first)]))
        assert sorted(outcomes, key=str) == sorted([None, Fault.LAST_ADMIN], key=str)


def test_two_who_make_the_same_account_at_once_make_one(database: Database) -> None:
    def create(email: str) -> Fault | None:
        who = {"by": None, "email": email, "name": "A", "role": Role.AGENT, "language": "ar"}
        return refused(database, "create_staff", **who)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(
            pool.map(create, ["agent@example.ma", "AGENT@example.ma ", "Agent@Example.ma", "agent@example.ma"])
        )
    assert sorted(map(str, outcomes)) == ["None", *["email_taken"] * 3]


@pytest.mark.parametrize(
    ("email", "name", "fault"),
    [
        ("", "A", Fault.EMAIL_INVALID),
        ("a b@example.ma", "A", Fault.EMAIL_INVALID),
        ("<a>@example.ma", "A", Fault.EMAIL_INVALID),
        ("a@example", "A", Fault.EMAIL_INVALID),
        ("a@example.ma", " \x00\n", Fault.NAME_MISSING),
    ],
)
def test_an_account_needs_an_address_and_a_name(database: Database, email: str, name: str, fault: Fault) -> None:
    who = {"by": None, "email": email, "name": name, "role": Role.AGENT, "language": "ar"}
    assert refused(database, "create_staff", **who) is fault


def test_one_link_used_twice_at_once_works_once(database: Database) -> None:
    staff_id = make(database)
    with database.transaction() as session:
        key = service.send_link(session, by=None, staff_id=staff_id)

    def accept(password: str) -> Fault | None:
        given = {"email": "", "name": "", "language": "", "password": password}
        return refused(database, "accept_link", key=key, **given)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(accept, ["seven quiet donkeys wait", "eleven green kettles sing"]))
    assert sorted(map(str, outcomes)) == ["None", "link_invalid"]
