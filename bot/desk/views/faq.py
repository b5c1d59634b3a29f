"""Entries of the FAQ: the list, and the form in which they are written, published and put away."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.orm import Session

from bot.accounts.permissions import Permission
from bot.catalogue import faq as book
from bot.catalogue.faq import EditedError, Kept, NoWayError
from bot.catalogue.schemas import Confidence, Faq, Status
from bot.desk.errors import DeskError, ForbiddenError, MissingError
from bot.desk.faq import NEW_ID, Faults, Typed, check
from bot.desk.pages import redirect, render
from bot.desk.previews import previews
from bot.desk.security import HOME, Viewer, requires
from bot.desk.views.composer import suggestions_of
from bot.nlu.languages import Language
from bot.reviews import service as reviews
from bot.reviews.schemas import Correction, ReviewLine
from bot.reviews.states import Kind, Verdict

FAQ = f"{HOME}/faq"
PREVIEW = "preview"
SAID = {Status.DRAFT: "faq_kept", Status.PUBLISHED: "faq_published", Status.ARCHIVED: "faq_archived"}
OK, INVALID, CONFLICT = 200, 422, 409
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)

routes = APIRouter(prefix=FAQ)
Editor = Annotated[Viewer, requires(Permission.EDIT_CATALOGUE)]
ReviewId = Annotated[int | None, Query(ge=1, le=2**62)]


class Asked(BaseModel):
    """What the address narrows the list to."""

    model_config = ConfigDict(extra="ignore")

    words: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""
    status: Annotated[str, StringConstraints(max_length=16)] = ""
    cursor: Annotated[str, StringConstraints(max_length=128)] = ""

    @property
    def shown(self) -> str:
        """The status that is looked at; all of them for one that is none."""
        return self.status if self.status in set(Status) else ""

    def query(self, **changes: str) -> str:
        """The same as a part of an address, with changes."""
        values = {"words": self.words, "status": self.shown, **changes}
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class Sent:
    """A form as it came: what stands in it, what is to be done, the revision that it was made of, and the mark."""

    typed: Typed
    act: str
    revision: int
    review_id: int | None

    def status(self, before: Status) -> Status:
        """What the entry is to become."""
        return Status(self.act) if self.act in set(Status) else before


@dataclass(frozen=True)
class Sheet:
    """What the page of a form shows: what stands in it, the entry that it makes if it does, and what is wrong.

    `kept` is what is in the catalogue; with `is_late` somebody put it there after the form was made.
    """

    typed: Typed
    services: Mapping[str, Mapping[str, str]]
    shown: Faq | None = None
    faults: Faults = field(default_factory=dict)
    kept: Kept | None = None
    revision: int = 0
    review_id: int | None = None
    is_late: bool = False

    @property
    def http_status(self) -> int:
        """How the answer is marked."""
        if self.is_late:
            return CONFLICT
        return INVALID if self.faults else OK

    @property
    def theirs(self) -> Typed | None:
        """What somebody else made of the entry meanwhile."""
        return Typed.of_entry(self.kept.entry) if self.is_late and self.kept else None

    @property
    def differing(self) -> Mapping[str, str]:
        """Their texts that are not like those typed here, by field."""
        return self.typed.differing(self.theirs) if self.theirs else {}

    @property
    def has_other_facts(self) -> bool:
        """Whether theirs is not like this in what is no text."""
        return self.theirs is not None and self.typed.facts != self.theirs.facts


async def read_form(request: Request) -> Sent:
    """The form of a request."""
    form = await request.form()
    revision, review_id = (str(form.get(name, "")) for name in ("revision", "review"))
    return Sent(Typed.of_form(form), str(form.get("act", "")), _number(revision), _number(review_id) or None)


SentForm = Annotated[Sent, Depends(read_form)]


@routes.get("")
def shelf(request: Request, viewer: Editor, asked: Annotated[Asked, Query()]) -> Response:
    """All entries, page by page."""
    with request.app.state.services.database.transaction() as session:
        try:
            page = book.list_faq(session, asked.words, status=asked.shown, cursor=asked.cursor)
        except ValueError as error:
            raise DeskError from error
        counts = book.count_faq(session)
    return render(request, viewer, "faq/list.html", {"asked": asked, "page": page, "counts": counts})


@routes.get("/new")
def new(request: Request, viewer: Editor, review: ReviewId = None) -> Response:
    """An empty form, or one with the question and the answer of a mark; a mark that became an entry leads there."""
    typed = Typed({})
    with request.app.state.services.database.transaction() as session:
        services = book.list_service_names(session)
        if review is not None:
            found = _mark(session, review)
            if found.right_faq_id:
                return redirect(request, f"{FAQ}/{found.right_faq_id}", "faq_made")
            typed = Typed.of_talk(found.question, found.answer, found.language, found.service_id)
    return _show(request, viewer, Sheet(typed, services, review_id=review))


@routes.post("/new")
def create(request: Request, viewer: Editor, sent: SentForm) -> Response:
    """Keep a new entry, as a draft or published; a mark that it was made of is dealt with."""
    status = sent.status(Status.DRAFT)
    _check_may(viewer, status)
    with request.app.state.services.database.transaction() as session:
        services = book.list_service_names(session)
        faq, faults = check(sent.typed, NEW_ID, status, list(services))
        if faq is None or sent.act == PREVIEW:
            return _show(request, viewer, Sheet(sent.typed, services, faq, faults, review_id=sent.review_id))
        mark = _mark(session, sent.review_id) if sent.review_id is not None else None
        if mark and mark.right_faq_id:
            return redirect(request, f"{FAQ}/{mark.right_faq_id}", "faq_made")
        entry_id = book.add_faq(session, faq, by=viewer.staff_id)
        if mark:
            reviews.finish(session, mark.id, Correction(Verdict.DONE, faq_id=entry_id), by=viewer.staff_id)
    return redirect(request, f"{FAQ}/{entry_id}", SAID[status])


@routes.get("/{entry_id}")
def one(request: Request, viewer: Editor, entry_id: str) -> Response:
    """An entry, to be changed, with how it looks in each channel."""
    with request.app.state.services.database.transaction() as session:
        kept, services = _kept(session, entry_id), book.list_service_names(session)
    sheet = Sheet(Typed.of_entry(kept.entry), services, kept.entry, kept=kept, revision=kept.revision)
    return _show(request, viewer, sheet)


@routes.post("/{entry_id}")
def save(request: Request, viewer: Editor, entry_id: str, sent: SentForm) -> Response:
    """Keep an entry; who comes second is told who was first, and loses nothing."""
    try:
        with request.app.state.services.database.transaction() as session:
            kept, services = _kept(session, entry_id), book.list_service_names(session)
            status = sent.status(kept.entry.status)
            _check_may(viewer, status, kept.entry.status)
            faq, faults = check(sent.typed, entry_id, status, list(services))
            # The next attempt is of the same revision: whoever was faster is still met.
            sheet = Sheet(sent.typed, services, faq, faults, kept=kept, revision=sent.revision)
            if faq is None or sent.act == PREVIEW:
                return _show(request, viewer, sheet)
            book.save_faq(session, faq, revision=sent.revision, by=viewer.staff_id)
    except EditedError as error:
        late = replace(sheet, shown=None, kept=error.kept, revision=error.kept.revision, is_late=True)
        return _show(request, viewer, late)
    except NoWayError as error:
        raise DeskError from error
    return redirect(request, f"{FAQ}/{entry_id}", SAID[status])


def _show(request: Request, viewer: Viewer, sheet: Sheet) -> Response:
    """The page of the form, with the preview of an entry that is in order."""
    kept = sheet.kept
    context = {
        "sheet": sheet,
        "typed": sheet.typed,
        "faults": sheet.faults,
        "kept": kept,
        "moves": book.MOVES[kept.entry.status] if kept else {Status.PUBLISHED},
        "varieties": list(Language),
        "confidences": list(Confidence),
        "previews": previews(sheet.shown, suggestions_of(request).phrases(Language.ARABIC)) if sheet.shown else [],
    }
    return render(request, viewer, "faq/form.html", context, status=sheet.http_status)


def _kept(session: Session, entry_id: str) -> Kept:
    try:
        return book.get_faq(session, entry_id)
    except LookupError as error:
        raise MissingError from error


def _mark(session: Session, review_id: int) -> ReviewLine:
    """A reply that should become an entry."""
    try:
        return reviews.get_review(session, review_id, kind=Kind.NEW_ENTRY)
    except LookupError as error:
        raise MissingError from error


def _check_may(viewer: Viewer, *statuses: Status) -> None:
    """What citizens read, and what they shall read no more, is for those who may publish."""
    if Status.PUBLISHED in statuses and not viewer.may(Permission.PUBLISH):
        raise ForbiddenError


def _number(text: str) -> int:
    """A whole number; 0 for anything else."""
    return int(text) if NUMBER.fullmatch(text) else 0
