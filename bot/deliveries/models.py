"""What is to leave, and what left: a row a message, a row a part that a vendor took."""

import datetime as dt
import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, utc_now

ON_ITS_WAY = text("state IN ('waiting', 'sending')")


class DeliveryRow(Base):
    """A kept message on its way to a vendor; see deliveries.states for the moves of `state`."""

    __tablename__ = "deliveries"
    __table_args__ = (
        # What the pump asks for: the next of a sender's lane; nobody overtakes within an address.
        Index(
            "ix_deliveries_next",
            "sender_id",
            "lane",
            "due_at",
            "message_id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_deliveries_in_order", "address_id", "message_id", postgresql_where=ON_ITS_WAY),
        Index(
            "ix_deliveries_stuck", "state", postgresql_where=text("state IN ('sending', 'parked', 'unknown', 'dead')")
        ),
    )

    message_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sender_id: Mapped[str] = mapped_column(ForeignKey("senders.id"))
    address_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    lane: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    due_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    repeats: Mapped[int] = mapped_column(SmallInteger, default=0)
    parts_sent: Mapped[int] = mapped_column(SmallInteger, default=0)
    parts_total: Mapped[int | None] = mapped_column(SmallInteger)
    # It goes as its message's template in this language: see bot.deliveries.window.
    template_language: Mapped[str | None] = mapped_column(String(8))
    taken_at: Mapped[dt.datetime | None]
    fault: Mapped[str | None] = mapped_column(String(12))
    code: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Part(Base):
    """One call that a vendor took: its id there, and how far the citizen's end is known to have it."""

    __tablename__ = "parts"
    __table_args__ = (
        UniqueConstraint("sender_id", "vendor_id"),
        # Of which the vendor told nothing since it took them.
        Index("ix_parts_silent", "sender_id", "sent_at", postgresql_where=text("status = 'sent'")),
    )

    message_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("deliveries.message_id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    sender_id: Mapped[str] = mapped_column(ForeignKey("senders.id"))
    vendor_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(12), default="sent")
    code: Mapped[str | None] = mapped_column(String(16))
    sent_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
