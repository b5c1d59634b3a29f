"""When a reminder is due: so many days before a date, from nine in the morning on."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from bot.catalogue.calendar import CASABLANCA, Calendar
from bot.catalogue.deadlines import next_dates
from bot.catalogue.schemas import Deadline

# The days before a date on which citizens are reminded of it.
OFFSETS = (14, 3, 1)
# Between these hours, in Casablanca.
FROM, UNTIL = dt.time(9), dt.time(20)


@dataclass(frozen=True)
class Due:
    """Of which date of a deadline citizens are to be told now: the offset is `days`, reached at `reached_at`."""

    deadline_id: str
    on: dt.date
    days: int
    reached_at: dt.datetime

    @property
    def ends_at(self) -> dt.datetime:
        """When it is too late to tell them."""
        return dt.datetime.combine(self.on + dt.timedelta(days=1), dt.time(), CASABLANCA)


def is_time(now: dt.datetime) -> bool:
    """Whether people may be written to now."""
    return FROM <= now.astimezone(CASABLANCA).time() < UNTIL


def next_on(deadline: Deadline, today: dt.date, holidays: Calendar) -> dt.date | None:
    """The next date of a deadline; None when it depends on what happens to a citizen."""
    coming = next_dates(deadline.rule, today, holidays)
    return coming[0].due_on if coming else None


def due_now(deadlines: Iterable[Deadline], now: dt.datetime, holidays: Calendar) -> list[Due]:
    """What is to be told at a moment: of each deadline's next date, the nearest offset that was reached."""
    found = []
    for deadline in deadlines:
        on = next_on(deadline, now.astimezone(CASABLANCA).date(), holidays)
        reached = [one for one in _reached(deadline.id, on) if one.reached_at <= now] if on else []
        found += reached[-1:]
    return found


def _reached(deadline_id: str, on: dt.date) -> list[Due]:
    return [Due(deadline_id, on, days, _moment(on, days)) for days in OFFSETS]


def _moment(on: dt.date, days: int) -> dt.datetime:
    return dt.datetime.combine(on - dt.timedelta(days=days), FROM, CASABLANCA)
