"""Members of staff for tests, and browsers in which they sit."""

import re
import uuid
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import httpx2
import pyotp
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from bot.accounts import own
from bot.accounts.models import AuditEntry, Staff, StaffSession
from bot.accounts.passwords import hash_password
from bot.accounts.permissions import Role
from bot.accounts.schemas import Browser as Whence
from bot.accounts.service import create_staff
from bot.accounts.sessions import open_session
from bot.accounts.states import Stage
from bot.db.session import Database
from bot.desk.security import cookie_name

PASSWORD = "seven quiet donkeys wait"
PASSWORD_HASH = hash_password(PASSWORD)
ORIGIN = "http://testserver"
# What cookie jars call a host without a dot.
DOMAIN = "testserver.local"
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
HALF_MINUTE = 30


@dataclass(frozen=True)
class Member:
    """An account and what its owner knows."""

    id: uuid.UUID
    email: str
    password: str = PASSWORD


def hire(database: Database, role: Role = Role.AGENT, *, name: str = "Agent 1", language: str = "en") -> Member:
    """An account with a password."""
    email = f"{uuid.uuid4().hex[:12]}@example.ma"
    with database.transaction() as session:
        staff_id = create_staff(session, by=None, email=email, name=name, role=role, language=language)
        session.get_one(Staff, staff_id).password_hash = PASSWORD_HASH
    return Member(staff_id, email)


class Browser(TestClient):
    """Follows nothing by itself, and sends the token of the page that it saw last."""

    def __init__(self, app: FastAPI, database: Database, base_url: str = ORIGIN) -> None:
        super().__init__(app, base_url=base_url, follow_redirects=False, raise_server_exceptions=False)
        self.headers["Accept-Language"] = "en"
        self._web, self._database, self._origin = app, database, base_url
        self.page = ""

    def see(self, path: str, status: int = 200) -> str:
        """Open a page."""
        response = self.get(path)
        assert response.status_code == status, (path, response.status_code, response.text[-2000:])
        self.page = response.text
        return self.page

    def submit(self, path: str, *, origin: str | None = None, **fields: Any) -> httpx2.Response:
        """Send a form of the page that was seen last."""
        found = TOKEN.search(self.page)
        form = {"csrf": found.group(1) if found else "", **fields}
        headers = {"Origin": self._origin if origin is None else origin}
        response = self.post(path, data=form, headers={name: value for name, value in headers.items() if value})
        if TOKEN.search(response.text):
            self.page = response.text
        return response

    def sign_in(self, member: Member, *, wanted: str = "/desk") -> httpx2.Response:
        """The first step."""
        self.see("/desk/login")
        return self.submit("/desk/login", email=member.email, password=member.password, next=wanted)

    def come_in(self, member: Member, path: str = "/desk") -> "Browser":
        """Be signed in without going through the door, and open a page."""
        self.take(open_for(self._web, self._database, member, Stage.SIGNED_IN))
        self.see(path)
        return self

    def take(self, key: str) -> None:
        """Have a session's key for a cookie."""
        self.cookies.clear()
        self.cookies.set(cookie_name(self._web.state.settings), key, domain=DOMAIN, path="/")

    @property
    def key(self) -> str | None:
        """The key in the cookie."""
        return self.cookies.get(cookie_name(self._web.state.settings))


def open_for(app: FastAPI, database: Database, member: Member, stage: Stage) -> str:
    """The key of a new session of somebody's."""
    with database.transaction() as session:
        return open_session(session, member.id, stage, Whence("127.0.0.1", "tests"), app.state.accounts.times).key


def add_second_step(app: FastAPI, database: Database, member: Member) -> tuple[pyotp.TOTP, list[str]]:
    """Give somebody an authenticator; gives it, and the recovery codes."""
    open_for(app, database, member, Stage.SIGNED_IN)
    vault = app.state.accounts.vault
    with database.transaction() as session:
        session_id = session.scalars(select(StaffSession.id).where(StaffSession.staff_id == member.id)).one()
        who = {"staff_id": member.id, "session_id": session_id}
        totp = pyotp.TOTP(own.offer_second_step(session, vault, **who).secret)
        _, codes = own.accept_second_step(session, vault, **who, code=totp.now())
        # The code that made it is used up; tests do not wait for the next one.
        session.execute(update(Staff).where(Staff.id == member.id).values(totp_last_step=0))
    return totp, codes


def age_sessions(database: Database, **columns: Any) -> None:
    """Make sessions older than they are."""
    with database.transaction() as session:
        session.execute(update(StaffSession).values(**columns))


def acts(database: Database) -> list[str]:
    """What was recorded, the oldest first."""
    with database.transaction() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)))


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.found.append((tag, dict(attrs)))
