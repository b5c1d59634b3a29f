"""My account: password, language, looks, sessions."""

import uuid
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response

from bot.accounts import own
from bot.accounts.service import end_sessions, get_staff
from bot.accounts.sessions import end, list_sessions
from bot.accounts.states import AccountError, Switch
from bot.desk.pages import redirect, render, safe_next
from bot.desk.security import HOME, Viewer, adopt, browser_of
from bot.desk.views.door import Given, Present, status_of
from bot.desk.words import LANGUAGES

ACCOUNT = f"{HOME}/account"

routes = APIRouter(prefix=ACCOUNT)
Switches = Annotated[list[Switch], Form()]


@routes.get("")
def account(request: Request, viewer: Present) -> Response:
    """Everything of one's own."""
    return _page(request, viewer, {})


@routes.post("/password")
def change_password(request: Request, viewer: Present, old: Given = "", new: Given = "") -> Response:
    """From the old password to a new one; all other sessions end."""
    state = request.app.state
    who = {"staff_id": viewer.staff_id, "session_id": viewer.session_id}
    try:
        key = state.accounts.change_password(
            state.services.database, **who, passwords=(old, new), browser=browser_of(request)
        )
    except AccountError as error:
        return _page(request, viewer, {"fault": error.fault})
    adopt(request, key)
    return redirect(request, ACCOUNT, "password_changed")


@routes.post("/language")
def set_language(request: Request, viewer: Present, language: Given = "") -> Response:
    """The desk in another language, on the page where one is."""
    if language in LANGUAGES:
        with request.app.state.services.database.transaction() as session:
            own.set_language(session, staff_id=viewer.staff_id, language=language)
    return redirect(request, _back(request))


@routes.post("/theme")
def set_theme(request: Request, viewer: Present, theme: Annotated[str, Form(max_length=8)] = "") -> Response:
    """Light, dark, or as the machine has it."""
    if theme in own.THEMES:
        with request.app.state.services.database.transaction() as session:
            own.set_theme(session, staff_id=viewer.staff_id, theme=theme)
    return redirect(request, _back(request))


@routes.post("/switches")
def set_switches(request: Request, viewer: Present, on: Switches = []) -> Response:  # noqa: B006
    """Shortcuts, sound and notices: those that are ticked."""
    with request.app.state.services.database.transaction() as session:
        own.set_switches(session, staff_id=viewer.staff_id, on=set(on))
    return redirect(request, _back(request), "switches_kept")


@routes.post("/sessions/others/end")
def end_others(request: Request, viewer: Present) -> Response:
    """Sign out everywhere else."""
    with request.app.state.services.database.transaction() as session:
        end_sessions(session, by=viewer.staff_id, staff_id=viewer.staff_id, but=viewer.session_id)
    return redirect(request, ACCOUNT, "sessions_ended")


@routes.post("/sessions/{session_id}/end")
def end_one(request: Request, viewer: Present, session_id: uuid.UUID) -> Response:
    """Sign out one browser."""
    with request.app.state.services.database.transaction() as session:
        end(session, staff_id=viewer.staff_id, session_id=session_id)
    return redirect(request, ACCOUNT, "sessions_ended")


def _page(request: Request, viewer: Viewer, context: dict[str, Any]) -> Response:
    with request.app.state.services.database.transaction() as session:
        shared = {
            "own": get_staff(session, viewer.staff_id),
            "sessions": list_sessions(session, staff_id=viewer.staff_id, times=request.app.state.accounts.times),
            "switches": own.read_switches(session, staff_id=viewer.staff_id),
            "fault": None,
        }
    return render(request, viewer, "account/page.html", shared | context, status=status_of(context.get("fault")))


def _back(request: Request) -> str:
    page = urlsplit(request.headers.get("referer", ""))
    return safe_next(f"{page.path}?{page.query}" if page.query else page.path)
