"""What is promised: a range from recent waits while staff are there, an opening time else; in all varieties."""

import datetime as dt

import pytest
import yaml

from bot.cases.promise import Desk, Promise, When, promise, similar_waits
from bot.jobs.wording import tell_promise
from bot.nlu.languages import Language
from bot.settings import REPOSITORY
from tests.cases.test_hours import HOLIDAYS, NONE, SHIPPED, at

MORNING = at("2026-11-23T10:00")
FOUND = yaml.safe_load((REPOSITORY / "domain" / "handoff.yml").read_text("utf-8"))["responses"]
WORDS = {name: {Language(one["condition"][0]["value"]): one["text"] for one in found} for name, found in FOUND.items()}


def desk(*, on_duty: int = 2, ahead: int = 0, waits: tuple[int, ...] = ()) -> Desk:
    found = [dt.timedelta(minutes=minutes) for minutes in waits]
    return Desk(SHIPPED, HOLIDAYS, on_duty, ahead, found, target_minutes=15)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T10:00", Promise(When.MINUTES, 5, 15)),
        ("2026-11-23T07:00", Promise(When.TODAY, at=at("2026-11-23T08:30"))),
        ("2026-11-23T16:20", Promise(When.BEFORE, at=at("2026-11-23T16:30"))),
        ("2026-11-23T16:28", Promise(When.DAY, at=at("2026-11-25T08:30"))),  # Tomorrow is a holiday.
        ("2026-11-25T19:00", Promise(When.TOMORROW, at=at("2026-11-26T08:30"))),
        ("2026-11-27T12:00", Promise(When.TODAY, at=at("2026-11-27T14:00"))),
        ("2026-11-28T11:00", Promise(When.DAY, at=at("2026-11-30T08:30"))),
        ("2027-02-10T16:00", Promise(When.TOMORROW, at=at("2027-02-11T09:00"))),
    ],
)
def test_a_promise_follows_the_teams_hours(moment: str, expected: Promise) -> None:
    assert promise(desk(), at(moment)) == expected


@pytest.mark.parametrize(
    ("waits", "ahead", "on_duty", "low", "high"),
    [
        ((1, 2, 3), 0, 2, 5, 15),  # Too few tell nothing.
        ((2, 3, 4, 5, 6, 7), 0, 2, 3, 10),
        ((2, 3, 4, 5, 6, 7), 4, 2, 3, 20),  # Five for two: three rounds.
        ((20, 25, 30, 31, 33), 0, 1, 20, 45),
        ((0, 0, 0, 0, 0), 0, 1, 1, 2),
    ],
)
def test_the_range_is_the_middle_half_of_recent_waits(
    waits: tuple[int, ...], ahead: int, on_duty: int, low: int, high: int
) -> None:
    assert promise(desk(waits=waits, ahead=ahead, on_duty=on_duty), MORNING) == Promise(When.MINUTES, low, high)


def test_what_may_take_all_day_is_promised_for_the_day() -> None:
    found = promise(desk(waits=(100, 150, 200, 250, 300)), MORNING)
    assert found == Promise(When.BEFORE, at=at("2026-11-23T16:30"))


def test_without_anybody_there_no_minutes_are_promised() -> None:
    assert promise(desk(on_duty=0), MORNING) == Promise(When.NOBODY, at=at("2026-11-23T16:30"))


def test_only_waits_of_similar_hours_count_and_no_more_than_twenty() -> None:
    day = dt.timedelta(days=1)
    found = [(MORNING - number * day, MORNING - number * day + dt.timedelta(minutes=5)) for number in range(60)]
    found += [(at("2026-11-23T14:30"), at("2026-11-23T14:40")), (at("2026-11-23T23:00"), at("2026-11-23T23:05"))]
    assert similar_waits(found, SHIPPED, NONE, MORNING) == [dt.timedelta(minutes=5)] * 20


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("when", When)
def test_every_promise_has_words_in_every_variety(language: Language, when: When) -> None:
    found = Promise(when, 5, 15, at("2026-11-30T08:30"))
    words = tell_promise(Promise.from_json(found.to_json()), WORDS, language)
    assert "{" not in words.text
    if when is When.MINUTES:
        assert "5" in words.text
        assert "15" in words.text
    elif when is not When.UNKNOWN:
        assert "08:30" in words.text


def test_the_words_of_a_promise() -> None:
    found = tell_promise(Promise(When.TOMORROW, at=at("2026-11-24T08:30")), WORDS, Language.FRENCH)
    assert found.text.splitlines()[0].endswith("un agent vous répondra demain à partir de 08:30.")
    assert found.buttons[0].payload == "/resume_bot"
