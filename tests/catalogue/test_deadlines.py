"""From rules to dates: never past, in order, on the right day, shifted only where the rule says so."""

import datetime as dt
from calendar import monthrange
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.calendar import Calendar
from bot.catalogue.deadlines import due_after, next_dates
from bot.catalogue.files import read_bundle
from bot.catalogue.rules import AnnualRule, DatesRule, MonthlyRule, RelativeRule, Rule, Shift, Span, WindowRule
from bot.catalogue.schemas import Deadline
from tests.catalogue.dates import (
    MOROCCO,
    NAMES,
    annual_rules,
    any_day,
    dates_rules,
    fixed,
    monthly_rules,
    moving,
    rules,
    window_rules,
)
from tests.conftest import SHIPPED

DAY = dt.timedelta(days=1)
TO_A_WORKING_DAY = Shift.NEXT_WORKING_DAY


def relative(amount: int, unit: str, shift: Shift = Shift.NONE) -> RelativeRule:
    within = Span.model_validate({"amount": amount, "unit": unit})
    return RelativeRule(type="relative", event=NAMES, within=within, shift=shift)


def day_before(month_day: str, year: int) -> dt.date:
    month, day = map(int, month_day.split("-"))
    return dt.date(year, month, min(day, monthrange(year, month)[1]))


@given(rules, any_day, st.integers(1, 20))
def test_no_date_is_past_and_they_come_in_order(rule: Rule, today: dt.date, count: int) -> None:
    found = next_dates(rule, today, MOROCCO, count=count)
    assert len(found) == count
    assert all(due.due_on >= today for due in found)
    assert all(a.rule_on <= b.rule_on and a.due_on <= b.due_on for a, b in pairwise(found))


@given(rules, any_day, st.integers(0, 60))
def test_the_next_date_stays_the_same_until_it_has_passed(rule: Rule, today: dt.date, later: int) -> None:
    first, second = next_dates(rule, today, MOROCCO, count=2)
    after = today + later * DAY
    if after <= first.due_on:
        assert next_dates(rule, after, MOROCCO)[0] == first
    elif first.due_on < second.due_on and after <= second.due_on:
        assert next_dates(rule, after, MOROCCO)[0] == second


@given(rules, any_day)
def test_a_date_shifts_only_where_the_rule_says_so_and_then_to_the_next_working_day(rule: Rule, today: dt.date) -> None:
    due = next_dates(rule, today, MOROCCO)[0]
    expected = MOROCCO.next_working_day(due.rule_on) if rule.shift is TO_A_WORKING_DAY else due.rule_on
    assert due.due_on == expected
    assert due.is_shifted == (due.due_on != due.rule_on)


@given(rules, any_day)
def test_it_opens_before_it_ends_and_less_than_a_year_before(rule: Rule, today: dt.date) -> None:
    due = next_dates(rule, today, MOROCCO)[0]
    if due.opens_on:
        assert due.rule_on - dt.timedelta(days=366) <= due.opens_on <= due.rule_on
    assert due.is_open(due.due_on)
    assert not due.is_open(due.due_on + DAY)


@given(annual_rules, any_day)
def test_an_annual_date_comes_once_a_year(rule: AnnualRule, today: dt.date) -> None:
    first, second = next_dates(rule, today, count=2)
    assert (second.rule_on.year, second.rule_on.month) == (first.rule_on.year + 1, rule.month)
    last = monthrange(first.rule_on.year, rule.month)[1]
    assert first.rule_on.day == (last if rule.day == "last" else min(rule.day, last))


@given(monthly_rules, any_day)
def test_a_monthly_date_comes_every_month_at_its_end_when_it_has_no_such_day(rule: MonthlyRule, today: dt.date) -> None:
    found = next_dates(rule, today, count=13)
    months = [due.rule_on.year * 12 + due.rule_on.month for due in found]
    assert months == list(range(months[0], months[0] + 13))
    for due in found:
        last = monthrange(due.rule_on.year, due.rule_on.month)[1]
        assert due.rule_on.day == (last if rule.day == "last" else min(rule.day, last))


@given(window_rules, any_day)
def test_a_window_over_the_new_year_ends_in_the_year_after_it_opened(rule: WindowRule, today: dt.date) -> None:
    due = next_dates(rule, today)[0]
    assert due.opens_on is not None
    assert due.rule_on.year - due.opens_on.year == (rule.end < rule.start)
    assert due.opens_on == day_before(rule.start, due.opens_on.year)
    assert due.rule_on == day_before(rule.end, due.rule_on.year)


@given(window_rules, any_day)
def test_the_window_that_is_given_is_the_one_that_is_open(rule: WindowRule, today: dt.date) -> None:
    due = next_dates(rule, today)[0]
    inside = [
        year
        for year in (today.year - 1, today.year)
        if day_before(rule.start, year) <= today <= day_before(rule.end, year + (rule.end < rule.start))
    ]
    assert due.is_open(today) == bool(inside)


@given(dates_rules, any_day)
def test_several_dates_a_year_all_come_within_a_year(rule: DatesRule, today: dt.date) -> None:
    found = next_dates(rule, today, count=len(rule.dates))
    assert {f"{due.rule_on:%m-%d}" for due in found} <= {*rule.dates, "02-28"}
    assert found[-1].rule_on <= today + dt.timedelta(days=366)


@given(any_day, st.integers(1, 400), st.sampled_from(["days", "months", "years"]))
def test_a_span_after_an_event_never_skips_a_month(event: dt.date, amount: int, unit: str) -> None:
    due = due_after(relative(amount, unit), event).due_on
    assert due > event
    if unit == "days":
        assert due - event == amount * DAY
    else:
        months = amount * (12 if unit == "years" else 1)
        assert due.year * 12 + due.month == event.year * 12 + event.month + months
        assert due.day == min(event.day, monthrange(due.year, due.month)[1])


@given(any_day, st.integers(1, 90))
def test_a_span_shifts_where_the_rule_says_so(event: dt.date, amount: int) -> None:
    due = due_after(relative(amount, "days", TO_A_WORKING_DAY), event, MOROCCO)
    assert due.due_on == MOROCCO.next_working_day(event + amount * DAY)


@given(any_day)
def test_nothing_is_due_by_a_relative_rule_alone(today: dt.date) -> None:
    assert next_dates(relative(30, "days"), today) == []


def test_abroad_has_its_own_span() -> None:
    rule = relative(30, "days").model_copy(update={"within_abroad": Span(amount=1, unit="years")})
    born = dt.date(2028, 2, 29)
    assert due_after(rule, born).due_on == dt.date(2028, 3, 30)
    assert due_after(rule, born, abroad=True).due_on == dt.date(2029, 2, 28)
    assert due_after(relative(30, "days"), born, abroad=True).due_on == dt.date(2028, 3, 30)


def test_the_last_day_of_february_is_the_29th_in_a_leap_year() -> None:
    rule = AnnualRule(type="annual", month=2, day="last")
    found = next_dates(rule, dt.date(2027, 3, 1), count=2)
    assert [due.due_on for due in found] == [dt.date(2028, 2, 29), dt.date(2029, 2, 28)]


def test_what_opens_in_october_for_january_is_open_at_new_year() -> None:
    rule = AnnualRule(type="annual", month=1, day=31, opens="10-01")
    due = next_dates(rule, dt.date(2026, 12, 31))[0]
    assert (due.opens_on, due.due_on) == (dt.date(2026, 10, 1), dt.date(2027, 1, 31))
    assert due.is_open(dt.date(2026, 12, 31))
    assert not due.is_open(dt.date(2026, 9, 30))


def test_a_saturday_at_the_years_end_shifts_past_new_years_day_and_the_sunday() -> None:
    rule = AnnualRule(type="annual", month=12, day=31, shift=TO_A_WORKING_DAY)
    new_year = Calendar([fixed(1, 1)])
    for today in (dt.date(2022, 12, 31), dt.date(2023, 1, 2)):
        due = next_dates(rule, today, new_year)[0]
        assert (due.rule_on, due.due_on) == (dt.date(2022, 12, 31), dt.date(2023, 1, 2))
    assert next_dates(rule, dt.date(2023, 1, 3), new_year)[0].due_on == dt.date(2024, 1, 2)


def test_a_date_on_eid_shifts_past_it_and_the_weekend() -> None:
    rule = AnnualRule(type="annual", month=3, day=20, shift=TO_A_WORKING_DAY)
    eid = Calendar([moving("eid_fitr")])
    assert eid.holiday_on(dt.date(2026, 3, 20)) is not None
    assert next_dates(rule, dt.date(2026, 3, 20), eid)[0].due_on == dt.date(2026, 3, 23)


def test_an_announced_moon_moves_the_deadline_with_it() -> None:
    rule = DatesRule(type="dates", dates=["05-27"], shift=TO_A_WORKING_DAY)
    today = dt.date(2026, 5, 1)
    computed, announced = Calendar([moving("eid_adha")]), Calendar([moving("eid_adha", dt.date(2026, 5, 28))])
    assert next_dates(rule, today, computed)[0].due_on == dt.date(2026, 5, 29)
    assert next_dates(rule, today, announced)[0].due_on == dt.date(2026, 5, 27)


@pytest.mark.parametrize("today", [dt.date(2026, 11, 23), dt.date(2027, 12, 31), dt.date(2028, 2, 29)])
def test_every_shipped_deadline_has_a_next_date_within_a_year(today: dt.date) -> None:
    for deadline in read_bundle([SHIPPED / "deadlines.yaml"]).entries["deadlines"]:
        assert isinstance(deadline, Deadline)
        if isinstance(deadline.rule, RelativeRule):
            assert due_after(deadline.rule, today).due_on > today
        else:
            due = next_dates(deadline.rule, today, MOROCCO)[0]
            assert today <= due.due_on <= today + dt.timedelta(days=400)
