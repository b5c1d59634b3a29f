"""Signing in by another service that vouches for staff."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from bot.accounts.openid import OpenId
from bot.accounts.states import AccountError
from bot.desk.errors import MissingError
from bot.desk.pages import safe_next
from bot.desk.security import browser_of, cookie_name, give_cookie, take_cookie
from bot.desk.views.door import LOGIN, AskedNext, MaybeViewer, let_in, show_door

COOKIE, COOKIE_SECONDS = "desk_openid", 600

routes = APIRouter(prefix=f"{LOGIN}/openid")
Returned = Annotated[str, Query(max_length=4000)]


@routes.get("")
def begin(request: Request, _viewer: MaybeViewer, wanted: AskedNext = "") -> Response:
    """To the service."""
    try:
        journey = _service(request).begin(safe_next(wanted))
    except AccountError as error:
        return show_door(request, {"next": safe_next(wanted), "fault": error.fault})
    response = RedirectResponse(journey.url, status_code=303)
    give_cookie(response, request.app.state.settings, journey.sealed, what=COOKIE, seconds=COOKIE_SECONDS)
    return response


@routes.get("/back")
def finish(request: Request, _viewer: MaybeViewer, state: Returned = "", code: Returned = "") -> Response:
    """Back from the service."""
    app = request.app.state
    sealed = request.cookies.get(cookie_name(app.settings, COOKIE), "")
    try:
        person = _service(request).finish(sealed, state, code)
        opened = app.accounts.vouch(app.services.database, person.subject, person.email, browser_of(request))
        response = let_in(request, opened, person.wanted)
    except AccountError as error:
        response = show_door(request, {"next": safe_next(""), "fault": error.fault})
    take_cookie(response, app.settings, what=COOKIE)
    return response


def _service(request: Request) -> OpenId:
    """The service of the settings; raises MissingError when they name none."""
    found: OpenId | None = request.app.state.openid
    if found is None:
        raise MissingError
    return found
