"""The catalogue's tables. Field names are those of `schemas`; texts by language are JSONB objects."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, LargeBinary, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db.base import Base, utc_now


class EntryColumns:
    """What every entry has: its id, state and history marks."""

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(16), default="published", index=True)
    revision: Mapped[int] = mapped_column(default=1)
    review_on: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    # Who changed it last at the desk; none where a file did. No foreign key: who reads the catalogue knows no staff.
    edited_by: Mapped[uuid.UUID | None]


class ServiceRow(EntryColumns, Base):
    """A public service."""

    __tablename__ = "services"

    category: Mapped[str] = mapped_column(String(64), index=True)
    names: Mapped[dict[str, Any]]
    summaries: Mapped[dict[str, Any]]
    aliases: Mapped[dict[str, Any]]
    phrasings: Mapped[dict[str, Any]]
    authority: Mapped[dict[str, Any]]
    who_can_apply: Mapped[dict[str, Any]]
    ceiling: Mapped[dict[str, Any] | None]
    # A matter that a person should look at: one is offered with each answer.
    ask_human: Mapped[bool] = mapped_column(default=False)
    documents: Mapped[list[Any]]
    processing_time: Mapped[dict[str, Any]]
    validity: Mapped[dict[str, Any] | None]
    steps: Mapped[list[Any]]
    where: Mapped[dict[str, Any]]
    notes: Mapped[list[Any]]
    unverified: Mapped[list[Any]]
    sources: Mapped[list[Any]]
    confidence: Mapped[str] = mapped_column(String(8))
    fees: Mapped[list["FeeRow"]] = relationship(
        order_by="FeeRow.position", cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )


class FeeRow(Base):
    """One amount of a service, in centimes or percent."""

    __tablename__ = "service_fees"

    service_id: Mapped[str] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[dict[str, Any]]
    conditions: Mapped[dict[str, Any] | None]
    amount_centimes: Mapped[int | None] = mapped_column(BigInteger)
    percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    note: Mapped[dict[str, Any] | None]
    confidence: Mapped[str] = mapped_column(String(8))
    source: Mapped[str | None] = mapped_column(Text)


class ServiceReferences:
    """The services that an entry is about."""

    services: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)


class OfficeRow(EntryColumns, ServiceReferences, Base):
    """A place that citizens can go to."""

    __tablename__ = "offices"

    names: Mapped[dict[str, Any]]
    type: Mapped[str] = mapped_column(String(64), index=True)
    city: Mapped[dict[str, Any]]
    place: Mapped[dict[str, Any] | None]
    address: Mapped[dict[str, Any] | None]
    phone: Mapped[str | None] = mapped_column(String(32))
    always_open: Mapped[bool]
    hours: Mapped[list[Any]]
    ramadan_hours: Mapped[list[Any]]
    hours_note: Mapped[dict[str, Any] | None]
    sources: Mapped[list[Any]]
    confidence: Mapped[str] = mapped_column(String(8))


class DeadlineRow(EntryColumns, ServiceReferences, Base):
    """A rule that gives the dates not to be missed."""

    __tablename__ = "deadlines"

    label: Mapped[dict[str, Any]]
    rule: Mapped[dict[str, Any]]
    penalty: Mapped[dict[str, Any] | None]
    last_known_on: Mapped[dt.date | None]
    note: Mapped[dict[str, Any] | None]
    sources: Mapped[list[Any]]
    confidence: Mapped[str] = mapped_column(String(8))


class HolidayRow(EntryColumns, Base):
    """A public holiday, fixed or of the lunar calendar."""

    __tablename__ = "holidays"

    type: Mapped[str] = mapped_column(String(8))
    month: Mapped[int | None]
    day: Mapped[int | None]
    hijri_month: Mapped[int | None]
    hijri_day: Mapped[int | None]
    days: Mapped[int | None]
    announced_on: Mapped[list[Any] | None]
    names: Mapped[dict[str, Any]]
    source: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(String(8))


class EmergencyNumberRow(EntryColumns, ServiceReferences, Base):
    """A number to call."""

    __tablename__ = "emergency_numbers"

    number: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int | None]
    names: Mapped[dict[str, Any]]
    use: Mapped[dict[str, Any]]
    phrasings: Mapped[dict[str, Any]]
    source: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str] = mapped_column(String(8))
    note: Mapped[dict[str, Any] | None]


class RumourRow(EntryColumns, ServiceReferences, Base):
    """Something that goes round, with its correction."""

    __tablename__ = "rumours"

    topic: Mapped[str] = mapped_column(String(64), index=True)
    seen_on: Mapped[str | None] = mapped_column(String(10))
    claim: Mapped[dict[str, Any]]
    verdict: Mapped[str] = mapped_column(String(16))
    answer: Mapped[dict[str, Any]]
    corrected_by: Mapped[dict[str, Any]]
    warning_signs: Mapped[list[Any]]
    phrasings: Mapped[dict[str, Any]]
    sources: Mapped[list[Any]]
    confidence: Mapped[str] = mapped_column(String(8))


class FaqRow(EntryColumns, ServiceReferences, Base):
    """A question that is no service, with its answer."""

    __tablename__ = "faq"

    question: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    phrasings: Mapped[dict[str, Any]]
    sources: Mapped[list[Any]]
    confidence: Mapped[str] = mapped_column(String(8))


class TopicRow(EntryColumns, Base):
    """A public service known to exist that the catalogue does not hold."""

    __tablename__ = "topics"

    names: Mapped[dict[str, Any]]
    phrasings: Mapped[dict[str, Any]]


class TermRow(Base):
    """One notion with its spellings; search treats them as one word."""

    __tablename__ = "terms"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    spellings: Mapped[dict[str, Any]]


class PhraseRow(Base):
    """A text by which an entry can be found, with its sentence embedding (float16, unit length)."""

    __tablename__ = "phrases"
    __table_args__ = (Index("ix_phrases_kind_entry_id", "kind", "entry_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    entry_id: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class ShippedEntry(Base):
    """What an entry looked like when it was last shipped with the program."""

    __tablename__ = "shipped_entries"

    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    checksum: Mapped[str] = mapped_column(String(64))


class CatalogueState(Base):
    """One row: the version that every change raises, and what was last shipped with the program."""

    __tablename__ = "catalogue_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    shipped_checksum: Mapped[str | None] = mapped_column(String(64))
