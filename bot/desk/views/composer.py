"""What staff write: replies and notes, what they have at hand for them, drafts, second thoughts."""

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from starlette.datastructures import UploadFile

from bot.cases.canned import fill, list_canned, nearest, save_draft
from bot.cases.schemas import CaseRow
from bot.cases.threads import get_card
from bot.conversations.schemas import TemplateUse
from bot.desk.inbox import check_seen_by
from bot.desk.pages import render
from bot.desk.security import Viewer
from bot.desk.suggestions import Suggestions, as_language
from bot.desk.views.cases import CASES, LARGEST_ID
from bot.desk.views.inbox import Agent, AskedFor, Watcher
from bot.desk.views.moves import act
from bot.jobs import handoff
from bot.media.outgoing import LARGEST_BYTES, FileRefusedError, Upload, read_upload

LONGEST = 4000
VALUE = "value_"

routes = APIRouter(prefix=CASES)
Text = Annotated[str, Form(max_length=LONGEST)]
MessageId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
People = Annotated[list[uuid.UUID] | None, Form()]
Words = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Reply:
    """What the form of a reply holds; a template wants values for its places."""

    key: uuid.UUID
    text: str
    template: TemplateUse | None
    given_name: str = ""
    content: bytes | None = None

    def upload(self) -> Upload | None:
        """The file, if there is one; raises FileRefusedError."""
        return None if self.content is None else read_upload(self.given_name, self.content)


async def _reply(
    request: Request,
    key: Annotated[uuid.UUID, Form()],
    text: Text = "",
    template: Annotated[str, Form(max_length=64)] = "",
) -> Reply:
    form = await request.form()
    values = {name.removeprefix(VALUE): str(value) for name, value in form.items() if name.startswith(VALUE)}
    if template:
        return Reply(key, text, TemplateUse(template, values))
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:  # What a form sends where no file was chosen.
        return Reply(key, text, None)
    return Reply(key, text, None, file.filename, await file.read(LARGEST_BYTES + 1))


@routes.post("/{case_id}/replies")
def reply(
    request: Request, viewer: Agent, case_id: uuid.UUID, asked: AskedFor, said: Annotated[Reply, Depends(_reply)]
) -> Response:
    """Answer the citizen; the same key is said once."""

    def do() -> None:
        try:
            upload = said.upload()
            handoff.say(
                case_id, said.text, by=viewer.staff_id, key=str(said.key), template=said.template, upload=upload
            )
        except FileRefusedError:
            _keep_draft(request, viewer, case_id, said.text)
            raise

    return act(request, viewer, case_id, asked, do)


@routes.post("/{case_id}/notes")
def note(
    request: Request, viewer: Agent, case_id: uuid.UUID, asked: AskedFor, text: Text = "", mentions: People = None
) -> Response:
    """A note for staff; nobody else ever sees it."""
    do = lambda: handoff.add_note(case_id, text, by=viewer.staff_id, mentions=mentions or ())  # noqa: E731
    return act(request, viewer, case_id, asked, do)


@routes.post("/{case_id}/messages/{message_id}/withdraw")
def withdraw(request: Request, viewer: Agent, case_id: uuid.UUID, message_id: MessageId, asked: AskedFor) -> Response:
    """Take back what one has just said."""
    return act(request, viewer, case_id, asked, lambda: handoff.withdraw(message_id, by=viewer.staff_id))


@routes.post("/{case_id}/messages/{message_id}/retry")
def retry(request: Request, viewer: Agent, case_id: uuid.UUID, message_id: MessageId, asked: AskedFor) -> Response:
    """Send once more what failed."""
    return act(request, viewer, case_id, asked, lambda: handoff.retry(message_id, by=viewer.staff_id))


@routes.post("/{case_id}/draft")
def draft(
    request: Request,
    viewer: Watcher,
    case_id: uuid.UUID,
    text: Text = "",
    note: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """Keep what somebody has begun to write."""
    _keep_draft(request, viewer, case_id, text, is_note=bool(note))
    return Response(status_code=204)


def _keep_draft(request: Request, viewer: Viewer, case_id: uuid.UUID, text: str, *, is_note: bool = False) -> None:
    with request.app.state.services.database.transaction() as session:
        check_seen_by(session, viewer, case_id)
        conversation_id = get_card(session, case_id).row.conversation_id
        save_draft(session, conversation_id, text, staff_id=viewer.staff_id, is_note=is_note)


@routes.get("/{case_id}/canned")
def canned(request: Request, viewer: Watcher, case_id: uuid.UUID, words: Words = "") -> Response:
    """Replies kept ready that have these words, in the citizen's language and filled in."""
    with request.app.state.services.database.transaction() as session:
        check_seen_by(session, viewer, case_id)
        row = get_card(session, case_id).row
        found = list_canned(session, words, team_id=row.team_id, limit=8)
    values = _blanks(row, viewer)
    bodies = [(one, fill(one.bodies, as_language(row.language), values)) for one in found]
    return render(request, viewer, "inbox/canned.html", {"found": bodies})


def _blanks(row: CaseRow, viewer: Viewer) -> dict[str, str]:
    """What the blanks of a reply kept ready stand for."""
    team = nearest(row.team_names, as_language(row.language))
    return {"agent": viewer.name, "team": team, "question": row.question, "number": str(row.id)[:8]}


@routes.get("/{case_id}/suggestions")
def suggestions(request: Request, viewer: Agent, case_id: uuid.UUID, words: Words = "") -> Response:
    """Answers from the catalogue to the case's question, or to other words."""
    with request.app.state.services.database.transaction() as session:
        check_seen_by(session, viewer, case_id)
        row = get_card(session, case_id).row
    service_id = None if words else row.service_id
    found = suggestions_of(request).find(words or row.question, row.language, service_id=service_id)
    return render(request, viewer, "inbox/suggestions.html", {"found": found, "words": words, "case_id": case_id})


def suggestions_of(request: Request) -> Suggestions:
    """Those of this process, made at the first question."""
    state = request.app.state
    if not hasattr(state, "suggestions"):
        state.suggestions = Suggestions(state.services.database, state.settings.root)
    found: Suggestions = state.suggestions
    return found
