"""A team's week: usual days, Friday's pause, Ramadan, seasons and holidays; when an answer is due in it."""

import datetime as dt

import pytest

from bot.cases.hours import Schedule, Season
from bot.cases.teams import _shipped
from bot.catalogue.calendar import Calendar
from bot.catalogue.schemas import Confidence, FixedHoliday, Hours
from bot.nlu.languages import Language

SHIPPED = Schedule.model_validate(_shipped()[0]["hours"])
NAMES = {Language.ARABIC: "عيد", Language.FRENCH: "fête", Language.ENGLISH: "feast"}
HOLIDAYS = Calendar([FixedHoliday(id="feast", type="fixed", month=11, day=24, names=NAMES, confidence=Confidence.HIGH)])
NONE = Calendar()


def at(moment: str) -> dt.datetime:
    """A moment in UTC; Casablanca was an hour ahead until September 2026."""
    return dt.datetime.fromisoformat(f"{moment}+00:00")


@pytest.mark.parametrize(
    ("moment", "closes"),
    [
        ("2026-07-06T07:29", None),  # A Monday of summer, an hour ahead.
        ("2026-07-06T07:30", "2026-07-06T15:30"),
        ("2026-11-23T08:29", None),  # Monday.
        ("2026-11-23T08:30", "2026-11-23T16:30"),
        ("2026-11-23T16:30", None),
        ("2026-11-27T11:00", "2026-11-27T11:30"),  # Friday: a pause for the prayer.
        ("2026-11-27T12:00", None),
        ("2026-11-27T14:00", "2026-11-27T16:30"),
        ("2026-11-28T11:00", None),
        ("2027-02-10T08:30", None),  # Ramadan: later and shorter.
        ("2027-02-10T09:00", "2027-02-10T15:00"),
        ("2027-02-12T12:00", "2027-02-12T15:00"),
    ],
)
def test_the_shipped_week(moment: str, closes: str | None) -> None:
    assert SHIPPED.closes_at(at(moment), NONE) == (at(closes) if closes else None)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T07:00", "2026-11-23T08:30"),
        ("2026-11-23T17:00", "2026-11-25T08:30"),  # Tuesday is a holiday.
        ("2026-11-27T12:00", "2026-11-27T14:00"),
        ("2026-11-27T17:00", "2026-11-30T08:30"),
    ],
)
def test_the_next_opening_passes_over_holidays_and_weekends(moment: str, opens: str) -> None:
    assert SHIPPED.next_opening(at(moment), HOLIDAYS) == at(opens)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-23T09:00", 30, "2026-11-23T09:30"),
        ("2026-11-23T16:20", 30, "2026-11-25T08:50"),  # Ten minutes today, twenty after the holiday.
        ("2026-11-28T13:00", 15, "2026-11-30T08:45"),
        ("2026-11-27T11:15", 60, "2026-11-27T14:45"),
    ],
)
def test_an_answer_is_due_in_the_teams_own_time(start: str, minutes: int, due: str) -> None:
    assert SHIPPED.after_minutes(at(start), minutes, HOLIDAYS) == at(due)


@pytest.mark.parametrize(
    ("day", "opens"), [("2027-08-03", 8), ("2026-12-28", 10), ("2027-01-05", 10), ("2027-03-30", 9)]
)
def test_a_season_replaces_the_usual_hours_also_over_new_year(day: str, opens: int) -> None:
    def hours(hour: int) -> list[Hours]:
        return [Hours(weekdays=[1, 2, 3, 4, 5], opens=dt.time(hour), closes=dt.time(15))]

    summer = Season(first="07-15", last="08-31", periods=hours(8))
    winter = Season(first="12-20", last="01-10", periods=hours(10))
    schedule = Schedule(usual=hours(9), seasons=[summer, winter])
    ((first, _),) = schedule.periods_on(dt.date.fromisoformat(day), NONE)
    assert first.astimezone(dt.UTC).hour == opens


def test_a_team_without_hours_never_opens_and_one_that_is_always_there_never_closes() -> None:
    now = at("2026-11-28T23:59")
    assert Schedule().next_opening(now, NONE) is None
    assert Schedule(always_open=True).closes_at(now, HOLIDAYS) == now + dt.timedelta(days=1)
