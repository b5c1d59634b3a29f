"""Accounts of staff: who there is, and letting in, changing, shutting out."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from bot.accounts import service
from bot.accounts.links import LIFETIME, link_url
from bot.accounts.permissions import Permission, Role
from bot.accounts.sessions import list_sessions
from bot.accounts.states import AccountError
from bot.cases.team_setup import list_memberships
from bot.desk.errors import MissingError
from bot.desk.pages import redirect, render
from bot.desk.security import HOME, Viewer, requires
from bot.desk.views.door import Given, status_of
from bot.desk.words import LANGUAGES

STAFF = f"{HOME}/staff"

routes = APIRouter(prefix=STAFF)
Manager = Annotated[Viewer, requires(Permission.MANAGE_STAFF)]
SureManager = Annotated[Viewer, requires(Permission.MANAGE_STAFF, is_sensitive=True)]
GivenRole = Annotated[Role, Form()]


@routes.get("")
def everybody(request: Request, viewer: Manager) -> Response:
    """All accounts."""
    with request.app.state.services.database.transaction() as session:
        people = service.list_staff(session)
    return render(request, viewer, "staff/list.html", {"people": people})


@routes.get("/new")
def new(request: Request, viewer: SureManager) -> Response:
    """The form for a new account."""
    return _new(request, viewer, {})


@routes.post("/new")
def create(
    request: Request,
    viewer: SureManager,
    role: GivenRole,
    email: Given = "",
    name: Given = "",
    language: Given = "",
) -> Response:
    """A new account, and the link by which its owner sets a password: shown this once."""
    given = {"email": email, "name": name, "language": language if language in LANGUAGES else LANGUAGES[0]}
    try:
        with request.app.state.services.database.transaction() as session:
            staff_id = service.create_staff(session, by=viewer.staff_id, role=role, **given)
            key = service.send_link(session, by=viewer.staff_id, staff_id=staff_id)
    except AccountError as error:
        return _new(request, viewer, {"fault": error.fault, "given": given | {"role": role}})
    return _link(request, viewer, staff_id, key)


@routes.get("/{staff_id}")
def one(request: Request, viewer: SureManager, staff_id: uuid.UUID) -> Response:
    """An account and what can be done to it."""
    return _person(request, viewer, staff_id, {})


@routes.post("/{staff_id}/role")
def change_role(request: Request, viewer: SureManager, staff_id: uuid.UUID, role: GivenRole) -> Response:
    """Another role."""
    return _act(request, viewer, staff_id, "role_changed", service.change_role, role=role)


@routes.post("/{staff_id}/capacity")
def change_capacity(request: Request, viewer: SureManager, staff_id: uuid.UUID, capacity: Given = "") -> Response:
    """How many conversations at once."""
    wanted = int(capacity) if capacity.isascii() and capacity.isdigit() else -1
    return _act(request, viewer, staff_id, "capacity_changed", service.change_capacity, capacity=wanted)


@routes.post("/{staff_id}/disable")
def disable(request: Request, viewer: SureManager, staff_id: uuid.UUID) -> Response:
    """Shut somebody out at once."""
    return _act(request, viewer, staff_id, "staff_disabled", service.set_active, is_active=False)


@routes.post("/{staff_id}/enable")
def enable(request: Request, viewer: SureManager, staff_id: uuid.UUID) -> Response:
    """Let somebody in again."""
    return _act(request, viewer, staff_id, "staff_enabled", service.set_active, is_active=True)


@routes.post("/{staff_id}/sessions/end")
def end_sessions(request: Request, viewer: SureManager, staff_id: uuid.UUID) -> Response:
    """Sign somebody out everywhere."""
    return _act(request, viewer, staff_id, "sessions_ended", service.end_sessions)


@routes.post("/{staff_id}/second-step/remove")
def remove_second_step(request: Request, viewer: SureManager, staff_id: uuid.UUID) -> Response:
    """For somebody who lost their authenticator and their recovery codes."""
    return _act(request, viewer, staff_id, "second_step_removed", service.remove_second_step)


@routes.post("/{staff_id}/link")
def send_link(request: Request, viewer: SureManager, staff_id: uuid.UUID) -> Response:
    """A link by which somebody sets a password: shown this once."""
    try:
        with request.app.state.services.database.transaction() as session:
            key = service.send_link(session, by=viewer.staff_id, staff_id=staff_id)
    except AccountError as error:
        return _person(request, viewer, staff_id, {"fault": error.fault})
    return _link(request, viewer, staff_id, key)


def _act(request: Request, viewer: Viewer, staff_id: uuid.UUID, said: str, do: Any, **more: Any) -> Response:
    try:
        with request.app.state.services.database.transaction() as session:
            do(session, by=viewer.staff_id, staff_id=staff_id, **more)
    except AccountError as error:
        return _person(request, viewer, staff_id, {"fault": error.fault})
    return redirect(request, f"{STAFF}/{staff_id}", said)


def _person(request: Request, viewer: Viewer, staff_id: uuid.UUID, context: dict[str, Any]) -> Response:
    try:
        with request.app.state.services.database.transaction() as session:
            person = service.get_staff(session, staff_id)
            sessions = list_sessions(session, staff_id=staff_id, times=request.app.state.accounts.times)
            teams = list_memberships(session, staff_id)
    except AccountError as error:
        raise MissingError from error
    shared = {"person": person, "sessions": sessions, "roles": list(Role), "fault": None, "teams": teams}
    return render(request, viewer, "staff/person.html", shared | context, status=status_of(context.get("fault")))


def _new(request: Request, viewer: Viewer, context: dict[str, Any]) -> Response:
    given = {"email": "", "name": "", "language": viewer.language, "role": Role.AGENT}
    shared = {"roles": list(Role), "given": given, "fault": None}
    return render(request, viewer, "staff/new.html", shared | context, status=status_of(context.get("fault")))


def _link(request: Request, viewer: Viewer, staff_id: uuid.UUID, key: str) -> Response:
    with request.app.state.services.database.transaction() as session:
        person = service.get_staff(session, staff_id)
    hours = int(LIFETIME.total_seconds() // 3600)
    context = {"person": person, "url": link_url(request.app.state.settings, key), "hours": hours}
    return render(request, viewer, "staff/link.html", context)
