"""Citizens and the addresses that they write from. A person is not an address."""

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, utc_now


class Citizen(Base):
    """Somebody who writes to us; we know no name and need none."""

    __tablename__ = "citizens"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    language: Mapped[str | None] = mapped_column(String(8))
    # Since when nobody answers, unless there is danger: staff had enough of abuse.
    blocked_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Address(Base):
    """Where a citizen is reached: the value is encrypted, its keyed hash finds it again."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel", "value_hash"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    citizen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    value_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    value_hash: Mapped[str] = mapped_column(String(64))
    # Which of our accounts the citizen wrote to last: answers leave from there.
    sender_id: Mapped[str | None] = mapped_column(ForeignKey("senders.id"))
    # WhatsApp: until when free text may be sent.
    window_expires_at: Mapped[dt.datetime | None]
    opted_out_at: Mapped[dt.datetime | None]
    unreachable_at: Mapped[dt.datetime | None]
    unreachable_reason: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
