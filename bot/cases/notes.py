"""What staff tell each other about a case, and whom they call to it."""

import uuid
from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.cases import counts
from bot.cases.models import Case, Mention, Note
from bot.cases.states import Count
from bot.db.base import utc_now
from bot.db.news import note as tell


def add_note(
    session: Session, case: Case, body: str, *, by: uuid.UUID | None, mentions: Collection[uuid.UUID] = ()
) -> Note:
    """Keep a note; whoever it mentions finds the case in their list of mentions."""
    note = Note(conversation_id=case.conversation_id, case_id=case.id, staff_id=by, body=body.strip())
    session.add(note)
    session.flush()
    called = sorted(set(mentions) - {by}, key=str)
    session.add_all(Mention(note_id=note.id, staff_id=one, case_id=case.id) for one in called)
    session.flush()
    counts.change(session, [], [(Count.MENTIONS, str(one)) for one in called])
    ids = {"case": str(case.id), "conversation": str(case.conversation_id), "note": note.id}
    tell(session, "note", **ids, team=case.team_id, mentions=[str(one) for one in called])
    return note


def mark_seen(session: Session, case_id: uuid.UUID, *, by: uuid.UUID) -> int:
    """Somebody has looked at what they were called to; gives how many notes that were."""
    seen = session.scalars(
        update(Mention)
        .where(Mention.case_id == case_id, Mention.staff_id == by, Mention.seen_at.is_(None))
        .values(seen_at=utc_now())
        .returning(Mention.note_id)
        .execution_options(synchronize_session=False)
    ).all()
    counts.change(session, [(Count.MENTIONS, str(by))] * len(seen), [])
    if seen:
        tell(session, "counts", staff=str(by))
    return len(seen)
