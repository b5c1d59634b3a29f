"""The queue: which conversations there are, and what to do first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints

from bot.accounts.permissions import Permission
from bot.cases.access import scope_of
from bot.cases.search import search
from bot.desk.inbox import Asked, load_queue
from bot.desk.pages import render
from bot.desk.security import HOME, Viewer, requires

INBOX = f"{HOME}/inbox"

routes = APIRouter(prefix=INBOX)
Agent = Annotated[Viewer, requires(Permission.TAKE_CASES)]
Watcher = Annotated[Viewer, requires(Permission.TAKE_CASES, is_background=True)]
AskedFor = Annotated[Asked, Query()]
Words = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


@routes.get("")
def inbox(request: Request, viewer: Agent, asked: AskedFor) -> Response:
    """The queue, and no case opened."""
    with request.app.state.services.database.transaction() as session:
        queue = load_queue(session, viewer, asked)
    return render(request, viewer, "inbox/page.html", {"queue": queue, "opened": None})


@routes.get("/queue")
def queue(request: Request, viewer: Watcher, asked: AskedFor) -> Response:
    """The queue alone, as pages fetch it anew when something has happened."""
    with request.app.state.services.database.transaction() as session:
        found = load_queue(session, viewer, asked)
    return render(request, viewer, "inbox/queue.html", {"queue": found, "opened": None})


@routes.get("/search")
def find(request: Request, viewer: Agent, words: Words = "") -> Response:
    """Conversations by words that were said in them, whatever their spelling."""
    with request.app.state.services.database.transaction() as session:
        hits = search(session, words, team_ids=scope_of(session, viewer.staff_id, viewer.role)) if words else []
    return render(request, viewer, "inbox/search.html", {"words": words, "hits": hits})
