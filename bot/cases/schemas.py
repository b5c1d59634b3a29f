"""What the desk shows, as plain values: rows of its lists, the card of a case, the lines of a thread."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.cases.states import Ending, Event, Reason
from bot.conversations.states import Owner


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; `team_ids` are those whose cases somebody may see, None is all."""

    team_ids: Sequence[str] | None = None
    team_id: str | None = None
    assignee_id: uuid.UUID | None = None
    language: str | None = None
    service_id: str | None = None
    label: str | None = None
    reason: Reason | None = None
    is_overdue: bool = False


@dataclass(frozen=True)
class CaseRow:
    """One case in a list; `is_unseen` tells of a mention that was not looked at."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    state: Owner
    version: int
    team_id: str
    team_names: Mapping[str, str]
    assignee_id: uuid.UUID | None
    assignee_name: str | None
    channel: str
    reason: Reason
    language: str | None
    service_id: str | None
    labels: Sequence[str]
    question: str
    opened_at: dt.datetime
    due_at: dt.datetime | None
    last_citizen_at: dt.datetime
    closed_at: dt.datetime | None
    rating: int | None
    excerpt: str
    excerpt_author: str
    is_unseen: bool = False


@dataclass(frozen=True)
class Page:
    """A part of a list; `cursor` is what the next part is asked with, None at the end."""

    rows: Sequence[CaseRow]
    cursor: str | None


@dataclass(frozen=True)
class EarlierCase:
    """An episode of help that a citizen had before."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    reason: Reason
    question: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    ending: Ending | None
    rating: int | None


@dataclass(frozen=True)
class Card:
    """All that stands above a thread: why, what the bot tried (`turns`, `entries`, `deadline`), what was promised.

    `owner` has the conversation now, after the case's end too; `window_expires_at` is until when WhatsApp takes free
    text.
    """

    row: CaseRow
    owner: Owner
    citizen_id: uuid.UUID
    address_id: uuid.UUID
    previous_id: uuid.UUID | None
    window_expires_at: dt.datetime | None
    tried: Mapping[str, Any]
    promised: Mapping[str, Any]
    claimed_at: dt.datetime | None
    first_answered_at: dt.datetime | None
    comment: str | None
    ending: Ending | None
    earlier: Sequence[EarlierCase] = field(default_factory=tuple)


@dataclass(frozen=True)
class Talk:
    """A conversation, whoever has it."""

    id: uuid.UUID
    channel: str
    language: str | None
    state: Owner


@dataclass(frozen=True)
class ThreadLine:
    """A message of a thread: how far it got, and, where it failed, by whose fault."""

    id: int
    direction: str
    author: str
    staff_id: uuid.UUID | None
    staff_name: str | None
    kind: str
    text: str
    payload: Mapping[str, Any]
    language: str | None
    outcome: str | None
    status: str
    held_until: dt.datetime | None
    delivery: str | None
    fault: str | None
    code: str | None
    media: Mapping[str, Any] | None
    created_at: dt.datetime


@dataclass(frozen=True)
class NoteLine:
    """A note of a thread, and whom it calls."""

    id: int
    staff_id: uuid.UUID | None
    staff_name: str | None
    text: str
    mentions: Sequence[uuid.UUID]
    created_at: dt.datetime


@dataclass(frozen=True)
class EventLine:
    """Something that happened to a case of the thread."""

    id: int
    case_id: uuid.UUID
    kind: Event
    staff_id: uuid.UUID | None
    staff_name: str | None
    details: Mapping[str, Any]
    created_at: dt.datetime


@dataclass(frozen=True)
class Thread:
    """A part of a talk, oldest first, with the notes and events of its time."""

    lines: Sequence[ThreadLine]
    notes: Sequence[NoteLine]
    events: Sequence[EventLine]
    has_earlier: bool


@dataclass(frozen=True)
class Hit:
    """A conversation that was found, by its newest message that has all the words."""

    conversation_id: uuid.UUID
    message_id: int
    author: str
    text: str
    created_at: dt.datetime
    channel: str
    state: Owner
    case_id: uuid.UUID | None
