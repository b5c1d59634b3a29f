"""`jawab staff`: accounts made, listed, shut out, and given links, from the command line."""

import re

import pytest

from bot.accounts.service import look_at_link
from bot.db.session import Database
from bot.ops import staff
from bot.settings import Settings
from tests.ops.commands import Done
from tests.ops.commands import jawab as run

LINK = re.compile(r"/desk/link/([\w-]{43})\b")


@pytest.fixture
def jawab(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The commands work on this worker's installation."""
    monkeypatch.setattr(staff, "load_settings", lambda: settings)
    return database


def create(*more: str) -> Done:
    """Make an admin."""
    return run("staff", "create", "admin@example.ma", "--name", "Admin 1", "--role", "admin", *more)


def opens(database: Database, output: str) -> str | None:
    """Whose password the link that was printed sets."""
    found = LINK.search(output)
    assert found, output
    with database.transaction() as session:
        link = look_at_link(session, found.group(1))
    return link.staff.email if link.staff else None


def test_an_account_is_made_with_a_link_and_listed(jawab: Database) -> None:
    assert opens(jawab, create().output) == "admin@example.ma"
    listed = run("staff", "list")
    assert "admin@example.ma" in listed.output
    assert "Admin 1" in listed.output


def test_an_address_is_taken_once(jawab: Database) -> None:
    create()
    done = create()
    assert (done.code, "Email taken" in done.output) == (1, True)


def test_the_first_admin_gets_a_link_and_nobody_after(jawab: Database) -> None:
    assert "staff link" in run("staff", "list").output
    assert opens(jawab, run("staff", "link").output) is None
    create()
    done = run("staff", "link")
    assert (done.code, LINK.search(done.output)) == (0, None)


def test_a_lost_password_means_a_new_link(jawab: Database) -> None:
    create()
    done = run("staff", "reset-password", "Admin@example.ma", "--without-second-step")
    assert opens(jawab, done.output) == "admin@example.ma"


def test_somebody_is_shut_out_but_not_the_last_admin(jawab: Database) -> None:
    create()
    assert "Last admin" in run("staff", "disable", "admin@example.ma").output
    run("staff", "create", "agent@example.ma", "--name", "Agent 1")
    assert run("staff", "disable", "agent@example.ma").code == 0
    assert "Nobody" in run("staff", "reset-password", "stranger@example.ma").output


def test_a_start_without_an_admin_tells_how_to_make_one(jawab: Database, settings: Settings) -> None:
    words = staff.invitation(settings)
    assert words
    assert opens(jawab, words) is None
    create()
    assert staff.invitation(settings) is None
