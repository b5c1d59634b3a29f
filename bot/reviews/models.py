"""What staff mark in conversations for those who look after the bot and the catalogue."""

import datetime as dt
import uuid

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, utc_now
from bot.reviews.states import Kind, Verdict


class Review(Base):
    """A message that was marked: a wrong answer of the bot's, or a reply that should become an entry.

    The words are copied, for messages are forgotten in time. `done_at` once somebody has dealt with it.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("kind", "message_id"),
        Index("ix_reviews_open", "kind", "id", postgresql_where=text("done_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[Kind] = mapped_column(String(16))
    message_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("messages.id", ondelete="SET NULL"), index=True
    )
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cases.id", ondelete="SET NULL"), index=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    # What the bot took the question for.
    intent: Mapped[str | None] = mapped_column(String(64))
    service_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    # What a reviewer says of it, and what would have been right.
    verdict: Mapped[Verdict | None] = mapped_column(String(16))
    right_intent: Mapped[str | None] = mapped_column(String(64))
    right_service_id: Mapped[str | None] = mapped_column(String(64))
    right_faq_id: Mapped[str | None] = mapped_column(String(64))
    done_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    done_at: Mapped[dt.datetime | None]
