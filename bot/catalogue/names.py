"""What entries are called, for those who only want to show that."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue import models

NAMES = {
    "services": (models.ServiceRow.id, models.ServiceRow.names),
    "faq": (models.FaqRow.id, models.FaqRow.question),
    "deadlines": (models.DeadlineRow.id, models.DeadlineRow.label),
}


def list_names(session: Session, wanted: Collection[tuple[str, str]]) -> dict[str, Mapping[str, str]]:
    """The names of entries, given as (kind, id), by `kind:id`; a query for each kind that occurs."""
    found: dict[str, Mapping[str, str]] = {}
    for kind, (key, name) in NAMES.items():
        ids = {entry_id for one, entry_id in wanted if one == kind}
        if ids:
            rows = session.execute(select(key, name).where(key.in_(ids)))
            found |= {f"{kind}:{entry_id}": texts for entry_id, texts in rows}
    return found
