"""What staff marked: wrong answers of the bot's to be put right, and replies that should become entries."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query, Request, Response
from sqlalchemy.orm import Session

from bot.accounts.permissions import Permission
from bot.cases.access import list_seen, scope_of
from bot.catalogue.faq import list_questions, list_service_names
from bot.catalogue.names import list_names
from bot.desk.errors import DeskError, MissingError
from bot.desk.pages import redirect, render
from bot.desk.security import HOME, Viewer, requires
from bot.desk.suggestions import FAQ, SERVICES
from bot.desk.views.composer import suggestions_of
from bot.reviews import service
from bot.reviews.schemas import Correction, ReviewLine
from bot.reviews.states import ACTS, Kind, Verdict

REVIEWS = f"{HOME}/reviews"
LARGEST_ID = 2**62
INVALID = 422

routes = APIRouter(prefix=REVIEWS)
Editor = Annotated[Viewer, requires(Permission.EDIT_CATALOGUE)]
Before = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]
ReviewId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Word = Annotated[str, Form(max_length=80)]


@routes.get("")
def marked(
    request: Request, viewer: Editor, kind: Annotated[str, Query(max_length=16)] = "", before: Before = None
) -> Response:
    """Open marks of one kind, page by page."""
    shown = Kind(kind) if kind in set(Kind) else Kind.WRONG_ANSWER
    with request.app.state.services.database.transaction() as session:
        page = service.list_open(session, shown, before=before)
        context = _beside(session, viewer, *page.lines)
        counts = service.count_open(session)
    context |= {"shown": shown, "page": page, "counts": counts, "before": before}
    return render(request, viewer, "reviews/list.html", context)


@routes.get("/{review_id}")
def one(request: Request, viewer: Editor, review_id: ReviewId) -> Response:
    """A mark, and the form that says what would have been right."""
    return _one(request, viewer, review_id)


@routes.post("/{review_id}")
def finish(
    request: Request,
    viewer: Editor,
    review_id: ReviewId,
    verdict: Annotated[Verdict, Form()],
    intent: Word = "",
    entry: Word = "",
) -> Response:
    """Keep what a reviewer says; a wrong answer is put right by an act, an entry, or both."""
    said = _correction(verdict, intent, entry)
    if said == Correction(Verdict.DONE):
        return _one(request, viewer, review_id, is_incomplete=True)
    with request.app.state.services.database.transaction() as session:
        found = _get(session, review_id)
        # A reply is done when its entry is there: the form of the entry closes it.
        is_other_form = found.kind is Kind.NEW_ENTRY and verdict is not Verdict.DROPPED
        if is_other_form or not _is_known(session, said):
            raise DeskError
        is_first = service.finish(session, review_id, said, by=viewer.staff_id)
    return redirect(request, f"{REVIEWS}?kind={found.kind}", "review_done" if is_first else "review_was_done")


def _one(request: Request, viewer: Viewer, review_id: int, *, is_incomplete: bool = False) -> Response:
    with request.app.state.services.database.transaction() as session:
        found = _get(session, review_id)
        context = _beside(session, viewer, found) | {"questions": list_questions(session)}
    near = suggestions_of(request).find(found.question, found.language, service_id=found.service_id)
    shared = {"one": found, "near": near, "acts": ACTS, "is_incomplete": is_incomplete}
    return render(request, viewer, "reviews/one.html", context | shared, status=INVALID if is_incomplete else 200)


def _beside(session: Session, viewer: Viewer, *lines: ReviewLine) -> dict[str, Any]:
    """What stands beside marks: the names of services, and which cases the viewer may open."""
    seen = set()
    if viewer.may(Permission.TAKE_CASES):
        cases = [one.case_id for one in lines if one.case_id]
        seen = list_seen(session, cases, viewer.staff_id, scope_of(session, viewer.staff_id, viewer.role))
    return {"services": list_service_names(session), "seen": seen}


def _correction(verdict: Verdict, intent: str, entry: str) -> Correction:
    """What was chosen; raises DeskError for what our form does not offer."""
    if verdict is not Verdict.DONE:
        return Correction(verdict)
    kind, _, entry_id = entry.partition(":")
    if (intent and intent not in ACTS) or (entry and kind not in (SERVICES, FAQ)):
        raise DeskError
    chosen = {SERVICES: "service_id", FAQ: "faq_id"}
    return Correction(verdict, intent or None, **({chosen[kind]: entry_id} if entry else {}))


def _is_known(session: Session, said: Correction) -> bool:
    """Whether the entries that somebody chose are there."""
    chosen = {(SERVICES, said.service_id), (FAQ, said.faq_id)}
    wanted = [(kind, entry_id) for kind, entry_id in chosen if entry_id]
    return len(list_names(session, wanted)) == len(wanted)


def _get(session: Session, review_id: int) -> ReviewLine:
    try:
        return service.get_review(session, review_id)
    except LookupError as error:
        raise MissingError from error
