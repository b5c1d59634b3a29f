"""The FAQ as editors at the desk read and change it: one entry at a time, and nobody's work is written over."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, func, select, tuple_
from sqlalchemy.orm import Session

from bot.accounts import audit
from bot.accounts.models import Staff
from bot.catalogue import queries
from bot.catalogue.models import FaqRow, ServiceRow
from bot.catalogue.schemas import Faq, Status
from bot.catalogue.service import lock, save_entry
from bot.errors import JawabError
from bot.nlu.languages import Language
from bot.nlu.text import normalise

KIND = "faq"
PAGE = 30
# Where an entry can go from where it is.
MOVES: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.DRAFT: frozenset({Status.PUBLISHED, Status.ARCHIVED}),
        Status.PUBLISHED: frozenset({Status.ARCHIVED}),
        Status.ARCHIVED: frozenset({Status.PUBLISHED, Status.DRAFT}),
    }
)
ACTS = {Status.PUBLISHED: "faq_published", Status.ARCHIVED: "faq_archived", Status.DRAFT: "faq_reopened"}
# Ids made here begin so; what follows is the question, in letters that an id may have, no longer than that.
PREFIX, LONGEST_NAME = "faq", 40
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_PARTED = "~"


@dataclass(frozen=True)
class Kept:
    """An entry as it is kept; `editor` is who changed it last, if that was at the desk."""

    entry: Faq
    revision: int
    updated_at: dt.datetime
    editor: str


@dataclass(frozen=True)
class FaqLine:
    """An entry in a list."""

    id: str
    question: Mapping[str, str]
    status: Status
    updated_at: dt.datetime
    editor: str


@dataclass(frozen=True)
class FaqPage:
    """A page of a list, and where the next one begins."""

    lines: Sequence[FaqLine]
    cursor: str


class EditedError(JawabError):
    """Somebody else saved the entry meanwhile: `kept` is what they made of it."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(f"faq {kept.entry.id} was edited meanwhile")
        self.kept = kept


class NoWayError(JawabError):
    """An entry cannot go from its status to that one."""


def list_faq(session: Session, words: str = "", *, status: str = "", cursor: str = "") -> FaqPage:
    """Entries that have all the words in a question or an answer, in any spelling; those changed last come first.

    Raises ValueError for a cursor that is none.
    """
    query = select(FaqRow, Staff.name).outerjoin(Staff, Staff.id == FaqRow.edited_by)
    if status:
        query = query.where(FaqRow.status == status)
    if cursor:
        query = query.where(tuple_(FaqRow.updated_at, FaqRow.id) < _read_cursor(cursor))
    query = query.order_by(FaqRow.updated_at.desc(), FaqRow.id.desc())
    wanted = normalise(words).split()
    rows = session.execute(query if wanted else query.limit(PAGE + 1))
    found = list(islice(_having(rows, wanted), PAGE + 1))
    lines = [
        FaqLine(row.id, row.question, Status(row.status), row.updated_at, name or "") for row, name in found[:PAGE]
    ]
    has_more = len(found) > PAGE
    return FaqPage(lines, f"{lines[-1].updated_at.isoformat()}{_PARTED}{lines[-1].id}" if has_more else "")


def count_faq(session: Session) -> dict[Status, int]:
    """How many entries there are in each status."""
    query = select(FaqRow.status, func.count()).group_by(FaqRow.status)
    found = dict(session.execute(query).all())
    return {status: found.get(status, 0) for status in Status}


def get_faq(session: Session, entry_id: str) -> Kept:
    """An entry; raises LookupError."""
    return _kept(*_get_row(session, entry_id))


def add_faq(session: Session, entry: Faq, *, by: uuid.UUID) -> str:
    """Keep a new entry, whose id is made of its question; gives the id."""
    lock(session)
    made = entry.model_copy(update={"id": _new_id(session, entry)})
    position = session.scalar(select(func.max(FaqRow.position))) or 0
    save_entry(session, KIND, made, position + 1, by=by)
    queries.raise_version(session)
    action = "faq_created" if made.status is Status.DRAFT else ACTS[made.status]
    _record(session, action, made, by=by, after=_told(made, Faq.model_fields))
    return made.id


def save_faq(session: Session, entry: Faq, *, revision: int, by: uuid.UUID) -> None:
    """Keep an entry that was read at that revision; one that says the same as before stays as it is.

    Raises LookupError, EditedError when somebody was faster, NoWayError.
    """
    lock(session)
    row, editor = _get_row(session, entry.id)
    kept = _kept(row, editor)
    if kept.revision != revision:
        raise EditedError(kept)
    if entry == kept.entry:
        return
    is_moved = entry.status is not kept.entry.status
    if is_moved and entry.status not in MOVES[kept.entry.status]:
        raise NoWayError(f"faq {entry.id} cannot become {entry.status}")
    save_entry(session, KIND, entry, row.position, by=by)
    queries.raise_version(session)
    changed = [name for name in Faq.model_fields if getattr(entry, name) != getattr(kept.entry, name)]
    action = ACTS[entry.status] if is_moved else "faq_saved"
    before = _told(kept.entry, changed) | {"revision": revision}
    _record(session, action, entry, by=by, before=before, after=_told(entry, changed))


def list_service_names(session: Session) -> dict[str, Mapping[str, str]]:
    """What the services are called, by their ids, in the catalogue's order."""
    query = select(ServiceRow.id, ServiceRow.names).order_by(ServiceRow.position, ServiceRow.id)
    return dict(session.execute(query).all())


def list_questions(session: Session) -> dict[str, Mapping[str, str]]:
    """The questions of the published entries, by their ids, in the catalogue's order."""
    query = select(FaqRow.id, FaqRow.question).where(FaqRow.status == Status.PUBLISHED)
    return dict(session.execute(query.order_by(FaqRow.position, FaqRow.id)).all())


def _get_row(session: Session, entry_id: str) -> tuple[FaqRow, str]:
    query = select(FaqRow, Staff.name).outerjoin(Staff, Staff.id == FaqRow.edited_by).where(FaqRow.id == entry_id)
    found = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise LookupError(f"no faq {entry_id}")
    return found[0], found[1] or ""


def _kept(row: FaqRow, editor: str) -> Kept:
    return Kept(queries.to_entry(KIND, row), row.revision, row.updated_at, editor)


def _having(rows: Iterable[Row[FaqRow, str]], wanted: Sequence[str]) -> Iterable[Row[FaqRow, str]]:
    """The rows that have all these words."""
    for found in rows:
        texts = normalise(" ".join([*found[0].question.values(), *found[0].answer.values()])) if wanted else ""
        if all(word in texts for word in wanted):
            yield found


def _read_cursor(cursor: str) -> tuple[dt.datetime, str]:
    moment, _, entry_id = cursor.partition(_PARTED)
    at = dt.datetime.fromisoformat(moment)
    if at.tzinfo is None:
        raise ValueError("a cursor names a moment anywhere on earth")
    return at, entry_id


def _new_id(session: Session, entry: Faq) -> str:
    """An id that nothing else has: of the question in Latin letters, if it is asked in any."""
    question = next((entry.question[one] for one in (Language.ENGLISH, Language.FRENCH) if one in entry.question), "")
    name = _NO_LETTER.sub("_", normalise(question))[:LONGEST_NAME].strip("_")
    made = f"{PREFIX}_{name}" if name else ""
    return made if made and made not in queries.list_ids(session, KIND) else f"{made or PREFIX}_{uuid.uuid4().hex[:8]}"


def _told(entry: Faq, names: Iterable[str]) -> dict[str, Any]:
    return entry.model_dump(mode="json", include=set(names))


def _record(session: Session, action: str, entry: Faq, *, by: uuid.UUID, before: Any = None, after: Any) -> None:
    audit.record(session, staff_id=by, action=action, subject=f"{KIND}:{entry.id}", before=before, after=after)
