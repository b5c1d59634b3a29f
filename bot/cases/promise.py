"""When somebody will answer, said honestly: a range from recent waits while staff are there, else an opening time."""

import datetime as dt
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.cases.hours import Schedule
from bot.catalogue.calendar import Calendar, local_now

# Fewer waits than these tell nothing; then the team's own target is said.
FEWEST_WAITS, MOST_WAITS = 5, 20
# A wait tells about waits that began at nearly the same time of day.
SIMILAR = dt.timedelta(hours=2)
# People read a range of round numbers.
STEPS = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120)


class When(StrEnum):
    """What kind of time is promised."""

    MINUTES = "minutes"  # Between `low` and `high` minutes.
    BEFORE = "before"  # Today, before `at`.
    NOBODY = "nobody"  # It is open until `at`, but nobody is there at the moment.
    TODAY = "today"  # From `at` on.
    TOMORROW = "tomorrow"
    DAY = "day"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Promise:
    """What a citizen is told about the wait."""

    when: When
    low: int | None = None
    high: int | None = None
    at: dt.datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the desk is open."""
        return self.when in (When.MINUTES, When.BEFORE, When.NOBODY)

    def to_json(self) -> dict[str, Any]:
        """As the case keeps it, to be held against what came."""
        values = {"when": self.when.value, "low": self.low, "high": self.high}
        return values | {"at": self.at.isoformat() if self.at else None}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Promise":
        """The reverse of to_json."""
        at = dt.datetime.fromisoformat(values["at"]) if values.get("at") else None
        return cls(When(values["when"]), values.get("low"), values.get("high"), at)


@dataclass(frozen=True)
class Desk:
    """A team as it is now: its hours, who is there, how many wait already, how long others waited."""

    schedule: Schedule
    holidays: Calendar
    on_duty: int
    ahead: int
    waits: Sequence[dt.timedelta]
    target_minutes: int


def promise(desk: Desk, now: dt.datetime) -> Promise:
    """When somebody will answer who asks now."""
    closes = desk.schedule.closes_at(now, desk.holidays)
    if closes is None:
        return _from_opening(desk, now)
    if desk.on_duty == 0:
        return Promise(When.NOBODY, at=closes)
    low, high = _range(desk)
    if now + dt.timedelta(minutes=low) >= closes:
        return _from_opening(desk, now)
    if high > STEPS[-1] or now + dt.timedelta(minutes=high) > closes:
        return Promise(When.BEFORE, at=closes)
    return Promise(When.MINUTES, low, high)


def similar_waits(
    found: Sequence[tuple[dt.datetime, dt.datetime]], schedule: Schedule, holidays: Calendar, now: dt.datetime
) -> list[dt.timedelta]:
    """Of (asked, answered), newest first, how long those waited who asked in hours like the present ones."""
    minutes = _minutes_of_day(now)
    waits = [
        answered - asked
        for asked, answered in found
        if abs(_minutes_of_day(asked) - minutes) <= SIMILAR.total_seconds() / 60
        and schedule.closes_at(asked, holidays) is not None
    ]
    return waits[:MOST_WAITS]


def _minutes_of_day(moment: dt.datetime) -> int:
    local = local_now(moment)
    return local.hour * 60 + local.minute


def _range(desk: Desk) -> tuple[int, int]:
    """The middle half of recent waits, longer where more wait than there are people, in round minutes."""
    if len(desk.waits) >= FEWEST_WAITS:
        minutes = [wait.total_seconds() / 60 for wait in desk.waits]
        first, _, third = statistics.quantiles(minutes, n=4, method="inclusive")
    else:
        first, third = desk.target_minutes / 3, float(desk.target_minutes)
    third *= max(1, math.ceil((desk.ahead + 1) / desk.on_duty))
    low = max((step for step in STEPS if step <= first), default=STEPS[0])
    high = next((step for step in STEPS if step >= third and step > low), STEPS[-1] + 1)
    return low, high


def _from_opening(desk: Desk, now: dt.datetime) -> Promise:
    opens = desk.schedule.next_opening(now, desk.holidays)
    if opens is None:
        return Promise(When.UNKNOWN)
    days = (local_now(opens).date() - local_now(now).date()).days
    kinds = {0: When.TODAY, 1: When.TOMORROW}
    return Promise(kinds.get(days, When.DAY), at=opens)
