"""`jawab staff`: accounts from the command line, for the first of them and for when nobody else can help."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.accounts import service
from bot.accounts.links import LIFETIME, link_url
from bot.accounts.permissions import Role
from bot.accounts.schemas import StaffView
from bot.db.session import Database
from bot.ops.embedded import tables_at_hand
from bot.settings import Settings, load_settings

COLUMNS = ("e-mail", "name", "role", "password", "second step", "active", "last seen (UTC)")
HOURS = int(LIFETIME.total_seconds() // 3600)


@contextmanager
def staff_room() -> Iterator["StaffRoom"]:
    """All that can be done to accounts, for one command."""
    settings = load_settings()
    with tables_at_hand(settings) as database:
        yield StaffRoom(settings, database, Console())


class StaffRoom:
    """What an operator does to accounts; each raises AccountError when it cannot be done."""

    def __init__(self, settings: Settings, database: Database, console: Console) -> None:
        self._settings, self._database, self._console = settings, database, console

    def create(self, email: str, name: str, role: str, language: str) -> None:
        """Make an account and hand out its link."""
        with self._database.transaction() as session:
            staff_id = service.create_staff(
                session, by=None, email=email, name=name, role=Role(role), language=language
            )
            key = service.send_link(session, by=None, staff_id=staff_id)
        self._hand_out(f"✓ {email} is a new {role}.", key)

    def show(self) -> None:
        """Show all accounts."""
        with self._database.transaction() as session:
            people = service.list_staff(session)
        if not people:
            self._say("No accounts yet. Make the first admin's with: jawab staff link")
            return
        table = Table()
        for column in COLUMNS:
            table.add_column(column, overflow="fold")
        for one in people:
            table.add_row(*map(Text, _cells(one)))
        self._console.print(table)

    def disable(self, email: str) -> None:
        """Shut somebody out."""
        with self._database.transaction() as session:
            found = service.get_staff_by_email(session, email)
            service.set_active(session, by=None, staff_id=found.id, is_active=False)
        self._say(f"✓ {found.email} is disabled, and signed out everywhere.")

    def reset_password(self, email: str, *, without_second_step: bool) -> None:
        """Sign somebody out everywhere and hand out a link for a new password."""
        with self._database.transaction() as session:
            found = service.get_staff_by_email(session, email)
            service.end_sessions(session, by=None, staff_id=found.id)
            if without_second_step:
                service.remove_second_step(session, by=None, staff_id=found.id)
            key = service.send_link(session, by=None, staff_id=found.id)
        self._hand_out(f"✓ {found.email} is signed out everywhere.", key)

    def first_link(self) -> None:
        """Hand out the link for the first admin."""
        with self._database.transaction() as session:
            key = service.first_admin_link(session) if service.needs_first_admin(session) else None
        if key is None:
            self._say("There is an admin already, who lets others in at /desk/staff.")
        else:
            self._hand_out("Whoever opens this becomes the first admin:", key)

    def _hand_out(self, words: str, key: str) -> None:
        self._say(words)
        self._say(f"{link_url(self._settings, key)}")
        self._say(f"The link works once, within {HOURS} hours. Hand it over where nobody else reads it.")

    def _say(self, words: str) -> None:
        self._console.print(Text(words), soft_wrap=True)


def invitation(settings: Settings) -> str | None:
    """How to make the first account, with a fresh link; None once there is an admin, who lets others in."""
    database = Database(settings.database_url, pool_size=1)
    try:
        with database.transaction() as session:
            key = service.first_admin_link(session) if service.needs_first_admin(session) else None
    finally:
        database.dispose()
    if key is None:
        return None
    return f"Nobody can use the desk yet. Make the first account here, within {HOURS} hours:\n{link_url(settings, key)}"


def _cells(one: StaffView) -> tuple[str, ...]:
    seen = one.last_seen_at.strftime("%Y-%m-%d %H:%M") if one.last_seen_at else "–"
    marks = ("✓" if mark else "–" for mark in (one.has_password, one.has_second_step, one.is_active))
    return (one.email, one.name, one.role.value, *marks, seen)
