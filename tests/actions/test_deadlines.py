"""Dates: the next one and how far away it is, on a fixed day, with what being late costs."""

import datetime as dt
from typing import Any

import pytest

from actions import runtime
from actions.deadlines import COMING_DAYS, ActionListDeadlines, coming, date_lines, in_days
from actions.phrases import Phrases
from actions.services import ActionAnswerService
from bot.catalogue.rules import AnnualRule
from bot.catalogue.schemas import Deadline
from bot.nlu.languages import Language
from tests.actions.acting import faults, turn
from tests.actions.catalogue import shipped_snapshot


@pytest.fixture
def english(domain: dict[str, Any]) -> Phrases:
    return Phrases(domain, Language.ENGLISH)


TODAY = "If you missed 31 January 2026 and pay today:"


def on(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    noon = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), tzinfo=dt.UTC)
    monkeypatch.setattr(runtime, "now", lambda: noon)


def deadline(entry_id: str) -> Deadline:
    return next(one for one in shipped_snapshot().deadlines if one.id == entry_id)


def ask(phrases: Phrases, service: str) -> list[str]:
    return ActionAnswerService().answer(turn(act="ask_deadline", chosen=service), phrases).lines


def test_the_next_date_comes_with_its_distance_and_penalty(english: Phrases) -> None:
    lines = ask(english, "vignette_tsav")
    assert "• Pay the vehicle tax: 31 January 2027, in 69 days" in lines
    assert "If late: 15% for the first month of delay, then 0.5% per month or part of a month; 100 DH at least" in lines


@pytest.mark.parametrize(
    ("day", "line"),
    [
        ("2026-12-31", "• Pay the vehicle tax: 31 January 2027, in 31 days"),
        ("2027-01-30", "• Pay the vehicle tax: open now, until 31 January 2027, tomorrow"),
        ("2027-01-31", "• Pay the vehicle tax: open now, until 31 January 2027, today"),
        ("2027-02-01", "• Pay the vehicle tax: 31 January 2028, in 364 days"),
    ],
)
def test_the_day_of_asking_decides(monkeypatch: pytest.MonkeyPatch, english: Phrases, day: str, line: str) -> None:
    on(monkeypatch, day)
    assert line in ask(english, "vignette_tsav")


@pytest.mark.parametrize(
    ("day", "line"),
    [
        ("2026-11-23", "• Free baccalaureate candidacy: open now, until 10 December 2026, in 17 days"),
        ("2026-11-05", "• Free baccalaureate candidacy: from 10 November 2026 to 10 December 2026; opens in 5 days"),
        ("2026-12-11", "• Free baccalaureate candidacy: from 10 November 2027 to 10 December 2027; opens in 334 days"),
    ],
)
def test_a_window_says_whether_it_is_open(
    monkeypatch: pytest.MonkeyPatch, english: Phrases, day: str, line: str
) -> None:
    on(monkeypatch, day)
    assert line in ask(english, "bac_free_candidate")


def test_a_delay_after_an_event_names_the_event_and_the_longer_one_abroad(english: Phrases) -> None:
    line = next(line for line in ask(english, "birth_declaration") if line.startswith("• Register a birth"))
    assert "within 30 days after:" in line
    assert line.endswith("(abroad: within 1 year)")


def test_a_holiday_moves_the_date_where_the_rule_says_so(monkeypatch: pytest.MonkeyPatch, english: Phrases) -> None:
    on(monkeypatch, "2027-02-20")
    line = date_lines(english, shipped_snapshot(), deadline("income_return_1_march"))[0]
    assert line.endswith("1 March 2027, in 9 days (moved to the next working day)")


def test_several_dates_a_year_are_all_told(english: Phrases) -> None:
    lines = date_lines(english, shipped_snapshot(), deadline("auto_entrepreneur_quarter"))
    assert lines[0].endswith("31 January 2027, in 69 days")
    assert lines[1] == "Every year: 31 January 2027, 30 April 2027, 31 July 2027, 31 October 2027"


def test_a_service_without_a_date_says_so(english: Phrases) -> None:
    without = next(one for one in shipped_snapshot().services if not shipped_snapshot().deadlines_of(one))
    assert english("utter_deadline_none") in ask(english, without)


@pytest.mark.parametrize("language", Language)
def test_coming_deadlines_are_listed_soonest_first_with_a_source(domain: dict[str, Any], language: Language) -> None:
    reply = ActionListDeadlines().answer(turn(act="list_deadlines"), Phrases(domain, language))
    assert faults(reply, domain) == []
    assert len(reply.lines) == 6
    years = [line for line in reply.lines if "2026" in line and line.startswith("•")]
    assert ["30" in years[0], "10" in years[2], "31" in years[3]] == [True, True, True]


def test_coming_deadlines_in_english(english: Phrases) -> None:
    lines = ActionListDeadlines().answer(turn(act="list_deadlines"), english).lines
    assert lines[:5] == [
        "Due in the next 60 days:",
        "• Monthly VAT: 30 November 2026, in 7 days",
        "• AMO Achamil contribution: 1 December 2026, in 8 days",
        "• Free baccalaureate candidacy: open now, until 10 December 2026, in 17 days",
        "• Electoral registration: 31 December 2026, in 38 days",
    ]


@pytest.mark.parametrize("day", ["2026-12-15", "2027-02-20", "2027-05-20", "2027-09-01"])
def test_whatever_the_day_the_soonest_comes_first(day: str) -> None:
    today = dt.date.fromisoformat(day)
    found = [due.due_on for _, due in coming(shipped_snapshot(), today, COMING_DAYS)]
    assert found == sorted(found)
    assert len(found) >= 3
    assert all(dt.timedelta(0) <= due_on - today <= dt.timedelta(days=COMING_DAYS) for due_on in found)


def test_nothing_due_is_said_too(monkeypatch: pytest.MonkeyPatch, english: Phrases) -> None:
    monkeypatch.setattr("actions.deadlines.coming", lambda *_: [])
    reply = ActionListDeadlines().answer(turn(act="list_deadlines"), english)
    assert reply.lines == ["I know of no deadline in the next 60 days."]


@pytest.mark.parametrize("language", Language)
def test_days_are_counted_in_every_variety(domain: dict[str, Any], language: Language) -> None:
    phrases = Phrases(domain, language)
    told = [in_days(phrases, dt.timedelta(days=days)) for days in (0, 1, 2, 3, 11, 70)]
    assert len(set(told)) == len(told)
    assert "70" in told[-1]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("month", range(1, 13))
def test_every_deadline_has_a_line_on_every_first_of_a_month(
    monkeypatch: pytest.MonkeyPatch, domain: dict[str, Any], language: Language, month: int
) -> None:
    on(monkeypatch, f"2028-{month:02}-01")
    for one in shipped_snapshot().deadlines:
        lines = date_lines(Phrases(domain, language), shipped_snapshot(), one)
        assert all(line and "{" not in line for line in lines), one.id


def test_29_february_is_told_in_a_leap_year_only(monkeypatch: pytest.MonkeyPatch, english: Phrases) -> None:
    leap = deadline("vat_monthly_end_of_month").model_copy(update={"rule": AnnualRule(type="annual", month=2, day=29)})
    on(monkeypatch, "2027-02-01")
    assert "28 February 2027" in date_lines(english, shipped_snapshot(), leap)[0]
    on(monkeypatch, "2028-02-01")
    assert "29 February 2028" in date_lines(english, shipped_snapshot(), leap)[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("j'ai raté la date", f"{TODAY} 19.5% on top of what is due, at least 100 DH."),
        ("vignette diesel 9 CV", f"{TODAY} 19.5%, that is 292.50 DH on 1,500 DH: 1,792.50 DH in all."),
        ("2 months late, 700 DH", "For a delay of 2 months: 15.5%, that is 108.50 DH on 700 DH: 808.50 DH in all."),
        ("متى آخر أجل لأداء الضريبة على السيارات؟", f"{TODAY} 19.5% on top of what is due, at least 100 DH."),
        ("petrol 7 CV, one month late", "For a delay of 1 month: 15%, that is 100 DH on 350 DH: 450 DH in all."),
    ],
)
def test_being_late_is_worked_out_for_what_the_citizen_tells(english: Phrases, text: str, line: str) -> None:
    reply = ActionAnswerService().answer(turn(text, act="ask_deadline", service="vignette_tsav"), english)
    assert line in reply.lines


@pytest.mark.parametrize("language", [Language.ARABIC, Language.FRENCH, Language.DARIJA, Language.DARIJA_LATIN])
def test_the_amount_asked_for_before_is_the_one_that_grows(domain: dict[str, Any], language: Language) -> None:
    phrases = Phrases(domain, language)
    before = ActionAnswerService().answer(turn("diesel 7 cv", act="ask_fee", service="vignette_tsav"), phrases)
    late = turn("1 mois", act="ask_deadline", service="vignette_tsav", **before.context)
    lines = ActionAnswerService().answer(late, phrases).lines
    assert any("15%" in line.replace(" %", "%") and "105" in line and "805" in line for line in lines)


def test_a_date_announced_long_ago_is_told_to_be_worked_out(english: Phrases) -> None:
    lines = ask(english, "school_enrolment")
    assert any(line.startswith("Last announced date: 25 June 2022") for line in lines)
