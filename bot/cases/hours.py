"""When a team answers: its usual week, Ramadan, seasons and public holidays, as data."""

import datetime as dt

from pydantic import Field

from bot.catalogue.calendar import CASABLANCA, Calendar, is_ramadan, local_now
from bot.catalogue.schema_types import MonthDay, Strict
from bot.catalogue.schemas import Hours

LOOK_AHEAD_DAYS = 30


class Season(Strict):
    """Hours of their own between two days of the year, `MM-DD`, first and last included; it may pass new year."""

    first: MonthDay
    last: MonthDay
    periods: list[Hours] = Field(default_factory=list)

    def has(self, day: dt.date) -> bool:
        """Whether a day lies in it."""
        key = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last


class Schedule(Strict):
    """The hours of a team; Ramadan goes before a season, and where it has no hours the usual ones hold."""

    always_open: bool = False
    usual: list[Hours] = Field(default_factory=list)
    ramadan: list[Hours] = Field(default_factory=list)
    seasons: list[Season] = Field(default_factory=list)

    def periods_on(self, day: dt.date, holidays: Calendar) -> list[tuple[dt.datetime, dt.datetime]]:
        """When somebody answers on a day, local and in order; nobody on a holiday."""
        if self.always_open:
            return [(_at(day, dt.time.min), _at(day + dt.timedelta(days=1), dt.time.min))]
        if holidays.holiday_on(day):
            return []
        periods = [one for one in self._table(day) if day.isoweekday() in one.weekdays]
        return sorted((_at(day, one.opens), _at(day, one.closes)) for one in periods)

    def _table(self, day: dt.date) -> list[Hours]:
        if self.ramadan and is_ramadan(day):
            return self.ramadan
        season = next((one for one in self.seasons if one.has(day)), None)
        return season.periods if season else self.usual

    def closes_at(self, now: dt.datetime, holidays: Calendar) -> dt.datetime | None:
        """When the present period ends; None outside of hours. Who is always there never goes within a day."""
        if self.always_open:
            return now + dt.timedelta(days=1)
        periods = self.periods_on(local_now(now).date(), holidays)
        return next((closes for opens, closes in periods if opens <= now < closes), None)

    def next_opening(self, now: dt.datetime, holidays: Calendar) -> dt.datetime | None:
        """When the next period begins; None when that is nowhere in sight."""
        return next((opens for opens, _ in self._ahead(now, holidays) if opens > now), None)

    def after_minutes(self, start: dt.datetime, minutes: int, holidays: Calendar) -> dt.datetime:
        """The moment when a team has been there for so many minutes since `start`."""
        left = dt.timedelta(minutes=minutes)
        for opens, closes in self._ahead(start, holidays):
            begins = max(opens, start)
            if begins + left <= closes:
                return (begins + left).astimezone(dt.UTC)
            left -= max(closes - begins, dt.timedelta())
        return start + left

    def _ahead(self, now: dt.datetime, holidays: Calendar) -> list[tuple[dt.datetime, dt.datetime]]:
        today = local_now(now).date()
        days = (today + dt.timedelta(days=number) for number in range(LOOK_AHEAD_DAYS))
        return [period for day in days for period in self.periods_on(day, holidays)]


def _at(day: dt.date, time: dt.time) -> dt.datetime:
    """A local time as a moment; arithmetic on it is arithmetic on moments."""
    return dt.datetime.combine(day, time, tzinfo=CASABLANCA).astimezone(dt.UTC)
