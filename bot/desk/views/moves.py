"""What is done to a case: taken, given, handed on, given back, ended. Everything works without JavaScript too."""

import uuid
from collections.abc import Callable, Collection
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from pydantic import StringConstraints

from bot.accounts.permissions import Permission
from bot.cases import reminders
from bot.cases.errors import NotAwaitedError, NotYoursError, TakenError, TooLateError, UnseenError
from bot.cases.service import Whither
from bot.channels.base import DeliveryError
from bot.conversations.moves import MovedError
from bot.desk.errors import MissingError
from bot.desk.inbox import case_path, check_seen_by
from bot.desk.pages import redirect
from bot.desk.security import HOME, Viewer, requires
from bot.desk.views.cases import CASES, LARGEST_ID, OfMessage
from bot.desk.views.inbox import INBOX, Agent, AskedFor
from bot.errors import JawabError
from bot.jobs import handoff
from bot.media.outgoing import FileRefusedError
from bot.reviews import service as reviews
from bot.reviews.states import Kind

# What the page says where something is not possible now.
SAID = {
    NotYoursError: "not_yours",
    UnseenError: "unseen",
    TooLateError: "too_late",
    NotAwaitedError: "not_awaited",
    MovedError: "case_over",
    DeliveryError: "unreachable",
}

routes = APIRouter(prefix=CASES)
own_routes = APIRouter(prefix=INBOX)
Leader = Annotated[Viewer, requires(Permission.ASSIGN_CASES)]
Blocker = Annotated[Viewer, requires(Permission.BLOCK_CITIZEN)]
Note = Annotated[str, Form(max_length=4000)]
SeenId = Annotated[int | None, Form(ge=0, le=LARGEST_ID)]
Labels = Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Form()]


def act(
    request: Request, viewer: Viewer, case_id: uuid.UUID, asked: Any, do: Callable[[], Any], said: str = ""
) -> Response:
    """Do something to a case that somebody may see, and go on to its page, which says what stood in the way."""
    with request.app.state.services.database.transaction() as session:
        check_seen_by(session, viewer, case_id)
    gaps: dict[str, str] = {}
    try:
        do()
    except TakenError as error:
        said, gaps = ("case_taken", {"name": error.name}) if error.name else ("case_over", {})
    except ValueError:
        said = "words_missing"
    except LookupError as error:
        raise MissingError from error
    except JawabError as error:
        said = _word_of(error)
    return redirect(request, case_path(case_id, asked.query()), said, **gaps)


def _word_of(error: JawabError) -> str:
    """What the page says of an error; others are ours, and go on."""
    if isinstance(error, FileRefusedError):
        return f"file_{error.reason.value}"
    word = next((word for kind, word in SAID.items() if isinstance(error, kind)), None)
    if word is None:
        raise error
    return word


@routes.post("/{case_id}/claim")
def claim(request: Request, viewer: Agent, case_id: uuid.UUID, asked: AskedFor) -> Response:
    """Take a waiting case; who comes second is told who was first."""
    return act(request, viewer, case_id, asked, lambda: handoff.claim(case_id, by=viewer.staff_id))


@routes.post("/{case_id}/assign")
def assign(
    request: Request, viewer: Leader, case_id: uuid.UUID, asked: AskedFor, to: Annotated[uuid.UUID, Form()]
) -> Response:
    """Give a case to somebody."""
    return act(request, viewer, case_id, asked, lambda: handoff.assign(case_id, to=to, by=viewer.staff_id))


@routes.post("/{case_id}/transfer")
def transfer(
    request: Request,
    viewer: Agent,
    case_id: uuid.UUID,
    asked: AskedFor,
    to: Annotated[str, Form(max_length=80)] = "",
    note: Note = "",
) -> Response:
    """Hand a case on to a team or to somebody, with a note that tells why."""
    kind, _, name = to.partition(":")

    def do() -> None:
        staff_id = uuid.UUID(name) if kind == "staff" else None
        whither = Whither(note, team_id=name if kind == "team" else None, staff_id=staff_id)
        may_all = viewer.may(Permission.ASSIGN_CASES)
        handoff.transfer(case_id, whither, by=viewer.staff_id, of_anybody=may_all)

    return act(request, viewer, case_id, asked, do)


@routes.post("/{case_id}/return")
def hand_back(request: Request, viewer: Agent, case_id: uuid.UUID, asked: AskedFor, seen: SeenId = None) -> Response:
    """Give a conversation back to the bot."""
    do = lambda: handoff.hand_back(case_id, by=viewer.staff_id, seen_id=seen)  # noqa: E731
    return act(request, viewer, case_id, asked, do, "returned")


@routes.post("/{case_id}/close")
def close(request: Request, viewer: Agent, case_id: uuid.UUID, asked: AskedFor, seen: SeenId = None) -> Response:
    """End a conversation."""
    do = lambda: handoff.close(case_id, by=viewer.staff_id, seen_id=seen)  # noqa: E731
    return act(request, viewer, case_id, asked, do, "closed")


@routes.post("/{case_id}/block")
def block(request: Request, viewer: Blocker, case_id: uuid.UUID, asked: AskedFor, note: Note = "") -> Response:
    """Answer a citizen no more; the note tells colleagues why."""
    return act(request, viewer, case_id, asked, lambda: handoff.block(case_id, note, by=viewer.staff_id), "blocked")


@routes.post("/{case_id}/unblock")
def unblock(request: Request, viewer: Blocker, case_id: uuid.UUID, asked: AskedFor) -> Response:
    """Answer a citizen again."""
    return act(request, viewer, case_id, asked, lambda: handoff.unblock(case_id, by=viewer.staff_id), "unblocked")


@routes.post("/{case_id}/labels")
def label(
    request: Request,
    viewer: Agent,
    case_id: uuid.UUID,
    asked: AskedFor,
    labels: Labels = [],  # noqa: B006
) -> Response:
    """Sort a case by labels."""
    wanted: Collection[str] = labels
    return act(request, viewer, case_id, asked, lambda: handoff.set_labels(case_id, wanted, by=viewer.staff_id))


@routes.post("/{case_id}/reminders/{deadline_id}/end")
def end_reminder(
    request: Request,
    viewer: Agent,
    case_id: uuid.UUID,
    deadline_id: Annotated[str, Path(max_length=64)],
    asked: AskedFor,
) -> Response:
    """Remind the citizen of a deadline no more, at their wish."""

    def do() -> None:
        with request.app.state.services.database.transaction() as session:
            reminders.end_reminder(session, case_id, deadline_id, by=viewer.staff_id)

    return act(request, viewer, case_id, asked, do, "reminder_ended")


@routes.post("/{case_id}/messages/{message_id}/mark")
def mark(
    request: Request,
    viewer: Agent,
    case_id: uuid.UUID,
    message_id: OfMessage,
    asked: AskedFor,
    kind: Annotated[Kind, Form()],
) -> Response:
    """Mark a wrong answer of the bot's, or a reply that should become an entry: who edits these begins at once."""
    marked: list[int] = []

    def do() -> None:
        with request.app.state.services.database.transaction() as session:
            marked.append(reviews.mark(session, kind, message_id, case_id=case_id, by=viewer.staff_id))

    response = act(request, viewer, case_id, asked, do, "marked")
    if marked and kind is Kind.NEW_ENTRY and viewer.may(Permission.EDIT_CATALOGUE):
        return redirect(request, f"{HOME}/faq/new?review={marked[0]}")
    return response


@own_routes.post("/pause")
def pause(request: Request, viewer: Agent, asked: AskedFor, paused: Annotated[str, Form()] = "") -> Response:
    """Take no new cases for now, or take them again."""
    handoff.set_pause(viewer.staff_id, is_paused=bool(paused))
    return redirect(request, f"{INBOX}?{asked.query()}", "paused" if paused else "unpaused")
