"""Conversations and their messages: the record of who said what, and what came of it."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.accounts.models import Staff
from bot.db.base import Base, utc_now


class Conversation(Base):
    """One talk with one citizen at one address; `state` is its owner, `version` counts the moves."""

    __tablename__ = "conversations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    citizen_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), index=True)
    address_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(8), default="bot", index=True)
    version: Mapped[int] = mapped_column(default=0)
    language: Mapped[str | None] = mapped_column(String(8))
    language_chosen: Mapped[bool] = mapped_column(default=False)
    service_id: Mapped[str | None] = mapped_column(String(64))
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rasa_session: Mapped[int] = mapped_column(default=0)
    session_turns: Mapped[int] = mapped_column(default=0)
    # The one that was closed before this one was opened.
    previous_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Message(Base):
    """One message in either direction; a citizen's carries what its turn came to."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "vendor_id"),
        UniqueConstraint("key"),
        Index("ix_messages_conversation_id_id", "conversation_id", "id"),
        Index("ix_messages_held", "held_until", postgresql_where=text("status = 'held'")),
        Index("ix_messages_words", text("to_tsvector('simple'::regconfig, folded)"), postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    vendor_id: Mapped[str | None] = mapped_column(String(128))
    key: Mapped[str | None] = mapped_column(String(160))
    direction: Mapped[str] = mapped_column(String(3))
    author: Mapped[str] = mapped_column(String(8))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Staff.id))
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(Text, default="")
    # What the body is found by: see `bot.conversations.words`.
    folded: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str] = mapped_column(String(12))
    answers_id: Mapped[int | None] = mapped_column(BigInteger)
    language: Mapped[str | None] = mapped_column(String(8))
    intent: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    service_id: Mapped[str | None] = mapped_column(String(64))
    outcome: Mapped[str | None] = mapped_column(String(24), index=True)
    took_ms: Mapped[int | None]
    # Until then whoever wrote it may take it back.
    held_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
