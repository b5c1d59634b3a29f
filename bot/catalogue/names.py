"""What entries are called, for those who only want to show that."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue import models
from bot.catalogue.calendar import Calendar
from bot.catalogue.offices import region_of
from bot.catalogue.queries import list_entries
from bot.catalogue.schemas import Deadline

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


@dataclass(frozen=True)
class ServiceName:
    """A service to choose from a list."""

    id: str
    category: str
    names: Mapping[str, str]


def list_service_names(session: Session) -> list[ServiceName]:
    """All services, by category and as the catalogue orders them."""
    row = models.ServiceRow
    query = select(row.id, row.category, row.names).order_by(row.category, row.position, row.id)
    return [ServiceName(*found) for found in session.execute(query)]


def list_towns(session: Session) -> dict[str, Mapping[str, str]]:
    """The towns that have an office of the catalogue's, by region (`bot.catalogue.offices.region_of`)."""
    found = {region_of(names): names for names in session.scalars(select(models.OfficeRow.city))}
    return dict(sorted(found.items()))


def list_dated(session: Session) -> tuple[list[Deadline], Calendar]:
    """The deadlines that are published, and the holidays that move them."""
    deadlines = list_entries(session, "deadlines", published_only=True)
    return deadlines, Calendar(list_entries(session, "holidays", published_only=True))
