"""Citizens who want to be reminded, and the deadlines that they want it of."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.alerts import service
from bot.alerts.models import Subscription
from bot.catalogue.queries import save_entry
from bot.catalogue.schemas import Deadline
from bot.conversations import queries
from bot.db.session import Database

TAX, GRANT = "road_tax", "grant"
# Long before any offset of the dates that tests use.
EARLY = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def deadline(deadline_id: str = TAX, *, month: int = 1, day: int = 31, **more: Any) -> Deadline:
    """A deadline of the catalogue that falls on the same day each year."""
    source = {
        "url": "https://www.tax.ma/tsav",
        "title": "Road tax",
        "kind": "official",
        "date": "2026-01",
    }
    values = {
        "id": deadline_id,
        "services": ["vignette"],
        "label": {"ar": "الضريبة", "fr": "Vignette", "en": "Road tax"},
        "rule": {"type": "annual", "month": month, "day": day},
        "sources": [source],
        "confidence": "high",
    }
    return Deadline.model_validate(values | more)


def publish(database: Database, *entries: Deadline) -> None:
    """Put deadlines into the catalogue, or other versions of them."""
    with database.transaction() as session:
        for one in entries:
            save_entry(session, "deadlines", one, 1)


def subscribe(database: Database, conversation_id: uuid.UUID, *ids: str, at: dt.datetime = EARLY) -> None:
    """The citizen of a conversation asked for reminders at a moment."""
    with database.transaction() as session:
        conversation = queries.get_conversation(session, conversation_id)
        service.subscribe(session, conversation, ids or [TAX])
        of_citizen = update(Subscription).where(Subscription.citizen_id == conversation.citizen_id)
        session.execute(of_citizen.values(created_at=at))


def living(session: Session) -> list[Subscription]:
    """All that live, by deadline."""
    query = select(Subscription).where(Subscription.ended_at.is_(None))
    return list(session.scalars(query.order_by(Subscription.deadline_id)))
