"""Open or closed, until when or from when: on weekdays, holidays, in Ramadan, and when the clock changes."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.calendar import CASABLANCA, Calendar
from bot.catalogue.hours import open_state
from bot.catalogue.schemas import Confidence, Hours, Office
from bot.nlu.languages import Language
from tests.catalogue.dates import MOROCCO

TEXTS = {Language.ARABIC: "مكتب", Language.FRENCH: "Bureau"}
WEEK = [1, 2, 3, 4, 5]
SUNDAY = 7
NOTHING = Calendar()

START = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
moments = st.integers(0, 7 * 365 * 24 * 60).map(lambda minutes: START + dt.timedelta(minutes=minutes))


def period(opens: str, closes: str, weekdays: list[int]) -> Hours:
    return Hours(weekdays=weekdays, opens=dt.time.fromisoformat(opens), closes=dt.time.fromisoformat(closes))


def office(*hours: Hours, **more: Any) -> Office:
    fields = {"hours": list(hours), "confidence": Confidence.HIGH, **more}
    return Office(id="an_office", names=TEXTS, type="office", city=TEXTS, **fields)


DAILY = office(period("08:30", "16:30", WEEK), ramadan_hours=[period("09:00", "15:00", WEEK)])
TWICE_A_DAY = office(period("08:30", "12:00", WEEK), period("14:00", "18:00", [*WEEK, 6]))


def utc(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A moment of 2026."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC)


def local(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A time on Casablanca's clocks in 2026."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=CASABLANCA)


@given(moments, st.sampled_from([DAILY, TWICE_A_DAY]))
def test_an_open_office_stays_open_until_it_says(now: dt.datetime, where: Office) -> None:
    state = open_state(where, now, MOROCCO)
    if state.is_open:
        assert state.until is not None
        until = state.until.astimezone(dt.UTC)
        assert until > now
        assert open_state(where, until - dt.timedelta(seconds=1), MOROCCO).until == state.until
        assert not open_state(where, until, MOROCCO).is_open


@given(moments, st.sampled_from([DAILY, TWICE_A_DAY]))
def test_a_closed_office_stays_closed_until_it_says(now: dt.datetime, where: Office) -> None:
    state = open_state(where, now, MOROCCO)
    if not state.is_open:
        assert state.next_at is not None
        opens = state.next_at.astimezone(dt.UTC)
        assert opens > now
        assert open_state(where, opens, MOROCCO).is_open
        just_before = open_state(where, opens - dt.timedelta(seconds=1), MOROCCO)
        assert (just_before.is_open, just_before.next_at) == (False, state.next_at)


@given(moments)
def test_nobody_works_on_weekends_and_holidays(now: dt.datetime) -> None:
    today = now.astimezone(CASABLANCA).date()
    if not MOROCCO.is_working_day(today):
        assert open_state(DAILY, now, MOROCCO).is_open is False


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (utc(2, 13, 7, 29), False),  # The last working day of winter's clock, an hour ahead of UTC: opens at 8:30.
        (utc(2, 13, 7, 30), True),
        (utc(2, 16, 7, 30), False),  # The clock went back in the night to Sunday; Ramadan is not here yet.
        (utc(2, 16, 8, 30), True),
        (utc(2, 18, 8, 59), False),  # Ramadan: opens at 9.
        (utc(2, 18, 9, 0), True),
        (utc(3, 19, 15, 0), False),  # Its last day closes at 15.
        (utc(3, 23, 7, 30), True),  # The clock went forward again in the night to Sunday.
        (utc(3, 23, 7, 29), False),
    ],
)
def test_it_opens_by_casablancas_clock_before_and_after_both_changes(now: dt.datetime, is_open: bool) -> None:
    assert open_state(DAILY, now, NOTHING).is_open is is_open


def test_a_weekend_with_a_clock_change_lies_between_closing_and_opening() -> None:
    state = open_state(DAILY, utc(2, 13, 16), NOTHING)
    assert state.next_at == local(2, 16, 8, 30)
    assert state.next_at.astimezone(dt.UTC) == utc(2, 16, 8, 30)
    state = open_state(DAILY, utc(3, 20, 17), NOTHING)
    assert state.next_at is not None
    assert state.next_at.astimezone(dt.UTC) == utc(3, 23, 7, 30)


def test_a_night_office_is_open_twice_in_the_hour_that_comes_twice() -> None:
    night = office(period("01:00", "05:00", [SUNDAY]))
    for now in (utc(2, 15, 1, 30), utc(2, 15, 2, 30)):
        state = open_state(night, now, NOTHING)
        assert state.is_open
        assert state.until is not None
        assert state.until.astimezone(dt.UTC) == utc(2, 15, 5)


def test_a_night_office_closes_by_the_new_clock_when_an_hour_is_missing() -> None:
    night = office(period("01:00", "05:00", [SUNDAY]))
    state = open_state(night, utc(3, 22, 1, 30), NOTHING)
    assert state.until is not None
    assert state.until.astimezone(dt.UTC) == utc(3, 22, 4)


def test_ramadan_is_told_and_its_hours_hold() -> None:
    state = open_state(DAILY, utc(2, 18, 10), NOTHING)
    assert (state.is_open, state.until, state.ramadan) == (True, local(2, 18, 15), True)
    assert not open_state(DAILY, utc(2, 17, 10), NOTHING).ramadan


def test_without_hours_for_ramadan_the_usual_ones_hold() -> None:
    state = open_state(TWICE_A_DAY, utc(2, 18, 16), NOTHING)
    assert (state.is_open, state.until, state.ramadan) == (True, local(2, 18, 18), True)


def test_lunch_is_closed_and_ends_the_same_day() -> None:
    state = open_state(TWICE_A_DAY, utc(11, 23, 12, 30), NOTHING)
    assert (state.is_open, state.next_at) == (False, local(11, 23, 14))


def test_a_holiday_is_named_and_the_next_working_day_opens() -> None:
    state = open_state(DAILY, utc(11, 18, 9), MOROCCO)
    assert (state.is_open, state.holiday_id, state.next_at) == (False, "fixed_11_18", local(11, 19, 8, 30))


def test_eid_closes_two_days_and_the_weekend_after_it() -> None:
    state = open_state(DAILY, utc(3, 20, 10), MOROCCO)
    assert (state.is_open, state.holiday_id, state.next_at) == (False, "eid_fitr", local(3, 23, 8, 30))


@given(moments)
def test_what_is_always_open_is_open_on_holidays_too(now: dt.datetime) -> None:
    state = open_state(office(always_open=True), now, MOROCCO)
    assert (state.is_open, state.until, state.next_at) == (True, None, None)


@given(moments)
def test_unknown_hours_are_said_to_be_unknown(now: dt.datetime) -> None:
    state = open_state(office(), now, MOROCCO)
    assert (state.is_open, state.until, state.next_at) == (None, None, None)
