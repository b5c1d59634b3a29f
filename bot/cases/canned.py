"""Replies kept ready, drafts and labels: what staff have at hand."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.cases.checks import SHORTCUT
from bot.cases.models import Canned, Case, Draft, Label
from bot.cases.moves import tell
from bot.cases.shipped import begin_with_labels, begin_with_replies
from bot.cases.states import Event
from bot.db.base import utc_now
from bot.nlu.languages import FALLBACKS, Language
from bot.nlu.text import normalise

BLANK = re.compile(r"\{([a-z_]+)\}")


def list_canned(session: Session, words: str = "", *, team_id: str | None = None, limit: int = 20) -> Sequence[Canned]:
    """Those that have all the words somewhere, in any spelling; whose shortcut begins so come first."""
    found = [one for one in list_every_canned(session, words) if one.team_id in (None, team_id)]
    begun = words.strip().lower()
    return sorted(found, key=lambda one: not one.shortcut.startswith(begun))[:limit]


def list_every_canned(session: Session, words: str = "") -> Sequence[Canned]:
    """The same of all teams; where nothing is kept ready at all, the shipped replies begin to be."""
    query = select(Canned)
    for word in normalise(words).split():
        query = query.where(Canned.folded.contains(word, autoescape=True))
    query = query.order_by(Canned.shortcut)
    found = session.scalars(query).all()
    if not found and begin_with_replies(session):
        found = session.scalars(query).all()
    return found


def save_canned(
    session: Session, shortcut: str, *, title: str, bodies: Mapping[Language, str], team_id: str | None = None
) -> Canned:
    """Add or change the one of that shortcut; raises ValueError."""
    if not SHORTCUT.fullmatch(shortcut) or not any(body.strip() for body in bodies.values()):
        raise ValueError("a shortcut of small letters and digits, and words in at least one language are needed")
    kept = session.scalar(select(Canned).where(Canned.shortcut == shortcut)) or Canned()
    return keep_canned(session, kept, shortcut, title=title, bodies=bodies, team_id=team_id)


def keep_canned(
    session: Session, kept: Canned, shortcut: str, *, title: str, bodies: Mapping[Language, str], team_id: str | None
) -> Canned:
    """Have a reply say this, and be found by it."""
    kept.shortcut, kept.title, kept.team_id = shortcut, title.strip(), team_id
    kept.bodies = {language.value: body.strip() for language, body in bodies.items() if body.strip()}
    kept.folded = normalise(" ".join([shortcut, title, *kept.bodies.values()]))
    session.add(kept)
    session.flush()
    return kept


def fill(bodies: Mapping[str, str], language: Language, values: Mapping[str, str]) -> str:
    """The body in the citizen's language, or the nearest that there is; blanks that are not known stay to be seen."""
    return BLANK.sub(lambda found: values.get(found[1], found[0]), nearest(bodies, language))


def nearest(texts: Mapping[str, str], language: Language) -> str:
    """A text in a variety, or in the nearest that there is; nothing where there is none."""
    return next((texts[one] for one in (language, *FALLBACKS[language]) if texts.get(one)), "")


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


def list_labels(session: Session, *, only_active: bool = True) -> Sequence[Label]:
    """The words that cases are sorted by; where there is none yet, the shipped ones begin to be."""
    query = select(Label).order_by(Label.is_active.desc(), Label.id)
    found = session.scalars(query).all()
    if not found:
        begin_with_labels(session)
        found = session.scalars(query).all()
    return [one for one in found if one.is_active or not only_active]


def set_labels(session: Session, case: Case, labels: Sequence[str], *, by: uuid.UUID) -> None:
    """Sort a case, which the transaction has locked, by these and no others; those that do not exist are left out."""
    known = set(session.scalars(select(Label.id).where(Label.id.in_(labels))))
    wanted = sorted(known)
    if wanted != list(case.labels):
        case.labels = wanted
        tell(session, case, Event.LABELLED, by=by, details={"labels": wanted})
