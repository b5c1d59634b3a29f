"""Members of staff, their sessions and one-time links, and the record of what they did."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bot.accounts.permissions import Role
from bot.accounts.states import Purpose, Stage
from bot.db.base import Base, utc_now

# Of everything secret that a browser or an e-mail holds, we keep the SHA-256 only.
HASH = String(64)


class Staff(Base):
    """A member of staff; never deleted, for what they did names them."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("capacity >= 0", name="capacity"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    # Folded, as `bot.accounts.service.fold_email` does it.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2), default="ar")
    is_active: Mapped[bool] = mapped_column(default=True)
    # argon2id; none until the first password is set, or where another service vouches for them.
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    # A code counts once: the half minute of the last one that was taken.
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    recovery_hashes: Mapped[list[Any]] = mapped_column(default=list)
    oidc_subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    # How many conversations at once, and whether new ones may come.
    capacity: Mapped[int] = mapped_column(default=5)
    is_paused: Mapped[bool] = mapped_column(default=False)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_seen_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class StaffSession(Base):
    """A browser that somebody signed in with."""

    __tablename__ = "staff_sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    key_hash: Mapped[str] = mapped_column(HASH, unique=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    stage: Mapped[Stage] = mapped_column(String(12))
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    # Signed in again after that, however busy the session is.
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)
    # When they last proved who they are: sensitive acts want it recent.
    confirmed_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    user_agent: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(45))
    # The secret of a second factor that is being set up, until its first code is right.
    new_totp_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)


class StaffLink(Base):
    """A link that works once, in place of a password that somebody would have to send."""

    __tablename__ = "staff_links"

    key_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(String(16))
    # None: whoever holds it becomes the first admin.
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class AuditEntry(Base):
    """Who did what to what, sealed by a hash over itself and the entry before; never changed."""

    __tablename__ = "audit_entries"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    # None: an operator at the command line, or the system itself.
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"), index=True)
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(200), index=True)
    before: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    hash: Mapped[str] = mapped_column(HASH)
