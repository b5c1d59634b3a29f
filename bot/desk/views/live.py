"""The stream of a page, and what a page tells by itself."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse

from bot.desk.errors import DeskError
from bot.desk.inbox import check_seen_by, read_cursor
from bot.desk.live import HEARTBEAT_SECONDS, Stream
from bot.desk.presence import Act
from bot.desk.security import HOME, Viewer
from bot.desk.views.inbox import Watcher

STREAM = "text/event-stream"

routes = APIRouter(prefix=HOME)


@routes.get("/events")
async def events(
    request: Request,
    viewer: Watcher,
    accept: Annotated[str, Header()] = "",
    case: uuid.UUID | None = None,
    seen: Annotated[str, Query(max_length=64)] = "",
    last_event_id: Annotated[str, Header(max_length=64)] = "",
) -> Response:
    """What happens from now on, and what happened since the page was made."""
    if STREAM not in accept:
        raise DeskError
    if case is not None:
        await run_in_threadpool(_check, request, viewer, case)
    stream = Stream(request, viewer, case, read_cursor(last_event_id or seen))
    return EventSourceResponse(stream.events(), ping=HEARTBEAT_SECONDS)


def _check(request: Request, viewer: Viewer, case_id: uuid.UUID) -> None:
    with request.app.state.services.database.transaction() as session:
        check_seen_by(session, viewer, case_id)


@routes.post("/cases/{case_id}/typing")
async def typing(request: Request, viewer: Watcher, case_id: uuid.UUID) -> Response:
    """Somebody is writing."""
    await run_in_threadpool(_check, request, viewer, case_id)
    await request.app.state.presence.note(Act.TYPING, case_id, viewer.staff_id, viewer.name)
    return Response(status_code=204)
