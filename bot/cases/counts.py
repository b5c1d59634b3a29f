"""How many cases there are of each kind: raised and lowered by the moves, so that nobody has to count rows."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.cases.models import CaseCount
from bot.cases.states import Count, View

# Taken after the lock on a conversation, and before any counter: moves count one after the other.
COUNTING = select(func.pg_advisory_xact_lock(func.hashtext("jawab case counts")))
Kind = tuple[Count, str]


def change(session: Session, before: Sequence[Kind], after: Sequence[Kind]) -> None:
    """A case stops counting among some and begins to count among others."""
    changes = Counter(after)
    changes.subtract(before)
    rows = [
        {"name": name, "owner": owner, "count": number} for (name, owner), number in sorted(changes.items()) if number
    ]
    if not rows:
        return
    session.execute(COUNTING)
    statement = insert(CaseCount).values(rows)
    raised = {"count": CaseCount.count + statement.excluded.count}
    session.execute(statement.on_conflict_do_update(index_elements=["name", "owner"], set_=raised))


def read(session: Session, *, staff_id: uuid.UUID, team_ids: Sequence[str] | None) -> Mapping[View, int]:
    """How many cases each list holds for somebody; `team_ids` limits what waits and is answered, None is all."""
    found: Counter[Count] = Counter()
    for name, owner, number in session.execute(select(CaseCount.name, CaseCount.owner, CaseCount.count)):
        if name in (Count.MINE, Count.MENTIONS):
            counts = owner == str(staff_id)
        else:
            counts = team_ids is None or owner in team_ids
        found[Count(name)] += number if counts else 0
    return {
        View.MINE: found[Count.MINE],
        View.WAITING: found[Count.WAITING],
        View.ALL: found[Count.WAITING] + found[Count.STAFF],
        View.MENTIONS: found[Count.MENTIONS],
        View.CLOSED: found[Count.CLOSED],
    }
