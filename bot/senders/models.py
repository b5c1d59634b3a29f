"""Our own accounts at vendors, from which messages leave, and what is kept there for them."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, utc_now


class Sender(Base):
    """A Telegram bot or a WhatsApp number of ours: its secrets are encrypted, its webhook is found by a hash."""

    __tablename__ = "senders"
    __table_args__ = (UniqueConstraint("channel", "name"), UniqueConstraint("path_hash"))

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(64), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    secrets_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    path_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8), default="active")
    paused_reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Content(Base):
    """Something to press that was made at a vendor for one of our accounts, by a checksum of what it shows."""

    __tablename__ = "contents"

    sender_id: Mapped[str] = mapped_column(ForeignKey("senders.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    vendor_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Template(Base):
    """A text that the vendor approves or not, by which a sender may write first; see senders.states."""

    __tablename__ = "templates"

    sender_id: Mapped[str] = mapped_column(ForeignKey("senders.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    category: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text)
    samples: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(8), default="draft")
    reason: Mapped[str | None] = mapped_column(String(200))
    vendor_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now, onupdate=utc_now)
