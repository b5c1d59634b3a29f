"""Pages of errors: plain, in the reader's language, and nothing of the inside."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from bot.desk.errors import DeskError, SignedOutError, UnconfirmedError
from bot.desk.pages import render, wants_part
from bot.desk.security import HEADERS, HOME, SAFE_METHODS

# Those that have words of their own.
KNOWN = frozenset({403, 404, 413, 419, 429, 500, 503})
DOORS = {SignedOutError: f"{HOME}/login", UnconfirmedError: f"{HOME}/confirm"}
FROM_HTMX, TO_HTMX = "hx-request", "HX-Redirect"


async def answer_error(request: Request, error: Exception) -> Response:
    """Show the door to who is outside, and an error to who may not."""
    assert isinstance(error, DeskError)
    door = DOORS.get(type(error))
    if door is None:
        return error_page(request, error.status)
    path = f"{door}?next={quote(_wanted(request))}"
    if FROM_HTMX in request.headers:
        return Response(status_code=error.status, headers={TO_HTMX: path})
    return RedirectResponse(path, status_code=303)


def error_page(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """What went wrong and what to do; only a line where htmx asked for a part of a page."""
    template = "errors/line.html" if wants_part(request) else "errors/page.html"
    word = f"error_{status}" if status in KNOWN else "error_other"
    viewer = getattr(request.state, "viewer", None)
    response = render(request, viewer, template, {"status": status, "word": word}, status=status)
    for name, value in [*HEADERS.items(), *(headers or {}).items()]:
        response.headers.setdefault(name, value)
    return response


def _wanted(request: Request) -> str:
    """The page to come back to: the one asked for, or the one whose form was sent."""
    asked = request.url
    if request.method in SAFE_METHODS and FROM_HTMX not in request.headers:
        return f"{asked.path}?{asked.query}" if asked.query else asked.path
    page = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer", ""))
    return f"{page.path}?{page.query}" if page.query else page.path
