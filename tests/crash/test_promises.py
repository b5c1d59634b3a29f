"""The judge itself: a run in which all went well breaks nothing, and each way to break a promise is seen."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.channels.base import REPEATED
from tests.crash.plan import Act, Citizen, Line, draw
from tests.crash.points import POINTS
from tests.crash.promises import broken
from tests.crash.records import Call, Records, Row, lines_of
from tests.crash.town import Spoken

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
CITIZEN = Citizen("telegram", "42")


def spoken(number: int, act: Act = Act.TEXT) -> Spoken:
    words = {Act.STOP: "STOP", Act.START: "START"}.get(act, f"question m{number:03}")
    return Spoken(Line(number, 0.0, CITIZEN, act, 0), words, f":{number}", "chat 42")


def asked(number: int) -> Row:
    words, at = f"question m{number:03}", NOW + dt.timedelta(seconds=number)
    return Row(number, "in", "telegram", f"x:y:{number}", words, "received", "answered", None, "h", at)


def said(number: int, body: str, answers: int | None) -> Row:
    return Row(number, "out", "telegram", None, body, "sent", None, answers, "h", NOW, "done")


def call(text: str, seconds: float = 0) -> Call:
    return Call("telegram", "h", NOW + dt.timedelta(seconds=seconds), text)


def good() -> Records:
    rows = [asked(1), said(2, "m001.00 a", 1), asked(3), said(4, "m003.00 a\nm003.01 b", 3)]
    calls = [call("m001.00 a"), call("m003.00 a"), call("m003.01 b")]
    return Records([spoken(1), spoken(3)], {":1", ":3"}, rows, calls)


def test_a_good_run_breaks_nothing() -> None:
    assert broken(good()) == []


def change(records: Records, place: int, **values: object) -> None:
    records.rows[place] = replace(records.rows[place], **values)  # type: ignore[arg-type]


def invite(records: Records) -> None:
    records.rows.append(said(9, "campagne 1 1", None))


def stop(records: Records) -> None:
    records.spoken.append(spoken(5, Act.STOP))
    records.rows += [asked(5), said(6, "C'est fait.", 5)]
    records.calls.append(call("C'est fait.", 6))
    invite(records)
    records.calls.append(call("campagne 1 1", 9))


def late_campaign(records: Records) -> None:
    invite(records)
    change(records, -1, opted_out_at=NOW)
    records.calls.append(call("campagne 1 1", 10))


def campaign_twice(records: Records) -> None:
    invite(records)
    records.calls += [call("campagne 1 1"), call(f"{REPEATED} campagne 1 1", 1)]


FAULTS: dict[str, Callable[[Records], None]] = {
    "is kept 0 times": lambda records: records.rows.__delitem__(slice(0, 2)),
    "is kept 2 times": lambda records: records.rows.insert(0, asked(1)),
    "has no outcome": lambda records: change(records, 0, outcome=None),
    "has no answer": lambda records: records.rows.__delitem__(1),
    "is dead without a reason": lambda records: change(records, 1, state="dead"),
    "the vendor never got": lambda records: records.calls.__delitem__(2),
    "was said again": lambda records: records.calls.append(call("m003.01 b", 1)),
    "nobody knows of": lambda records: records.calls.append(call("m099.00 a")),
    "was recorded before": lambda records: change(records, 0, id=8),
    "was answered before": lambda records: records.calls.reverse(),
    "is still sending": lambda records: change(records, 1, state="sending"),
    "after the wish was confirmed": stop,
    "after the citizen's wish": late_campaign,
    "when the window was closed": lambda records: records.calls.append(replace(call("m001.00"), code="63016")),
}


@pytest.mark.parametrize("words", list(FAULTS))
def test_each_broken_promise_is_named(words: str) -> None:
    records = good()
    FAULTS[words](records)
    assert any(words in found for found in broken(records))


@pytest.mark.parametrize(("number", "is_fault"), [(8, False), (10, True), (4, True)])
def test_who_wants_campaigns_again_gets_them_from_then_on(number: int, is_fault: bool) -> None:
    records = good()
    stop(records)
    records.spoken.append(spoken(number, Act.START))
    records.rows.append(asked(number))
    assert any("after the wish was confirmed" in found for found in broken(records)) is is_fault


@pytest.mark.parametrize("faults", [(None, None), ("unknown", None), ("unknown", "unknown")])
def test_of_two_that_read_the_same_a_listing_does_not_tell_which_left(faults: tuple[str | None, str | None]) -> None:
    answers = [replace(said(number, "m001.00", number - 1), channel="whatsapp") for number in (2, 4)]
    rows = [asked(1), replace(answers[0], fault=faults[0]), asked(3), replace(answers[1], fault=faults[1])]
    calls = [replace(call("m001.00", seconds), channel="whatsapp", message_id=4) for seconds in (1, 2)]
    is_fault = bool(broken(Records([spoken(1), spoken(3)], {":1", ":3"}, rows, calls)))
    assert is_fault is (faults != ("unknown", "unknown"))


def test_a_marked_repeat_is_no_fault_but_of_a_campaign() -> None:
    records = good()
    records.calls.append(call(f"{REPEATED} m001.00 a", 1))
    assert broken(records) == []
    campaign_twice(records)
    assert any("said again" in found for found in broken(records))


def test_the_same_apology_to_two_questions_is_no_fault_but_three_calls_are() -> None:
    records = good()
    for place in (1, 3):
        change(records, place, body="Désolé.")
    records.calls[:] = [call("Désolé."), call("Désolé.")]
    assert broken(records) == []
    records.calls.append(call("Désolé."))
    assert any("said again" in found for found in broken(records))


@pytest.mark.parametrize("text", [f"{REPEATED} Désolé.", "(2/3)\nDésolé.", f"{REPEATED} (2/3)\nDésolé."])
def test_neither_the_mark_nor_the_numbering_is_part_of_what_is_said(text: str) -> None:
    assert lines_of(text) == {"Désolé."}
    assert call(text).is_marked == text.startswith(REPEATED)


def test_a_seed_means_the_same_plan_each_time() -> None:
    assert draw(7, list(POINTS)) == draw(7, list(POINTS)) != draw(8, list(POINTS))
