"""Days off, also by the moon; days at work; the clock in Casablanca."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.calendar import Calendar, is_ramadan, local_now
from bot.catalogue.files import read_bundle
from tests.catalogue.dates import LUNAR, MOROCCO, any_day, fixed, moving
from tests.conftest import SHIPPED

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("eid_fitr", dt.date(2026, 3, 20)),
        ("eid_adha", dt.date(2026, 5, 27)),
        ("new_year", dt.date(2026, 6, 16)),
        ("mawlid", dt.date(2026, 8, 25)),
        ("eid_fitr", dt.date(2027, 3, 9)),
    ],
)
def test_the_moon_is_computed_to_the_day_of_umm_al_qura(name: str, first: dt.date) -> None:
    day = Calendar([moving(name)]).holiday_on(first)
    assert day is not None
    assert not day.certain


@given(st.sampled_from(sorted(LUNAR)), st.integers(2000, 2060))
def test_a_lunar_holiday_comes_back_after_354_or_355_days(name: str, year: int) -> None:
    calendar = Calendar([moving(name)])
    days = sorted(day for y in range(year, year + 5) for day in calendar.holidays_in(y))
    firsts = [day for day in days if day - DAY not in days][1:]
    assert {(b - a).days for a, b in pairwise(firsts)} <= {354, 355}


def test_an_announced_date_replaces_the_computed_one_and_is_certain() -> None:
    seen_a_day_later = dt.date(2026, 3, 21)
    calendar = Calendar([moving("eid_fitr", seen_a_day_later)])
    days = calendar.holidays_in(2026)
    assert sorted(days) == [seen_a_day_later, seen_a_day_later + DAY]
    assert all(day.certain for day in days.values())
    assert not calendar.holidays_in(2027)[dt.date(2027, 3, 9)].certain


def test_a_year_with_two_eids_keeps_the_second_when_the_first_is_announced() -> None:
    announced = dt.date(2033, 1, 3)
    days = Calendar([moving("eid_fitr", announced)]).holidays_in(2033)
    assert sorted(days) == [announced, announced + DAY, dt.date(2033, 12, 23), dt.date(2033, 12, 24)]


def test_a_date_announced_for_january_replaces_the_one_computed_for_december() -> None:
    calendar = Calendar([moving("eid_adha", dt.date(2072, 1, 1))])
    assert [calendar.holiday_on(dt.date(2071, 12, day)) for day in (30, 31)] == [None, None]
    assert calendar.holiday_on(dt.date(2072, 1, 2)) is not None


def test_a_holiday_of_two_days_lasts_over_the_new_year() -> None:
    calendar = Calendar([moving("eid_adha")])
    assert calendar.holiday_on(dt.date(2071, 12, 31)) is not None
    assert calendar.holiday_on(dt.date(2072, 1, 1)) is not None


def test_a_leap_day_holiday_comes_every_fourth_year() -> None:
    calendar = Calendar([fixed(2, 29)])
    assert [year for year in range(2026, 2034) if calendar.holidays_in(year)] == [2028, 2032]


@given(st.integers(1, 9999))
def test_every_year_has_its_fixed_holidays(year: int) -> None:
    assert dt.date(year, 11, 18) in MOROCCO.holidays_in(year)


@given(any_day)
def test_the_next_working_day_is_the_first_one(day: dt.date) -> None:
    found = MOROCCO.next_working_day(day)
    assert found >= day
    assert MOROCCO.is_working_day(found)
    assert not any(MOROCCO.is_working_day(day + n * DAY) for n in range((found - day).days))


@given(any_day)
def test_weekends_and_holidays_are_no_working_days(day: dt.date) -> None:
    assert MOROCCO.is_working_day(day) == (day.weekday() < 5 and day not in MOROCCO.holidays_in(day.year))


@given(st.integers(1990, 2070))
def test_ramadan_has_29_or_30_days_and_ends_with_eid(civil_year: int) -> None:
    year = dt.date(civil_year, 1, 1)
    days = [year + n * DAY for n in range(400) if is_ramadan(year + n * DAY)]
    eids = Calendar([moving("eid_fitr")])
    ends = [day for day in days if not is_ramadan(day + DAY)]
    assert ends
    assert all(eids.holiday_on(end + DAY) for end in ends)
    assert all(sum(is_ramadan(end - n * DAY) for n in range(31)) in (29, 30) for end in ends)


def noon(year: int, month: int, day: int) -> int:
    return local_now(dt.datetime(year, month, day, 12, tzinfo=dt.UTC)).hour


def test_casablanca_was_an_hour_ahead_of_utc_but_not_in_ramadan() -> None:
    assert [noon(2026, *day) for day in ((2, 14), (2, 16), (3, 21), (3, 23))] == [13, 12, 12, 13]


def test_since_september_2026_it_keeps_utc_whatever_the_machines_files_say() -> None:
    assert [noon(2026, 8, 1), noon(2026, 10, 1), noon(2027, 2, 15), noon(2027, 7, 1)] == [13, 12, 12, 12]


def test_the_shipped_holidays_are_eleven_fixed_and_four_lunar_ones() -> None:
    calendar = Calendar(read_bundle([SHIPPED / "holidays.yaml"]).entries["holidays"])  # type: ignore[arg-type]
    days = calendar.holidays_in(2027)
    assert sum(day.certain for day in days.values()) == 11
    assert len({day.holiday_id for day in days.values() if not day.certain}) == 4
