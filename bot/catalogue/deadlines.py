"""From a rule to dates: what is due next, and by when after an event."""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Literal

from dateutil.relativedelta import relativedelta

from bot.catalogue.calendar import Calendar
from bot.catalogue.rules import AnnualRule, DatesRule, MonthlyRule, RelativeRule, Rule, Shift, Span, WindowRule

Day = int | Literal["last"]


@dataclass(frozen=True)
class DueDate:
    """One occurrence: from `opens_on` (None: any time) to `due_on`, both inclusive.

    `rule_on` is the day that the rule names; it differs from `due_on` when that was no working day.
    """

    due_on: dt.date
    rule_on: dt.date
    opens_on: dt.date | None = None

    @property
    def is_shifted(self) -> bool:
        """Whether the last day moved to a working day."""
        return self.due_on != self.rule_on

    def is_open(self, today: dt.date) -> bool:
        """Whether it can be done today."""
        return (self.opens_on is None or self.opens_on <= today) and today <= self.due_on


def next_dates(rule: Rule, today: dt.date, holidays: Calendar | None = None, *, count: int = 1) -> list[DueDate]:
    """The next `count` occurrences whose last day is today or later, soonest first; none for a relative rule."""
    holidays = holidays or Calendar()
    coming = (due for due in _occurrences(rule, today, holidays) if due.due_on >= today)
    return list(islice(coming, count))


def last_date(rule: Rule, today: dt.date, holidays: Calendar | None = None) -> DueDate | None:
    """The newest occurrence that is over; None for a relative rule."""
    over = [due for due in _until(rule, today, holidays or Calendar()) if due.due_on < today]
    return over[-1] if over else None


def _until(rule: Rule, today: dt.date, holidays: Calendar) -> Iterator[DueDate]:
    """The occurrences of the year before today's and of today's."""
    return takewhile(lambda due: due.due_on.year <= today.year, _occurrences(rule, today, holidays))


def due_after(
    rule: RelativeRule, event_on: dt.date, holidays: Calendar | None = None, *, abroad: bool = False
) -> DueDate:
    """The last day after an event; a month past its end means its last day."""
    span = rule.within_abroad if abroad and rule.within_abroad else rule.within
    return _shifted(event_on + _delta(span), None, rule.shift, holidays or Calendar())


def _delta(span: Span) -> relativedelta:
    match span.unit:
        case "days":
            return relativedelta(days=span.amount)
        case "months":
            return relativedelta(months=span.amount)
        case "years":
            return relativedelta(years=span.amount)


def _occurrences(rule: Rule, today: dt.date, holidays: Calendar) -> Iterator[DueDate]:
    """All occurrences from the year before today's on, in order; the year before serves shifts and windows."""
    if isinstance(rule, RelativeRule):
        return
    for year in range(max(today.year - 1, 1), min(today.year + 30, dt.MAXYEAR - 1)):
        for rule_on, opens_on in _in_year(rule, year):
            yield _shifted(rule_on, opens_on, rule.shift, holidays)


def _in_year(
    rule: AnnualRule | MonthlyRule | WindowRule | DatesRule, year: int
) -> list[tuple[dt.date, dt.date | None]]:
    """Last day and first day (None: any) of each occurrence that begins in a year."""
    match rule:
        case AnnualRule():
            due_on = _day(year, rule.month, rule.day)
            return [(due_on, _on_or_before(due_on, rule.opens) if rule.opens else None)]
        case MonthlyRule():
            return [(_day(year, month, rule.day), None) for month in range(1, 13)]
        case WindowRule():
            end = _on(year + 1 if rule.end < rule.start else year, rule.end)
            return [(end, _on(year, rule.start))]
        case DatesRule():
            return [(_on(year, month_day), None) for month_day in sorted(rule.dates)]


def _day(year: int, month: int, day: Day) -> dt.date:
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, last if day == "last" else min(day, last))


def _on(year: int, month_day: str) -> dt.date:
    month, day = map(int, month_day.split("-"))
    return _day(year, month, day)


def _on_or_before(day: dt.date, month_day: str) -> dt.date:
    """The last such day that is not after `day`: what opens in October for January opens the year before."""
    same_year = _on(day.year, month_day)
    return same_year if same_year <= day else _on(day.year - 1, month_day)


def _shifted(rule_on: dt.date, opens_on: dt.date | None, shift: Shift, holidays: Calendar) -> DueDate:
    due_on = holidays.next_working_day(rule_on) if shift is Shift.NEXT_WORKING_DAY else rule_on
    return DueDate(due_on, rule_on, opens_on)
