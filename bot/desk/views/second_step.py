"""The second step: setting an authenticator up, doing without, recovery codes."""

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Request, Response

from bot.accounts import own
from bot.accounts.permissions import Permission
from bot.accounts.states import AccountError
from bot.desk.pages import redirect, render
from bot.desk.security import Viewer, adopt, requires
from bot.desk.views.account import ACCOUNT
from bot.desk.views.door import Given, status_of

routes = APIRouter(prefix=ACCOUNT)
Confirmed = Annotated[Viewer, requires(Permission.SEE_DESK, is_sensitive=True)]


@routes.get("/second-step")
def offer(request: Request, viewer: Confirmed) -> Response:
    """A picture for the authenticator."""
    return _offer(request, viewer, {})


@routes.post("/second-step")
def accept(request: Request, viewer: Confirmed, code: Given = "") -> Response:
    """Its first code; then the recovery codes, this once."""
    state = request.app.state
    who = {"staff_id": viewer.staff_id, "session_id": viewer.session_id}
    try:
        with state.services.database.transaction() as session:
            key, codes = own.accept_second_step(session, state.accounts.vault, **who, code=code)
    except AccountError as error:
        return _offer(request, viewer, {"fault": error.fault})
    adopt(request, key)
    return render(request, viewer, "account/recovery_codes.html", {"codes": codes})


@routes.post("/second-step/remove")
def remove(request: Request, viewer: Confirmed) -> Response:
    """Do without."""
    with request.app.state.services.database.transaction() as session:
        key = own.remove_own_second_step(session, staff_id=viewer.staff_id, session_id=viewer.session_id)
    adopt(request, key)
    return redirect(request, ACCOUNT, "second_step_removed")


@routes.post("/recovery-codes")
def renew_codes(request: Request, viewer: Confirmed) -> Response:
    """New recovery codes, this once."""
    try:
        with request.app.state.services.database.transaction() as session:
            codes = own.renew_recovery_codes(session, staff_id=viewer.staff_id)
    except AccountError:
        return redirect(request, ACCOUNT)
    return render(request, viewer, "account/recovery_codes.html", {"codes": codes})


def _offer(request: Request, viewer: Viewer, context: dict[str, Any]) -> Response:
    who = {"staff_id": viewer.staff_id, "session_id": viewer.session_id}
    with request.app.state.services.database.transaction() as session:
        offered = own.offer_second_step(session, request.app.state.accounts.vault, **who)
    picture = segno.make(offered.url, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    shared = {"offer": offered, "picture": picture, "fault": None}
    return render(request, viewer, "account/second_step.html", shared | context, status=status_of(context.get("fault")))
