"""A conversation with people: its thread, the citizen beside it, their files."""

import uuid
from mimetypes import guess_extension
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from bot.accounts.permissions import Permission
from bot.cases.access import is_said_in
from bot.cases.panel import reveal
from bot.cases.threads import get_card, read_thread
from bot.desk.errors import MissingError
from bot.desk.inbox import check_seen_by, load_queue, open_case, timeline
from bot.desk.pages import render
from bot.desk.security import HOME, Viewer, requires
from bot.desk.views.inbox import Agent, AskedFor, Watcher
from bot.jobs.handoff import mark_seen
from bot.media.service import read

CASES = f"{HOME}/cases"
LARGEST_ID = 2**62
# Whatever a citizen's file is, it runs nothing, belongs to no page of ours, and is not guessed at.
SANDBOX = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

routes = APIRouter(prefix=CASES)
MessageId = Annotated[int, Query(ge=1, le=LARGEST_ID)]
OfMessage = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Revealer = Annotated[Viewer, requires(Permission.REVEAL_ADDRESS)]


@routes.get("/{case_id}")
def case(request: Request, viewer: Agent, case_id: uuid.UUID, asked: AskedFor) -> Response:
    """The thread of a case, with the queue beside it."""
    box = request.app.state.services
    with box.database.transaction() as session:
        opened = open_case(session, box, viewer, case_id)
        queue = load_queue(session, viewer, asked)
    mark_seen(case_id, by=viewer.staff_id)
    context = {"queue": queue, "opened": opened, "lines": timeline(opened.thread)}
    return render(request, viewer, "inbox/page.html", context)


@routes.get("/{case_id}/state")
def state(request: Request, viewer: Watcher, case_id: uuid.UUID, asked: AskedFor) -> Response:
    """The same without the queue, as pages fetch it anew when something has happened."""
    box = request.app.state.services
    with box.database.transaction() as session:
        opened = open_case(session, box, viewer, case_id)
    context = {"opened": opened, "lines": timeline(opened.thread), "asked": asked, "said": ""}
    return render(request, viewer, "inbox/state.html", context)


@routes.get("/{case_id}/earlier")
def earlier(request: Request, viewer: Agent, case_id: uuid.UUID, before: MessageId) -> Response:
    """What was said before a message."""
    box = request.app.state.services
    with box.database.transaction() as session:
        check_seen_by(session, viewer, case_id)
        card = get_card(session, case_id)
        if not is_said_in(session, before, card.row.conversation_id):
            raise MissingError
        thread = read_thread(session, card.row.conversation_id, before_id=before)
    context = {"lines": timeline(thread), "thread": thread, "case_id": case_id, "row": card.row}
    return render(request, viewer, "inbox/earlier.html", context)


@routes.post("/{case_id}/addresses/{address_id}/reveal")
def show_address(request: Request, viewer: Revealer, case_id: uuid.UUID, address_id: uuid.UUID) -> Response:
    """One of the citizen's addresses in clear, shown once; the record says who looked."""
    box = request.app.state.services
    with box.database.transaction() as session:
        opened = open_case(session, box, viewer, case_id)
        if address_id not in {one.id for one in opened.person.addresses}:
            raise MissingError
        value = reveal(session, box.book, address_id, case_id=case_id, by=viewer.staff_id)
    return render(request, viewer, "inbox/revealed.html", {"value": value, "case_id": case_id})


@routes.get("/{case_id}/files/{message_id}")
def file(
    request: Request, viewer: Agent, case_id: uuid.UUID, message_id: Annotated[int, Path(ge=1, le=LARGEST_ID)]
) -> Response:
    """A file that the citizen sent, to be kept and opened outside of the desk."""
    box = request.app.state.services
    with box.database.transaction() as session:
        check_seen_by(session, viewer, case_id)
        conversation_id = get_card(session, case_id).row.conversation_id
        try:
            if not is_said_in(session, message_id, conversation_id):
                raise MissingError
            content, mime_type = read(session, box.folder, message_id)
        except (LookupError, OSError) as error:
            raise MissingError from error
    headers = SANDBOX | {
        "Content-Disposition": f'attachment; filename="file-{message_id}{guess_extension(mime_type) or ""}"'
    }
    return Response(content, media_type=mime_type, headers=headers)
