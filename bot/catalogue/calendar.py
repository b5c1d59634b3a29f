"""Morocco's calendar: today in Casablanca, Ramadan, public holidays, working days.

Lunar dates are computed (Umm al-Qura) and may differ by a day from the sighting; an announced date replaces them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from hijridate import Gregorian, Hijri

from bot.catalogue.schemas import FixedHoliday, MovingHoliday


def _zone(name: str) -> ZoneInfo:
    """A time zone of the locked tzdata: the machine's own files may be older than the last change of the clock."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


CASABLANCA = _zone("Africa/Casablanca")
RAMADAN = 9
SATURDAY = 6
_COMPUTED_YEARS = range(1925, 2076)
# An announced date stands for the computed one that is nearer than this.
_SAME_MOON = dt.timedelta(days=15)


@dataclass(frozen=True)
class HolidayDay:
    """One day off; `certain` is False while it rests on a computed moon."""

    on: dt.date
    holiday_id: str
    certain: bool


def local_now(now: dt.datetime) -> dt.datetime:
    """The wall clock in Casablanca (UTC+1 and UTC+0 in Ramadan until September 2026, then UTC+0) of an aware moment."""
    return now.astimezone(CASABLANCA)


@lru_cache(maxsize=512)
def is_ramadan(day: dt.date) -> bool:
    """Whether a day lies in the computed month of Ramadan."""
    return bool(Gregorian(day.year, day.month, day.day).to_hijri().month == RAMADAN)


@lru_cache(maxsize=512)
def _moving_days(month: int, day: int, year: int) -> tuple[dt.date, ...]:
    """The civil days of one lunar date in a civil year: usually one, sometimes none or two."""
    if year not in _COMPUTED_YEARS:
        return ()
    first = Gregorian(year, 1, 1).to_hijri().year
    found = []
    for hijri_year in (first, first + 1, first + 2):
        start = Hijri(hijri_year, month, 1).to_gregorian()
        civil = dt.date(start.year, start.month, start.day) + dt.timedelta(days=day - 1)
        if civil.year == year:
            found.append(civil)
    return tuple(found)


class Calendar:
    """The public holidays of the catalogue as days."""

    def __init__(self, holidays: Sequence[FixedHoliday | MovingHoliday] = ()) -> None:
        self._holidays = tuple(holidays)
        self._years: dict[int, dict[dt.date, HolidayDay]] = {}

    def holidays_in(self, year: int) -> dict[dt.date, HolidayDay]:
        """All days off of a civil year, by date."""
        if year not in self._years:
            days: dict[dt.date, HolidayDay] = {}
            for holiday in self._holidays:
                for day in _fixed(holiday, year) if isinstance(holiday, FixedHoliday) else _moving(holiday, year):
                    days.setdefault(day.on, day)
            self._years[year] = {on: day for on, day in days.items() if on.year == year}
        return self._years[year]

    def holiday_on(self, day: dt.date) -> HolidayDay | None:
        """The holiday on a day, or None."""
        return self.holidays_in(day.year).get(day)

    def is_working_day(self, day: dt.date) -> bool:
        """Whether administrations work: no Saturday, no Sunday, no holiday."""
        return day.isoweekday() < SATURDAY and self.holiday_on(day) is None

    def next_working_day(self, day: dt.date) -> dt.date:
        """The day itself when it is a working day, otherwise the first one after it."""
        while not self.is_working_day(day):
            day += dt.timedelta(days=1)
        return day


def _fixed(holiday: FixedHoliday, year: int) -> list[HolidayDay]:
    try:
        return [HolidayDay(dt.date(year, holiday.month, holiday.day), holiday.id, certain=True)]
    except ValueError:
        return []


def _moving(holiday: MovingHoliday, year: int) -> list[HolidayDay]:
    """The days off of a year, and some around it: a lunar date may come twice a year, and last over new year."""
    near = (year - 1, year, year + 1)
    computed = [day for one in near for day in _moving_days(holiday.hijri_month, holiday.hijri_day, one)]
    firsts = dict.fromkeys(holiday.announced_on, True)
    for first in computed:
        if not any(abs(first - announced) < _SAME_MOON for announced in holiday.announced_on):
            firsts[first] = False
    return [
        HolidayDay(first + dt.timedelta(days=n), holiday.id, certain=certain)
        for first, certain in firsts.items()
        for n in range(holiday.days)
    ]
