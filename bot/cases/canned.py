"""Replies kept ready, drafts and labels: what staff have at hand."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.cases.models import Canned, Case, Draft, Label
from bot.cases.moves import tell
from bot.cases.states import Event
from bot.db.base import utc_now
from bot.nlu.languages import FALLBACKS, Language
from bot.nlu.text import normalise

SHORTCUT = re.compile(r"[a-z0-9_-]{1,32}")
_BLANK = re.compile(r"\{([a-z_]+)\}")


def list_canned(session: Session, words: str = "", *, team_id: str | None = None, limit: int = 20) -> Sequence[Canned]:
    """Those that have all the words somewhere, in any spelling; whose shortcut begins so come first."""
    query = select(Canned).where(or_(Canned.team_id.is_(None), Canned.team_id == team_id))
    for word in normalise(words).split():
        query = query.where(Canned.folded.contains(word, autoescape=True))
    found = session.scalars(query.order_by(Canned.shortcut)).all()
    begun = words.strip().lower()
    return sorted(found, key=lambda one: not one.shortcut.startswith(begun))[:limit]


def save_canned(
    session: Session, shortcut: str, *, title: str, bodies: Mapping[Language, str], team_id: str | None = None
) -> Canned:
    """Add or change the one of that shortcut; raises ValueError."""
    if not SHORTCUT.fullmatch(shortcut) or not any(body.strip() for body in bodies.values()):
        raise ValueError("a shortcut of small letters and digits, and words in at least one language are needed")
    kept = session.scalar(select(Canned).where(Canned.shortcut == shortcut)) or Canned(shortcut=shortcut)
    kept.title, kept.team_id = title.strip(), team_id
    kept.bodies = {language.value: body.strip() for language, body in bodies.items() if body.strip()}
    kept.folded = normalise(" ".join([shortcut, title, *kept.bodies.values()]))
    session.add(kept)
    session.flush()
    return kept


def delete_canned(session: Session, canned_id: int) -> None:
    """Have it no more."""
    session.execute(delete(Canned).where(Canned.id == canned_id))


def fill(canned: Canned, language: Language, values: Mapping[str, str]) -> str:
    """The body in the citizen's language, or the nearest that there is; blanks that are not known stay to be seen."""
    languages = (language, *FALLBACKS[language])
    body = next((canned.bodies[one] for one in languages if one in canned.bodies), "")
    return _BLANK.sub(lambda found: values.get(found[1], found[0]), body)


def save_draft(
    session: Session, conversation_id: uuid.UUID, body: str, *, staff_id: uuid.UUID, is_note: bool = False
) -> None:
    """Keep what somebody has begun to write; nothing is no draft."""
    key: dict[str, Any] = {"conversation_id": conversation_id, "staff_id": staff_id, "is_note": is_note}
    if not body.strip():
        session.execute(delete(Draft).filter_by(**key))
        return
    statement = insert(Draft).values(**key, body=body)
    session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={"body": body, "updated_at": utc_now()})
    )


def list_drafts(session: Session, conversation_id: uuid.UUID, *, staff_id: uuid.UUID) -> Sequence[Draft]:
    """What somebody has begun to write in a conversation: a reply, a note, or both."""
    return session.scalars(select(Draft).filter_by(conversation_id=conversation_id, staff_id=staff_id)).all()


def list_labels(session: Session) -> Sequence[Label]:
    """The words that cases are sorted by."""
    return session.scalars(select(Label).where(Label.is_active).order_by(Label.id)).all()


def save_label(session: Session, label_id: str, names: Mapping[str, str], *, colour: str = "azure") -> Label:
    """Add or change a label."""
    label = session.get(Label, label_id) or Label(id=label_id)
    label.names, label.colour, label.is_active = dict(names), colour, True
    session.add(label)
    session.flush()
    return label


def set_labels(session: Session, case: Case, labels: Sequence[str], *, by: uuid.UUID) -> None:
    """Sort a case, which the transaction has locked, by these and no others; those that do not exist are left out."""
    known = set(session.scalars(select(Label.id).where(Label.id.in_(labels))))
    wanted = sorted(known)
    if wanted != list(case.labels):
        case.labels = wanted
        tell(session, case, Event.LABELLED, by=by, details={"labels": wanted})
