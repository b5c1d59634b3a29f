"""An answer stays the same when act, outcome, service and words do."""

from dataclasses import replace

from bot.evaluation.robustness import Reading, Trial, misses, report, sample
from bot.evaluation.sets import Utterance

READING = Reading("ask_fee", "answered", "passport", "fr", "500 DH")


def trial(after: Reading, kind: str = "slip", lang: str = "fr") -> Trial:
    return Trial("u1", lang, kind, "combien ?", "combein ?", READING, after)


def test_another_act_outcome_service_or_wording_is_a_difference() -> None:
    changes = {"act": "ask_office", "outcome": "clarified", "service": None, "said": "0 DH"}
    found = [trial(replace(READING, **{name: value})).difference for name, value in changes.items()]  # type: ignore[arg-type]
    assert found == ["act", "outcome", "service", "words"]


def test_the_same_answer_in_another_language_is_a_difference_of_language() -> None:
    assert trial(replace(READING, language="en", said="Fee: 500 DH")).difference == "language"


def test_a_greeted_reply_may_say_more() -> None:
    assert trial(replace(READING, said="Bonjour ! 500 DH"), kind="greeting").is_same


def test_shares_are_given_by_kind_and_variety() -> None:
    found = report([trial(READING), trial(replace(READING, act="greet")), trial(READING, "emoji", "en")])
    assert found["same"] == 0.6667
    assert found["by_kind"]["slip"] == {"trials": 2, "same": 0.5}
    assert found["by_kind_and_lang"]["emoji/en"]["same"] == 1.0
    assert found["differences"] == {"act": 1, "same": 2}


def test_the_page_of_misses_tells_both_readings_on_one_line() -> None:
    page = misses([trial(READING), trial(replace(READING, act="greet"))])
    assert page.count("\n- ") == 1
    assert "ask_fee answered passport fr → greet answered passport fr" in page


def test_a_sample_is_repeatable_and_keeps_the_order() -> None:
    rows = [Utterance(str(number), "fr", "x", "greet", "") for number in range(100)]
    chosen = [int(row.id) for row in sample(rows, 10, 3)]
    assert chosen == sorted(chosen) == [int(row.id) for row in sample(rows, 10, 3)]
    assert sample(rows, None, 3) == rows
