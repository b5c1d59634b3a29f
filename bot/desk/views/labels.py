"""The labels that cases are sorted by: adding, naming, colouring, switching off."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from bot.accounts.permissions import Permission
from bot.cases import ready
from bot.cases.canned import list_labels
from bot.cases.checks import COLOURS
from bot.cases.errors import WrongError
from bot.desk.errors import MissingError
from bot.desk.pages import redirect, render
from bot.desk.security import HOME, Viewer, requires
from bot.desk.setup import Form, Typed, name_of, show_form
from bot.desk.words import LANGUAGES

LABELS = f"{HOME}/labels"

routes = APIRouter(prefix=LABELS)
Leader = Annotated[Viewer, requires(Permission.MANAGE_TEAMS)]
LabelId = Annotated[str, Path(max_length=64)]


@routes.get("")
def everything(request: Request, viewer: Leader) -> Response:
    """All labels, those that are switched off last."""
    with request.app.state.services.database.transaction() as session:
        labels = list_labels(session, only_active=False)
    return render(request, viewer, "labels/list.html", {"labels": labels})


@routes.get("/new")
def new(request: Request, viewer: Leader) -> Response:
    """The form for a new label."""
    return _form(request, viewer, None, {"colour": COLOURS[0]})


@routes.post("/new")
def create(request: Request, viewer: Leader, typed: Typed) -> Response:
    """One more label."""
    return _save(request, viewer, None, typed)


@routes.get("/{label_id}")
def one(request: Request, viewer: Leader, label_id: LabelId) -> Response:
    """A label to change."""
    try:
        with request.app.state.services.database.transaction() as session:
            label = ready.get_label(session, label_id)
    except LookupError as error:
        raise MissingError from error
    names = {f"name_{language}": label.names.get(language, "") for language in LANGUAGES}
    return _form(request, viewer, label_id, {**names, "colour": label.colour})


@routes.post("/{label_id}")
def change(request: Request, viewer: Leader, label_id: LabelId, typed: Typed) -> Response:
    """Another name or colour."""
    return _save(request, viewer, label_id, typed)


@routes.post("/{label_id}/off")
def switch_off(request: Request, viewer: Leader, label_id: LabelId) -> Response:
    """Offer a label no more."""
    return _switch(request, viewer, label_id, is_active=False)


@routes.post("/{label_id}/on")
def switch_on(request: Request, viewer: Leader, label_id: LabelId) -> Response:
    """Offer a label again."""
    return _switch(request, viewer, label_id, is_active=True)


def _switch(request: Request, viewer: Viewer, label_id: str, *, is_active: bool) -> Response:
    try:
        with request.app.state.services.database.transaction() as session:
            ready.switch_label(session, label_id, is_active=is_active, by=viewer.staff_id)
            label = ready.get_label(session, label_id)
    except LookupError as error:
        raise MissingError from error
    said = "label_on" if is_active else "label_off"
    return redirect(request, LABELS, said, name=name_of(label.names, viewer.language))


def _save(request: Request, viewer: Viewer, label_id: str | None, typed: Form) -> Response:
    names = {language: typed.text(f"name_{language}") for language in LANGUAGES}
    colour = typed.text("colour")
    try:
        with request.app.state.services.database.transaction() as session:
            ready.save_label(session, label_id, names, colour=colour, by=viewer.staff_id)
    except WrongError as error:
        given = {f"name_{language}": name for language, name in names.items()} | {"colour": colour}
        return _form(request, viewer, label_id, given, error)
    except LookupError as error:
        raise MissingError from error
    return redirect(request, LABELS, "label_saved", name=name_of(names, viewer.language))


def _form(
    request: Request, viewer: Viewer, label_id: str | None, given: Mapping[str, str], error: WrongError | None = None
) -> Response:
    context: dict[str, Any] = {"label_id": label_id, "given": given, "colours": COLOURS}
    return show_form(request, viewer, "labels/edit.html", context, error.wrongs if error else ())
