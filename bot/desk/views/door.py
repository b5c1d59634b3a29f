"""In and out: password, second step, the password once more, signing out."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from bot.accounts.permissions import Permission
from bot.accounts.schemas import Opened, Presence
from bot.accounts.sessions import end
from bot.accounts.states import AccountError, Fault, Stage
from bot.desk.pages import redirect, render, safe_next
from bot.desk.security import (
    HOME,
    Viewer,
    adopt,
    anyone,
    browser_of,
    halfway,
    requires,
    take_cookie,
)

LOGIN, CODE = f"{HOME}/login", f"{HOME}/login/code"

routes = APIRouter(prefix=HOME)
Given = Annotated[str, Form(max_length=500)]
Next = Annotated[str, Form(alias="next", max_length=2000)]
AskedNext = Annotated[str, Query(alias="next", max_length=2000)]
MaybeViewer = Annotated[Viewer | None, anyone()]
Owing = Annotated[Presence, halfway()]
Present = Annotated[Viewer, requires(Permission.SEE_DESK)]


@routes.get("/login")
def login(request: Request, viewer: MaybeViewer, wanted: AskedNext = "") -> Response:
    """The door."""
    if viewer:
        return redirect(request, safe_next(wanted))
    return show_door(request, {"next": safe_next(wanted)})


@routes.post("/login")
def sign_in(
    request: Request, viewer: MaybeViewer, email: Given = "", password: Given = "", wanted: Next = ""
) -> Response:
    """The first step; whoever was signed in with this browser is no more."""
    state = request.app.state
    try:
        opened = state.accounts.sign_in(state.services.database, email, password, browser_of(request))
    except AccountError as error:
        return show_door(request, {"next": safe_next(wanted), "email": email, "fault": error.fault})
    if viewer:
        _end(request, viewer)
    return let_in(request, opened, wanted)


@routes.get("/login/code")
def ask_code(request: Request, _owing: Owing, wanted: AskedNext = "") -> Response:
    """The second step."""
    return _step(request, {"next": safe_next(wanted)})


@routes.post("/login/code")
def give_code(request: Request, owing: Owing, code: Given = "", wanted: Next = "") -> Response:
    """A code from an authenticator, or a recovery code."""
    state = request.app.state
    try:
        opened = state.accounts.give_code(state.services.database, owing, code, browser_of(request))
    except AccountError as error:
        return _step(request, {"next": safe_next(wanted), "fault": error.fault})
    return let_in(request, opened, wanted)


@routes.get("/confirm")
def ask_password(request: Request, viewer: Present, wanted: AskedNext = "") -> Response:
    """The password once more."""
    return _confirmation(request, viewer, {"next": safe_next(wanted)})


@routes.post("/confirm")
def confirm(request: Request, viewer: Present, password: Given = "", wanted: Next = "") -> Response:
    """Go on to what wanted the password."""
    state = request.app.state
    who = {"staff_id": viewer.staff_id, "session_id": viewer.session_id}
    try:
        key = state.accounts.confirm(state.services.database, **who, password=password, browser=browser_of(request))
    except AccountError as error:
        return _confirmation(request, viewer, {"next": safe_next(wanted), "fault": error.fault})
    adopt(request, key)
    return redirect(request, safe_next(wanted))


@routes.post("/logout")
def sign_out(request: Request, viewer: Present) -> Response:
    """End the session."""
    _end(request, viewer)
    response = redirect(request, LOGIN, "signed_out")
    take_cookie(response, request.app.state.settings)
    return response


def let_in(request: Request, opened: Opened, wanted: str) -> Response:
    """On to the second step where there is one, else to the page that was wanted; under the session's own key."""
    path = safe_next(wanted)
    if opened.stage is Stage.SECOND_STEP:
        path = f"{CODE}?{urlencode({'next': path})}"
    adopt(request, opened.key)
    return redirect(request, path)


def status_of(fault: Fault | None) -> int:
    """The status of a form that is shown again."""
    if fault is None:
        return 200
    return 429 if fault is Fault.TOO_MANY_ATTEMPTS else 422


def show_door(request: Request, context: dict[str, Any]) -> Response:
    """The form of the first step, perhaps with what was wrong."""
    openid = request.app.state.settings.oidc_name if request.app.state.settings.oidc_issuer else ""
    shared = {"fault": None, "email": "", "openid": openid}
    return render(request, None, "door/login.html", shared | context, status=status_of(context.get("fault")))


def _step(request: Request, context: dict[str, Any]) -> Response:
    shared = {"fault": None}
    return render(request, None, "door/code.html", shared | context, status=status_of(context.get("fault")))


def _confirmation(request: Request, viewer: Viewer, context: dict[str, Any]) -> Response:
    openid = request.app.state.settings.oidc_name if request.app.state.settings.oidc_issuer else ""
    shared = {"fault": None, "openid": openid}
    return render(request, viewer, "door/confirm.html", shared | context, status=status_of(context.get("fault")))


def _end(request: Request, viewer: Viewer) -> None:
    with request.app.state.services.database.transaction() as session:
        end(session, staff_id=viewer.staff_id, session_id=viewer.session_id)
