"""The hours of a team as a form: tables of rows that can grow and shrink without a script, and the same in words."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bot.cases.errors import Wrong
from bot.cases.hours import Schedule, Season
from bot.catalogue.schema_types import check_day
from bot.catalogue.schemas import Hours
from bot.desk.setup import Form
from bot.desk.times import weekday_name

USUAL, RAMADAN, SEASON = "usual", "ramadan", "season"
MOST_ROWS, MOST_SEASONS = 20, 6
DAYS = range(1, 8)
_COUNT = re.compile(r"\d{1,3}", re.ASCII)
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One period as it was typed."""

    days: Sequence[int] = ()
    opens: str = ""
    closes: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed: such a row is none."""
        return not (self.days or self.opens or self.closes)


@dataclass(frozen=True)
class Part:
    """A season as it was typed."""

    first: str = ""
    last: str = ""
    rows: Sequence[Row] = ()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed."""
        return not (self.first or self.last) and all(row.is_blank for row in self.rows)


@dataclass(frozen=True)
class Week:
    """All hours of a team as they were typed."""

    always_open: bool = False
    usual: Sequence[Row] = ()
    ramadan: Sequence[Row] = ()
    seasons: Sequence[Part] = field(default_factory=tuple)

    def roomy(self) -> "Week":
        """The same with an empty row at the end of each table."""
        seasons = [Part(one.first, one.last, _roomy(one.rows)) for one in self.seasons]
        return Week(self.always_open, _roomy(self.usual), _roomy(self.ramadan), seasons)

    def values(self) -> dict[str, Any]:
        """As `bot.cases.hours` reads it; what is blank is left out."""
        seasons = [
            {"first": one.first, "last": one.last, "periods": _periods(one.rows)}
            for one in self.seasons
            if not one.is_blank
        ]
        usual, ramadan = _periods(self.usual), _periods(self.ramadan)
        return {"always_open": self.always_open, "usual": usual, "ramadan": ramadan, "seasons": seasons}

    def wrongs(self) -> list[Wrong]:
        """What cannot be hours, row by row."""
        found = [*_wrongs_in(USUAL, self.usual), *_wrongs_in(RAMADAN, self.ramadan)]
        for number, season in enumerate(self.seasons):
            name = f"{SEASON}-{number}"
            if not season.is_blank and not (_is_day(season.first) and _is_day(season.last)):
                found.append(Wrong(name, "season_days"))
            found += _wrongs_in(name, season.rows)
        return found


def read_week(form: Form) -> Week:
    """The hours that a form holds; its button `more` adds a row or a season, `drop` takes one away."""
    more, drop = form.text("more"), form.text("drop")
    count = min(_number(form.text("seasons")), MOST_SEASONS)
    seasons = [
        Part(form.text(f"{name}-first"), form.text(f"{name}-last"), _rows(form, name))
        for name in (f"{SEASON}-{number}" for number in range(count))
        if name != drop
    ]
    if more == "seasons" and count < MOST_SEASONS:
        seasons.append(Part(rows=(Row(),)))
    return Week(form.has("always_open"), _rows(form, USUAL), _rows(form, RAMADAN), seasons)


def week_of(schedule: Schedule) -> Week:
    """The hours that a team has, to be changed."""
    seasons = [Part(one.first, one.last, _typed(one.periods)) for one in schedule.seasons]
    return Week(schedule.always_open, _typed(schedule.usual), _typed(schedule.ramadan), seasons)


def in_words(periods: Sequence[Hours], language: str) -> str:
    """Mon–Thu 08:30–16:30; Fri 08:30–11:30, 14:00–16:30."""
    by_day: dict[int, list[str]] = {}
    for one in sorted(periods, key=lambda one: one.opens):
        for day in one.weekdays:
            by_day.setdefault(day, []).append(f"{one.opens:%H:%M}–{one.closes:%H:%M}")
    told: list[tuple[int, int, list[str]]] = []
    for day, times in sorted(by_day.items()):
        if told and told[-1][1] == day - 1 and told[-1][2] == times:
            told[-1] = (told[-1][0], day, times)
        else:
            told.append((day, day, times))
    comma = "، " if language == "ar" else ", "
    return " · ".join(f"{_days(first, last, language)} {comma.join(times)}" for first, last, times in told)


def season_words(season: Season, language: str) -> tuple[str, str]:
    """The days of a season, and its hours."""
    return f"{season.first} – {season.last}", in_words(season.periods, language) or "–"


def _days(first: int, last: int, language: str) -> str:
    names = weekday_name(language, first), weekday_name(language, last)
    return names[0] if first == last else f"{names[0]}–{names[1]}"


def _roomy(rows: Sequence[Row]) -> Sequence[Row]:
    return rows if rows and rows[-1].is_blank else [*rows, Row()]


def _rows(form: Form, name: str) -> Sequence[Row]:
    count = min(_number(form.text(f"{name}-rows")), MOST_ROWS)
    rows = [
        Row(
            [int(day) for day in form.all(f"{row}-days") if day in "1234567" and len(day) == 1],
            form.text(f"{row}-opens"),
            form.text(f"{row}-closes"),
        )
        for row in (f"{name}-{number}" for number in range(count))
        if row != form.text("drop")
    ]
    return [*rows, Row()] if form.text("more") == name and count < MOST_ROWS else rows


def _typed(periods: Sequence[Hours]) -> Sequence[Row]:
    return [Row(one.weekdays, f"{one.opens:%H:%M}", f"{one.closes:%H:%M}") for one in periods]


def _periods(rows: Sequence[Row]) -> list[dict[str, Any]]:
    typed = [one for one in rows if not one.is_blank]
    return [{"weekdays": [*one.days], "opens": _clock(one.opens), "closes": _clock(one.closes)} for one in typed]


def _clock(text: str) -> str:
    """08:30 for 8:30; what is no time stays to be seen."""
    time = _time(text)
    return f"{time:%H:%M}" if time else text


def _wrongs_in(name: str, rows: Sequence[Row]) -> list[Wrong]:
    found, busy = list[Wrong](), dict[int, list[tuple[dt.time, dt.time]]]()
    for number, row in enumerate(rows):
        if word := _wrong_of(row, busy):
            found.append(Wrong(f"{name}-{number}", word))
    return found


def _wrong_of(row: Row, busy: dict[int, list[tuple[dt.time, dt.time]]]) -> str | None:
    """What is wrong with a row, beside those before it, which `busy` tells."""
    if row.is_blank:
        return None
    opens, closes = _time(row.opens), _time(row.closes)
    if opens is None or closes is None:
        return "hours_times"
    if opens >= closes:
        return "hours_order"
    if not row.days:
        return "hours_days"
    for day in row.days:
        periods = busy.setdefault(day, [])
        periods.append((opens, closes))
        if any(one[1] > other[0] for one, other in pairwise(sorted(periods))):
            return "hours_overlap"
    return None


def _time(text: str) -> dt.time | None:
    try:
        return dt.datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (a time of day, local by nature)
    except ValueError:
        return None


def _is_day(text: str) -> bool:
    found = _MONTH_DAY.fullmatch(text)
    try:
        check_day(*map(int, found.groups()) if found else (0, 0))
    except (ValueError, IndexError):
        return False
    return True


def _number(text: str) -> int:
    return int(text) if _COUNT.fullmatch(text) else 0
