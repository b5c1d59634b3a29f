"""One-time links: the first admin's account, and everybody's password."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from bot.accounts.service import accept_link, look_at_link
from bot.accounts.states import AccountError, Fault
from bot.desk.pages import redirect, render
from bot.desk.security import HOME
from bot.desk.views.door import LOGIN, Given, MaybeViewer, status_of
from bot.desk.words import LANGUAGES

routes = APIRouter(prefix=HOME)
Key = Annotated[str, Path(max_length=64)]


@routes.get("/link/{key}")
def open_link(request: Request, _viewer: MaybeViewer, key: Key) -> Response:
    """What the link is for; it works on until its form is sent."""
    return _form(request, key, {})


@routes.post("/link/{key}")
def take_link(
    request: Request,
    _viewer: MaybeViewer,
    key: Key,
    password: Given = "",
    email: Given = "",
    name: Given = "",
    language: Given = "",
) -> Response:
    """Set the password, and use the link up."""
    given = {"email": email, "name": name, "language": language if language in LANGUAGES else LANGUAGES[0]}
    try:
        with request.app.state.services.database.transaction() as session:
            accept_link(session, key, **given, password=password)
    except AccountError as error:
        return _form(request, key, {"fault": error.fault, "given": given})
    return redirect(request, LOGIN, "password_set")


def _form(request: Request, key: str, context: dict[str, Any]) -> Response:
    try:
        with request.app.state.services.database.transaction() as session:
            link = look_at_link(session, key)
    except AccountError:
        return render(request, None, "door/link_invalid.html", status=410)
    shared = {
        "link": link,
        "fault": None,
        "given": {"email": "", "name": "", "language": ""},
        "languages_here": LANGUAGES,
    }
    fault: Fault | None = context.get("fault")
    return render(request, None, "door/link.html", shared | context, status=status_of(fault))
