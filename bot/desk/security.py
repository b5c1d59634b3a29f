"""The door of the desk: who comes in, by which cookie, and what each route asks of them.

A route under /desk takes one of `requires`, `anyone` and `halfway`; a test refuses routes that take none. Forms are
checked for all routes at once (`check_form`), as are headers.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from bot.accounts.permissions import PERMISSIONS, Permission, Role
from bot.accounts.schemas import Browser, Presence
from bot.accounts.sessions import KEY_SHAPE, find_presence, new_key
from bot.accounts.states import Stage
from bot.db.base import utc_now
from bot.desk.errors import ExpiredError, ForbiddenError, SignedOutError, UnconfirmedError
from bot.nlu.text import clean
from bot.settings import Settings

HOME = "/desk"
REPLIES = re.compile(rf"{HOME}/cases/[0-9a-f-]{{36}}/replies")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONFIRMED = dt.timedelta(minutes=10)
SALT_CHARACTERS = 16
TOKEN_FIELD, TOKEN_HEADER = "csrf", "x-csrf-token"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page."""

    staff_id: uuid.UUID
    name: str
    role: Role
    language: str
    session_id: uuid.UUID
    theme: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether their role permits it."""
        return permission in PERMISSIONS[self.role]


@dataclass(frozen=True)
class Requirement:
    """Lets in who is signed in and may do it; others are sent to the door, or told that it is not for them."""

    permission: Permission
    is_sensitive: bool = False
    is_background: bool = False

    def __call__(self, request: Request) -> Viewer:
        """Who looks; raises SignedOutError, ForbiddenError, UnconfirmedError."""
        presence = _presence(request, is_background=self.is_background)
        if presence is None or presence.stage is not Stage.SIGNED_IN:
            raise SignedOutError
        viewer = request.state.viewer = _viewer(presence)
        if not viewer.may(self.permission):
            raise ForbiddenError
        if self.is_sensitive and utc_now() - presence.confirmed_at > CONFIRMED:
            raise UnconfirmedError
        return viewer


@dataclass(frozen=True)
class Anyone:
    """Lets in everybody: the doors themselves."""

    def __call__(self, request: Request) -> Viewer | None:
        """Who looks, if they are signed in."""
        presence = _presence(request)
        if presence is None or presence.stage is not Stage.SIGNED_IN:
            return None
        viewer = request.state.viewer = _viewer(presence)
        return viewer


@dataclass(frozen=True)
class Halfway:
    """Lets in who gave a password and owes a code."""

    def __call__(self, request: Request) -> Presence:
        """Whose session it is; raises SignedOutError."""
        presence = _presence(request)
        if presence is None or presence.stage is not Stage.SECOND_STEP:
            raise SignedOutError
        return presence


def requires(permission: Permission, *, is_sensitive: bool = False, is_background: bool = False) -> Any:
    """The guard of a route, which gives its Viewer: `viewer: Annotated[Viewer, requires(Permission.SEE_DESK)]`.

    What is sensitive wants the password again when it was given some time ago. What a page asks for by itself
    (`is_background`) keeps no session alive.
    """
    return Depends(Requirement(permission, is_sensitive, is_background))


def anyone() -> Any:
    """The guard of the doors themselves: it gives the Viewer, or None."""
    return Depends(Anyone())


def halfway() -> Any:
    """The guard of the second step: it gives the Presence of who took the first."""
    return Depends(Halfway())


def browser_of(request: Request) -> Browser:
    """Where a request came from, fit to be kept and shown."""
    address = request.client.host if request.client else ""
    return Browser(address[:45], clean(request.headers.get("user-agent", ""), 200))


def is_desk(request: Request) -> bool:
    """Whether a request is the desk's to answer."""
    return request.url.path == HOME or request.url.path.startswith(f"{HOME}/")


def is_alive(request: Request) -> bool:
    """Whether the session of a request is not over: a stream that stays open asks from time to time."""
    presence = _presence(request, is_background=True)
    return presence is not None and presence.stage is Stage.SIGNED_IN


def takes_file(request: Request) -> bool:
    """Whether a request may be as large as a file: a reply, of somebody who is signed in."""
    return request.method == "POST" and bool(REPLIES.fullmatch(request.url.path)) and is_alive(request)


def cookie_name(settings: Settings, what: str = "desk") -> str:
    """The prefix keeps our neighbours under the same domain from planting a cookie of theirs; it needs https."""
    return f"{'__Host-' if is_secure(settings) else ''}jawab_{what}"


def is_secure(settings: Settings) -> bool:
    """Whether browsers come by https; only in development they may come without."""
    return settings.is_production or settings.public_url.startswith("https://")


def give_cookie(response: Response, settings: Settings, value: str, *, what: str = "desk", seconds: int = 0) -> None:
    """Set one of the desk's cookies, for as long as the browser is open if not for some seconds."""
    response.set_cookie(
        cookie_name(settings, what),
        value,
        max_age=seconds or None,
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, settings: Settings, *, what: str = "desk") -> None:
    """Take a cookie away."""
    response.delete_cookie(cookie_name(settings, what), secure=is_secure(settings), httponly=True, samesite="lax")


def form_token(request: Request) -> str:
    """What our forms show: bound to the cookie, and written differently each time."""
    salt = secrets.token_urlsafe(SALT_CHARACTERS)[:SALT_CHARACTERS]
    return salt + _seal(request, salt)


def shown_key(request: Request) -> str:
    """The key that the browser will show next: the one it was given just now, else the one in its cookie."""
    shown: str = getattr(request.state, "new_key", "") or request.cookies.get(
        cookie_name(request.app.state.settings), ""
    )
    if not KEY_SHAPE.fullmatch(shown):
        shown = new_key()
        adopt(request, shown)
    return shown


def adopt(request: Request, key: str) -> None:
    """Have the answer give the browser another key; `bot.desk.pages` does so."""
    request.state.new_key = key


async def check_form(request: Request) -> None:
    """Let no change through that our own pages did not ask for; raises ForbiddenError, ExpiredError."""
    if request.method in SAFE_METHODS:
        return
    if not _is_ours(request):
        raise ForbiddenError
    token = request.headers.get(TOKEN_HEADER) or (await request.form()).get(TOKEN_FIELD)
    if not isinstance(token, str) or not _is_token(request, token):
        raise ExpiredError


def _is_token(request: Request, token: str) -> bool:
    salt, seal = token[:SALT_CHARACTERS], token[SALT_CHARACTERS:]
    return hmac.compare_digest(seal.encode(), _seal(request, salt).encode())


def _seal(request: Request, salt: str) -> str:
    key = request.app.state.settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"desk form\0{salt}{shown_key(request)}".encode(), hashlib.sha256).hexdigest()


def _is_ours(request: Request) -> bool:
    """Whether the page that sent it is of our own origin; browsers always tell with what changes something."""
    told = request.headers.get("origin") or request.headers.get("referer", "")
    ours = urlsplit(request.app.state.settings.public_url)
    origin = urlsplit(told)
    # A proxy may end TLS in front of us: of the address that was asked for, only the host is sure.
    return bool(origin.netloc) and (origin[:2] == ours[:2] or origin.netloc == request.headers.get("host"))


def _presence(request: Request, *, is_background: bool = False) -> Presence | None:
    key = request.cookies.get(cookie_name(request.app.state.settings), "")
    with request.app.state.services.database.transaction() as session:
        return find_presence(session, key, request.app.state.accounts.times, is_background=is_background)


def _viewer(presence: Presence) -> Viewer:
    return Viewer(
        presence.staff_id, presence.name, presence.role, presence.language, presence.session_id, presence.theme
    )
