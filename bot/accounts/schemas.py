"""What others see of accounts: plain values, no rows."""

import datetime as dt
import uuid
from dataclasses import dataclass

from bot.accounts.permissions import Role
from bot.accounts.states import Purpose, Stage


@dataclass(frozen=True)
class Browser:
    """Where a request came from, as far as it can be told."""

    address: str
    user_agent: str


@dataclass(frozen=True)
class Times:
    """How long a session lasts."""

    idle: dt.timedelta
    absolute: dt.timedelta


@dataclass(frozen=True)
class Presence:
    """A session that is alive, and whose it is."""

    session_id: uuid.UUID
    stage: Stage
    confirmed_at: dt.datetime
    staff_id: uuid.UUID
    name: str
    role: Role
    language: str
    theme: str


@dataclass(frozen=True)
class Opened:
    """A session that was begun: the key goes into the cookie, and nowhere else."""

    key: str
    stage: Stage


@dataclass(frozen=True)
class SessionView:
    """A session in somebody's list."""

    id: uuid.UUID
    created_at: dt.datetime
    seen_at: dt.datetime
    user_agent: str
    address: str


@dataclass(frozen=True)
class StaffView:
    """An account in the list of staff."""

    id: uuid.UUID
    email: str
    name: str
    role: Role
    language: str
    is_active: bool
    has_password: bool
    has_second_step: bool
    recovery_codes_left: int
    last_seen_at: dt.datetime | None
    capacity: int = 0


@dataclass(frozen=True)
class LinkView:
    """What a one-time link is for; without a member of staff, for the first admin."""

    purpose: Purpose
    staff: StaffView | None
