"""Teams: how they stand, what they are there for, who is in them, when they answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from bot.accounts.permissions import Permission
from bot.cases import team_setup
from bot.cases.errors import Wrong, WrongError
from bot.cases.service import promise_of
from bot.cases.teams import get_team
from bot.db.base import utc_now
from bot.desk.errors import MissingError
from bot.desk.pages import redirect, render
from bot.desk.security import HOME, Viewer, requires
from bot.desk.setup import VARIETIES, Form, Typed, name_of, show_form
from bot.desk.team_form import TeamForm, form_of, load_choices, read_form
from bot.desk.team_hours import DAYS, in_words, season_words
from bot.jobs.wording import tell_promise
from bot.nlu.languages import Language

TEAMS = f"{HOME}/teams"

routes = APIRouter(prefix=TEAMS)
Leader = Annotated[Viewer, requires(Permission.MANAGE_TEAMS)]
TeamId = Annotated[str, Path(max_length=64)]


@routes.get("")
def everything(request: Request, viewer: Leader) -> Response:
    """All teams as they stand now."""
    with request.app.state.services.database.transaction() as session:
        rows = team_setup.list_rows(session, utc_now())
    context = {"rows": rows, "in_words": in_words, "season_words": season_words}
    return render(request, viewer, "teams/list.html", context)


@routes.get("/new")
def new(request: Request, viewer: Leader) -> Response:
    """The form for a new team."""
    return _form(request, viewer, None, TeamForm())


@routes.post("/new")
def create(request: Request, viewer: Leader, typed: Typed) -> Response:
    """One more team."""
    return _save(request, viewer, None, typed)


@routes.get("/{team_id}")
def one(request: Request, viewer: Leader, team_id: TeamId) -> Response:
    """A team to change."""
    return _kept(request, viewer, team_id)


@routes.post("/{team_id}")
def change(request: Request, viewer: Leader, team_id: TeamId, typed: Typed) -> Response:
    """Another set-up."""
    return _save(request, viewer, team_id, typed)


@routes.post("/{team_id}/off")
def switch_off(request: Request, viewer: Leader, team_id: TeamId) -> Response:
    """Have a team get no cases any more."""
    return _switch(request, viewer, team_id, is_active=False)


@routes.post("/{team_id}/on")
def switch_on(request: Request, viewer: Leader, team_id: TeamId) -> Response:
    """Have a team get cases again."""
    return _switch(request, viewer, team_id, is_active=True)


def _switch(request: Request, viewer: Viewer, team_id: str, *, is_active: bool) -> Response:
    try:
        with request.app.state.services.database.transaction() as session:
            team_setup.switch(session, team_id, is_active=is_active, by=viewer.staff_id)
            names = get_team(session, team_id).names
    except LookupError as error:
        raise MissingError from error
    except WrongError as error:
        return _kept(request, viewer, team_id, error.wrongs)
    said = "team_on" if is_active else "team_off"
    return redirect(request, TEAMS, said, name=name_of(names, viewer.language))


def _save(request: Request, viewer: Viewer, team_id: str | None, typed: Form) -> Response:
    given = read_form(typed)
    if typed.has("more") or typed.has("drop"):
        return _form(request, viewer, team_id, given)
    wrongs = given.week.wrongs()
    values = given.values()
    try:
        with request.app.state.services.database.transaction() as session:
            if wrongs:
                known = get_team(session, team_id) if team_id else None
                raise WrongError(*team_setup.find_wrongs(values | {"hours": {}}, known), *wrongs)
            team_setup.save(session, team_id, values, given.ordered(), by=viewer.staff_id)
    except WrongError as error:
        return _form(request, viewer, team_id, given, error.wrongs)
    except LookupError as error:
        raise MissingError from error
    return redirect(request, TEAMS, "team_saved", name=name_of(values["names"], viewer.language))


def _kept(request: Request, viewer: Viewer, team_id: str, wrongs: tuple[Wrong, ...] = ()) -> Response:
    """A team as it is."""
    try:
        with request.app.state.services.database.transaction() as session:
            given = form_of(get_team(session, team_id), team_setup.list_member_ids(session, team_id))
    except LookupError as error:
        raise MissingError from error
    return _form(request, viewer, team_id, given, wrongs)


def _form(
    request: Request, viewer: Viewer, team_id: str | None, given: TeamForm, wrongs: tuple[Wrong, ...] = ()
) -> Response:
    context: dict[str, Any] = {"team_id": team_id, "given": given, "days": DAYS, "varieties": VARIETIES}
    try:
        with request.app.state.services.database.transaction() as session:
            context["choices"] = load_choices(session, given, viewer.language)
            team = get_team(session, team_id) if team_id else None
            promise = promise_of(session, team, utc_now()) if team else None
    except LookupError as error:
        raise MissingError from error
    language = Language(viewer.language)
    context["promised"] = tell_promise(promise, request.app.state.services.responses, language).text if promise else ""
    context |= {"team": team, "week": given.week.roomy()}
    return show_form(request, viewer, "teams/edit.html", context, wrongs)
