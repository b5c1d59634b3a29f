"""What citizens asked to be reminded of."""

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.citizens.models import Citizen
from bot.conversations.models import Conversation
from bot.db.base import Base, utc_now

LIVING = text("ended_at IS NULL")


class Subscription(Base):
    """A citizen who is reminded of a deadline of the catalogue, each time it falls due, until `ended_at`.

    It was asked for in `conversation_id`: reminders go to the address of that. The last reminder was of the date
    `reminded_for`, at `reminded_days` before it or later.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("uq_subscriptions_living", "citizen_id", "deadline_id", unique=True, postgresql_where=LIVING),
        Index(
            "ix_subscriptions_due",
            "deadline_id",
            "reminded_for",
            "reminded_days",
            "created_at",
            postgresql_where=LIVING,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    citizen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Citizen.id, ondelete="CASCADE"), index=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey(Conversation.id, ondelete="CASCADE"), index=True)
    deadline_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[dt.datetime | None]
    reminded_for: Mapped[dt.date | None]
    reminded_days: Mapped[int | None]
    reminded_at: Mapped[dt.datetime | None]
