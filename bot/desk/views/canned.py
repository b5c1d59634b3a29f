"""Replies kept ready: finding, writing, trying out, deleting."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from bot.accounts.permissions import Permission
from bot.cases import ready
from bot.cases.canned import fill, list_every_canned, nearest
from bot.cases.checks import BLANKS, ReadyReply
from bot.cases.errors import WrongError
from bot.cases.teams import list_teams
from bot.desk.errors import MissingError
from bot.desk.pages import redirect, render
from bot.desk.security import HOME, Viewer, requires
from bot.desk.setup import VARIETIES, Form, Typed, name_of, show_form
from bot.desk.views.cases import LARGEST_ID
from bot.desk.words import strings
from bot.nlu.languages import Language

CANNED = f"{HOME}/canned"
SOME_NUMBER = "1a2b3c4d"

routes = APIRouter(prefix=CANNED)
Editor = Annotated[Viewer, requires(Permission.EDIT_CANNED)]
CannedId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Query(max_length=200)]
Teams = Mapping[str, Mapping[str, str]]


@routes.get("")
def everything(request: Request, viewer: Editor, words: Words = "") -> Response:
    """All replies, or those that have these words in any spelling."""
    with request.app.state.services.database.transaction() as session:
        found = list_every_canned(session, words)
    context = {"found": found, "words": words, "teams": _called(_teams(request), viewer), "varieties": VARIETIES}
    return render(request, viewer, "canned/list.html", context)


@routes.get("/new")
def new(request: Request, viewer: Editor) -> Response:
    """The form for a new reply."""
    return _form(request, viewer, None, ReadyReply())


@routes.post("/new")
def create(request: Request, viewer: Editor, typed: Typed) -> Response:
    """One more reply, or what it would look like."""
    return _save(request, viewer, None, typed)


@routes.get("/{canned_id}")
def one(request: Request, viewer: Editor, canned_id: CannedId) -> Response:
    """A reply to change."""
    kept = _get(request, canned_id)
    bodies = {Language(code): body for code, body in kept.bodies.items()}
    given = ReadyReply(kept.shortcut, kept.title, bodies, kept.team_id)
    return _form(request, viewer, canned_id, given, has_previews=True)


@routes.post("/{canned_id}")
def change(request: Request, viewer: Editor, canned_id: CannedId, typed: Typed) -> Response:
    """Another wording, or what it would look like."""
    return _save(request, viewer, canned_id, typed)


@routes.get("/{canned_id}/delete")
def ask_to_delete(request: Request, viewer: Editor, canned_id: CannedId) -> Response:
    """Asked once before a reply goes."""
    return render(request, viewer, "canned/delete.html", {"one": _get(request, canned_id)})


@routes.post("/{canned_id}/delete")
def delete(request: Request, viewer: Editor, canned_id: CannedId) -> Response:
    """Have a reply no more."""
    try:
        with request.app.state.services.database.transaction() as session:
            shortcut = ready.delete_reply(session, canned_id, by=viewer.staff_id)
    except LookupError as error:
        raise MissingError from error
    return redirect(request, CANNED, "canned_deleted", shortcut=shortcut)


def _save(request: Request, viewer: Viewer, canned_id: int | None, typed: Form) -> Response:
    bodies = {language: typed.text(f"bodies.{language.value}") for language in Language}
    shortcut = typed.text("shortcut").lstrip("/").lower()
    given = ReadyReply(shortcut, typed.text("title"), bodies, typed.text("team") or None)
    if typed.text("do") == "preview":
        return _form(request, viewer, canned_id, given, has_previews=True)
    try:
        with request.app.state.services.database.transaction() as session:
            ready.save_reply(session, given, canned_id=canned_id, by=viewer.staff_id)
    except WrongError as error:
        return _form(request, viewer, canned_id, given, error)
    except LookupError as error:
        raise MissingError from error
    return redirect(request, CANNED, "canned_saved", shortcut=given.shortcut)


def _form(
    request: Request,
    viewer: Viewer,
    canned_id: int | None,
    given: ReadyReply,
    error: WrongError | None = None,
    *,
    has_previews: bool = False,
) -> Response:
    teams = _teams(request)
    context: dict[str, Any] = {
        "canned_id": canned_id,
        "given": given,
        "teams": _called(teams, viewer),
        "varieties": VARIETIES,
        "blanks": BLANKS,
        "previews": _previews(viewer, given, teams) if has_previews else {},
    }
    return show_form(request, viewer, "canned/edit.html", context, error.wrongs if error else ())


def _previews(viewer: Viewer, given: ReadyReply, teams: Teams) -> dict[str, str]:
    """What a citizen would read, in each language that has words of its own."""
    names = teams.get(given.team_id or "") or next(iter(teams.values()), {})
    question = strings(viewer.language)["blank_some_question"]
    values = {"agent": viewer.name, "question": question, "number": SOME_NUMBER}
    return {
        language.value: fill({language: body}, language, {**values, "team": nearest(names, language)})
        for language, body in given.bodies.items()
        if body
    }


def _teams(request: Request) -> Teams:
    with request.app.state.services.database.transaction() as session:
        return {one.id: one.names for one in list_teams(session)}


def _called(teams: Teams, viewer: Viewer) -> dict[str, str]:
    return {team_id: name_of(names, viewer.language, team_id) for team_id, names in teams.items()}


def _get(request: Request, canned_id: int) -> Any:
    try:
        with request.app.state.services.database.transaction() as session:
            return ready.get_reply(session, canned_id)
    except LookupError as error:
        raise MissingError from error
