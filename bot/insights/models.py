"""What citizens asked for and did not get."""

import datetime as dt

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.base import Base, utc_now


class Gap(Base):
    """A question that the catalogue could not answer, counted; `folded` is its normalised form."""

    __tablename__ = "gaps"
    __table_args__ = (UniqueConstraint("folded", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(8))
    intent: Mapped[str | None] = mapped_column(String(64))
    topic_id: Mapped[str | None] = mapped_column(String(64))
    closest: Mapped[str | None] = mapped_column(String(64))
    count: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
    last_at: Mapped[dt.datetime] = mapped_column(default=utc_now)
