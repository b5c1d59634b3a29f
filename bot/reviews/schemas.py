"""Marked messages as their reviewers see them, and what they say of them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bot.reviews.states import Kind, Verdict


@dataclass(frozen=True)
class Correction:
    """What a reviewer says: the verdict, and of a wrong answer what would have been right."""

    verdict: Verdict
    intent: str | None = None
    service_id: str | None = None
    faq_id: str | None = None


@dataclass(frozen=True)
class ReviewLine:
    """A marked message with its question, what the bot took that for, and who marked it."""

    id: int
    kind: Kind
    question: str
    answer: str
    language: str | None
    intent: str | None
    service_id: str | None
    case_id: uuid.UUID | None
    marked_by: str
    created_at: dt.datetime
    done_at: dt.datetime | None
    right_faq_id: str | None


@dataclass(frozen=True)
class ReviewPage:
    """A page of a list, the newest first; the next one begins before `cursor`, if there is one."""

    lines: Sequence[ReviewLine]
    cursor: int | None


@dataclass(frozen=True)
class Example:
    """What a message would have been rightly read as, for training."""

    text: str
    intent: str | None
    service: str | None
    faq: str | None
    language: str | None
