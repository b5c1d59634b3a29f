"""Replies kept ready and labels as the desk sets them up: every change is checked first and recorded after."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.accounts.audit import record
from bot.cases.canned import keep_canned, list_labels
from bot.cases.checks import ReadyReply, find_label_wrongs, find_wrongs
from bot.cases.errors import Wrong, WrongError
from bot.cases.models import Canned, Label, Team
from bot.nlu.text import normalise

LONGEST_ID = 40
_NO_ID = re.compile(r"[^a-z0-9]+")


def get_reply(session: Session, canned_id: int) -> Canned:
    """A reply kept ready; raises LookupError."""
    found = session.get(Canned, canned_id)
    if found is None:
        raise LookupError(f"no reply {canned_id}")
    return found


def save_reply(session: Session, reply: ReadyReply, *, canned_id: int | None, by: uuid.UUID) -> Canned:
    """Keep a new reply ready, or change one; raises WrongError, LookupError."""
    kept = Canned() if canned_id is None else get_reply(session, canned_id)
    before = None if canned_id is None else _told(kept)
    wrongs = find_wrongs(reply)
    same = session.scalar(select(Canned.id).where(Canned.shortcut == reply.shortcut))
    taken = Wrong("shortcut", "shortcut_taken", {"shortcut": reply.shortcut})
    if same is not None and same != canned_id:
        wrongs.append(taken)
    if reply.team_id is not None and session.get(Team, reply.team_id) is None:
        wrongs.append(Wrong("team_id", "team_missing"))
    if wrongs:
        raise WrongError(*wrongs)
    given: dict[str, Any] = {"title": reply.title, "bodies": reply.bodies, "team_id": reply.team_id}
    try:
        keep_canned(session, kept, reply.shortcut, **given)
    except IntegrityError as error:  # Somebody took it a moment ago.
        raise WrongError(taken) from error
    action = "canned_added" if before is None else "canned_changed"
    record(session, staff_id=by, action=action, subject=f"canned:{kept.id}", before=before, after=_told(kept))
    return kept


def delete_reply(session: Session, canned_id: int, *, by: uuid.UUID) -> str:
    """Have a reply no more, gives its shortcut; raises LookupError."""
    kept = get_reply(session, canned_id)
    before = _told(kept)
    session.delete(kept)
    record(session, staff_id=by, action="canned_deleted", subject=f"canned:{canned_id}", before=before)
    return kept.shortcut


def _told(kept: Canned) -> dict[str, Any]:
    return {"shortcut": kept.shortcut, "title": kept.title, "team": kept.team_id, "bodies": dict(kept.bodies)}


def save_label(
    session: Session, label_id: str | None, names: Mapping[str, str], *, colour: str, by: uuid.UUID
) -> Label:
    """Add a label, or change one; raises WrongError, LookupError."""
    label = Label(is_active=True) if label_id is None else get_label(session, label_id)
    before = None if label_id is None else _told_label(label)
    names = {language: " ".join(name.split()) for language, name in names.items()}
    wrongs = find_label_wrongs(names, colour)
    if wrongs:
        raise WrongError(*wrongs)
    label.id = label_id or new_id(names.get("fr", ""), {one.id for one in list_labels(session, only_active=False)})
    label.names, label.colour = names, colour
    session.add(label)
    action = "label_added" if before is None else "label_changed"
    record(session, staff_id=by, action=action, subject=f"label:{label.id}", before=before, after=_told_label(label))
    return label


def switch_label(session: Session, label_id: str, *, is_active: bool, by: uuid.UUID) -> None:
    """Offer a label no more, or again; cases that have it keep it. Raises LookupError."""
    label = get_label(session, label_id)
    before, label.is_active = _told_label(label), is_active
    after = _told_label(label)
    record(session, staff_id=by, action="label_changed", subject=f"label:{label_id}", before=before, after=after)


def new_id(name: str, taken: set[str]) -> str:
    """A short id made of a name that none of those has; "new" is the address of a form."""
    stem = _NO_ID.sub("-", normalise(name)).strip("-")[:LONGEST_ID].strip("-") or "x"
    used = {*taken, "new"}
    numbered = (f"{stem}-{number}" for number in range(2, len(used) + 3))
    return stem if stem not in used else next(one for one in numbered if one not in used)


def get_label(session: Session, label_id: str) -> Label:
    """A label; raises LookupError."""
    found = session.get(Label, label_id)
    if found is None:
        raise LookupError(f"no label {label_id}")
    return found


def _told_label(label: Label) -> dict[str, Any]:
    return {"names": dict(label.names), "colour": label.colour, "is_active": label.is_active}
