"""The record of what staff did: to read, to check, to take along."""

import datetime as dt
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from bot.accounts import audit
from bot.accounts.permissions import Permission
from bot.accounts.service import fold_email
from bot.accounts.trail import PAGE, Sought, export_csv, list_entries
from bot.catalogue.calendar import CASABLANCA
from bot.desk.pages import render
from bot.desk.security import HOME, Viewer, requires

routes = APIRouter(prefix=f"{HOME}/audit")
Reader = Annotated[Viewer, requires(Permission.SEE_AUDIT)]
SureReader = Annotated[Viewer, requires(Permission.SEE_AUDIT, is_sensitive=True)]
Text = Annotated[str, StringConstraints(max_length=254, strip_whitespace=True)]


class Filter(BaseModel):
    """What a reader looks for, as it stands in the form."""

    who: Text = ""
    action: Text = ""
    subject: Text = ""
    since: Text = ""
    until: Text = ""

    def sought(self) -> Sought:
        """The same for the record; days are those of people here."""
        until = _day(self.until)
        return Sought(
            who=fold_email(self.who),
            action=self.action,
            subject=self.subject,
            since_at=_day(self.since),
            until_at=until + dt.timedelta(days=1) if until else None,
        )


class Asked(Filter):
    """A filter, and the entry before which the page begins."""

    before: Annotated[int, Field(ge=1, le=2**62)] | None = None


@routes.get("")
def entries(request: Request, viewer: Reader, asked: Annotated[Asked, Query()]) -> Response:
    """A page of the record; the filter stays in the address."""
    with request.app.state.services.database.transaction() as session:
        found = list_entries(session, asked.sought(), before=asked.before)
    given = asked.model_dump(exclude={"before"})
    older = urlencode({**given, "before": found[-1].number}) if len(found) == PAGE else ""
    return render(request, viewer, "audit/page.html", {"entries": found, "given": given, "older": older})


@routes.get("/check")
def check(request: Request, viewer: Reader) -> Response:
    """Whether the chain holds, from its first entry to its last."""
    with request.app.state.services.database.transaction() as session:
        broken = audit.find_break(session)
        newest = list_entries(session, Sought())
    last = newest[0] if newest else None
    return render(request, viewer, "audit/check.html", {"broken": broken, "last": last})


@routes.post("/export")
def export(request: Request, viewer: SureReader, given: Annotated[Filter, Form()]) -> Response:
    """The entries that the filter lets through, as CSV; that they were taken along is an entry too."""
    with request.app.state.services.database.transaction() as session:
        content = "\ufeff" + "".join(export_csv(session, given.sought()))
        told = given.model_dump(exclude_defaults=True)
        audit.record(session, staff_id=viewer.staff_id, action="audit_exported", subject="audit", after=told)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _day(text: str) -> dt.datetime | None:
    """The beginning of a day as people count it; None for what is no day."""
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), CASABLANCA)
    except ValueError:
        return None
