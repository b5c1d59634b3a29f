"""Which reminder is due when: the nearest offset that was reached, from nine on, until the date itself."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.due import FROM, OFFSETS, due_now, is_time, next_on
from bot.catalogue.calendar import CASABLANCA, Calendar
from bot.catalogue.schemas import Deadline
from tests.alerts.records import TAX, deadline

NONE = Calendar()
LAST = dt.date(2027, 1, 31)


def at(day: str, clock: str = "10:00") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=CASABLANCA)


def reached(one: Deadline, now: dt.datetime) -> list[tuple[dt.date, int]]:
    return [(due.on, due.days) for due in due_now([one], now, NONE)]


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (at("2027-01-16"), None),
        (at("2027-01-17", "08:59"), None),
        (at("2027-01-17", "09:00"), 14),
        (at("2027-01-27"), 14),
        (at("2027-01-28", "08:59"), 14),
        (at("2027-01-28", "09:00"), 3),
        (at("2027-01-30"), 1),
        (at("2027-01-31"), 1),  # A worker that was off the day before.
        (at("2027-02-01"), None),
    ],
)
def test_the_nearest_offset_that_was_reached_is_due(now: dt.datetime, days: int | None) -> None:
    assert reached(deadline(), now) == ([(LAST, days)] if days else [])


def test_an_editor_who_moves_a_date_moves_its_reminders() -> None:
    now = at("2027-01-18")
    assert reached(deadline(day=20), now) == [(dt.date(2027, 1, 20), 3)]
    assert reached(deadline(month=2, day=20), now) == []


def test_a_period_is_told_before_its_end_and_what_depends_on_an_event_never() -> None:
    window = deadline(rule={"type": "window", "start": "12-01", "end": "01-31"})
    assert reached(window, at("2027-01-28")) == [(LAST, 3)]
    event = {"ar": "الشراء", "fr": "achat", "en": "purchase"}
    relative = deadline(rule={"type": "relative", "event": event, "within": {"amount": 60, "unit": "days"}})
    assert (reached(relative, at("2027-01-28")), next_on(relative, LAST, NONE)) == ([], None)


@pytest.mark.parametrize(("clock", "may"), [("08:59", False), ("09:00", True), ("19:59", True), ("20:00", False)])
def test_nobody_is_written_to_at_night(clock: str, may: bool) -> None:
    assert is_time(at("2027-01-17", clock)) == may


@given(st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2029, 1, 1)))  # noqa: DTZ001 (made aware below)
def test_what_is_due_was_reached_is_not_over_and_nothing_nearer_was(naive: dt.datetime) -> None:
    now = naive.replace(tzinfo=CASABLANCA)
    for due in due_now([deadline(rule={"type": "monthly", "day": "last"})], now, NONE):
        assert due.deadline_id == TAX
        assert due.reached_at <= now < due.ends_at
        assert due.reached_at.astimezone(CASABLANCA).time() == FROM
        nearer = [one for one in OFFSETS if one < due.days]
        moments = [dt.datetime.combine(due.on - dt.timedelta(days=one), FROM, CASABLANCA) for one in nearer]
        assert all(one > now for one in moments)
