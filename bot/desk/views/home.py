"""The first page."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from bot.accounts.permissions import Permission
from bot.accounts.service import get_staff
from bot.desk.pages import render
from bot.desk.security import HOME, Viewer, requires

routes = APIRouter()


@routes.get(HOME)
def home(request: Request, viewer: Annotated[Viewer, requires(Permission.SEE_DESK)]) -> Response:
    """Where everybody comes in."""
    with request.app.state.services.database.transaction() as session:
        own = get_staff(session, viewer.staff_id)
    return render(request, viewer, "home.html", {"own": own})
