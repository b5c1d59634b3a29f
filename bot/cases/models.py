"""Episodes of help and their story, teams, notes, and what staff keep at hand."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.cases.states import Count, Ending, Event, Reason
from bot.conversations.states import Owner
from bot.db.base import Base, utc_now


class Team(Base):
    """Who answers what, when, and how soon; `hours` is read by `bot.cases.hours`."""

    __tablename__ = "teams"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    names: Mapped[dict[str, Any]]
    # What comes to this team first; empty is anything.
    services: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)
    languages: Mapped[list[str]] = mapped_column(ARRAY(String(8)), default=list)
    regions: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)
    hours: Mapped[dict[str, Any]]
    first_answer_minutes: Mapped[int] = mapped_column(default=15)
    next_answer_minutes: Mapped[int] = mapped_column(default=30)
    idle_minutes: Mapped[int] = mapped_column(default=720)
    auto_assigns: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)


class TeamMember(Base):
    """Who is in a team; new cases go round in the order of `assigned_at`, then of `position`."""

    __tablename__ = "team_members"

    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)
    assigned_at: Mapped[dt.datetime | None]


class Case(Base):
    """One episode of help in a conversation; `state` follows the conversation's, and moves with it."""

    __tablename__ = "cases"
    __table_args__ = (
        # Of open cases there are a few hundred: this one finds them for every list.
        Index("ix_cases_one_open", "conversation_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_cases_closed", "closed_at", "id", postgresql_where=text("closed_at IS NOT NULL")),
        # What recent waits are read from.
        Index("ix_cases_answered", "team_id", "first_answered_at"),
        Index("ix_cases_conversation_id_opened_at", "conversation_id", "opened_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    team_id: Mapped[str] = mapped_column(ForeignKey("teams.id"))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[Owner] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(default=0)
    reason: Mapped[Reason] = mapped_column(String(16))
    question: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str | None] = mapped_column(String(8))
    service_id: Mapped[str | None] = mapped_column(String(64))
    # What the bot tried: see `bot.cases.schemas.Tried`.
    tried: Mapped[dict[str, Any]] = mapped_column(default=dict)
    promised: Mapped[dict[str, Any]] = mapped_column(default=dict)
    labels: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)
    opened_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    claimed_at: Mapped[dt.datetime | None]
    first_answered_at: Mapped[dt.datetime | None]
    last_citizen_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    last_staff_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    ending: Mapped[Ending | None] = mapped_column(String(16))
    # When the next answer is due; None while nobody waits for one.
    due_at: Mapped[dt.datetime | None]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    rated_at: Mapped[dt.datetime | None]


class CaseEvent(Base):
    """A line of a case's story; without a member of staff it was the bot, the citizen or the clock."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Event] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Note(Base):
    """What staff tell each other about a conversation; never sent."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_conversation_id_id", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)


class Mention(Base):
    """Somebody whom a note calls; `seen_at` once they have looked."""

    __tablename__ = "mentions"
    __table_args__ = (Index("ix_mentions_staff_id_note_id", "staff_id", "note_id"),)

    note_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[dt.datetime | None]


class Canned(Base):
    """A reply that is kept ready, found by its shortcut or its words; `{…}` in a body is filled in when it is taken."""

    __tablename__ = "canned"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    shortcut: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    bodies: Mapped[dict[str, Any]]
    folded: Mapped[str] = mapped_column(Text)
    team_id: Mapped[str | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Draft(Base):
    """What somebody has begun to write in a conversation."""

    __tablename__ = "drafts"

    conversation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    is_note: Mapped[bool] = mapped_column(primary_key=True, default=False)
    body: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Label(Base):
    """A word that cases are sorted by."""

    __tablename__ = "labels"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    names: Mapped[dict[str, Any]]
    colour: Mapped[str] = mapped_column(String(16), default="azure")
    is_active: Mapped[bool] = mapped_column(default=True)


class CaseCount(Base):
    """How many there are, kept by the moves themselves; `owner` is a team, or a member of staff."""

    __tablename__ = "case_counts"

    name: Mapped[Count] = mapped_column(String(16), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
