"""Money, dates and spans in all five varieties; Latin words inside Arabic lines."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.formats import (
    ISOLATE_END,
    ISOLATE_FIRST,
    format_clock,
    format_date,
    format_money,
    format_number,
    format_span,
    format_weekday,
    isolate,
)
from bot.nlu.languages import Language

AR, ARY, LATN, FR, EN = Language
languages = st.sampled_from(Language)
WESTERN = re.compile(r"[0-9]")


def in_all(*by_language: str) -> dict[Language, str]:
    """Texts for ar, ary, ary-latn, fr and en."""
    return dict(zip(Language, by_language, strict=True))


@pytest.mark.parametrize(
    ("centimes", "expected"),
    [
        (7500, in_all("75 درهم", "75 درهم", "75 DH", "75 DH", "75 DH")),
        (7550, in_all("75,50 درهم", "75,50 درهم", "75,50 DH", "75,50 DH", "75.50 DH")),
        (5, in_all("0,05 درهم", "0,05 درهم", "0,05 DH", "0,05 DH", "0.05 DH")),
        (0, in_all("0 درهم", "0 درهم", "0 DH", "0 DH", "0 DH")),
        (630_000, in_all("6.300 درهم", "6.300 درهم", "6 300 DH", "6 300 DH", "6,300 DH")),
        (
            123_456_789,
            in_all("1.234.567,89 درهم", "1.234.567,89 درهم", "1 234 567,89 DH", "1 234 567,89 DH", "1,234,567.89 DH"),
        ),
    ],
)
def test_money_is_written_as_people_read_it(centimes: int, expected: dict[Language, str]) -> None:
    assert {language: format_money(centimes, language) for language in Language} == expected


@given(st.integers(0, 10**12), languages)
def test_no_centime_is_lost(centimes: int, language: Language) -> None:
    figure = format_money(centimes, language).rsplit(" ", 1)[0]
    whole, _, fraction = figure.partition("." if language is EN else ",")
    digits = "".join(WESTERN.findall(whole))
    assert int(digits) * 100 + int(fraction or 0) == centimes
    assert len(fraction) in (0, 2)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (5, in_all("5", "5", "5", "5", "5")),
        (1234, in_all("1.234", "1.234", "1 234", "1 234", "1,234")),
        (Decimal("0.5"), in_all("0,5", "0,5", "0,5", "0,5", "0.5")),
        (Decimal("0.5000"), in_all("0,5", "0,5", "0,5", "0,5", "0.5")),
        (Decimal("1E+2"), in_all("100", "100", "100", "100", "100")),
    ],
)
def test_numbers_have_no_more_figures_than_they_need(number: int | Decimal, expected: dict[Language, str]) -> None:
    assert {language: format_number(number, language) for language in Language} == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2027, 1, 31), in_all(*["31 يناير 2027"] * 2, *["31 janvier 2027"] * 2, "31 January 2027")),
        (dt.date(2026, 8, 1), in_all(*["1 غشت 2026"] * 2, *["1 août 2026"] * 2, "1 August 2026")),
        (dt.date(2026, 12, 10), in_all(*["10 دجنبر 2026"] * 2, *["10 décembre 2026"] * 2, "10 December 2026")),
    ],
)
def test_months_have_their_moroccan_names(day: dt.date, expected: dict[Language, str]) -> None:
    assert {language: format_date(day, language) for language in Language} == expected


def test_weekdays_are_named() -> None:
    day = dt.date(2026, 11, 23)
    expected = in_all(*["الاثنين 23 نونبر"] * 2, *["lundi 23 novembre"] * 2, "Monday 23 November")
    assert {language: format_weekday(day, language) for language in Language} == expected


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), languages)
def test_dates_have_western_digits_only(day: dt.date, language: Language) -> None:
    assert [int(number) for number in re.findall(r"\d+", format_date(day, language))] == [day.day, day.year]
    assert not re.search(r"[٠-٩۰-۹]", format_date(day, language) + format_weekday(day, language))


@given(st.times(), languages)
def test_the_clock_has_24_hours(time: dt.time, language: Language) -> None:
    assert format_clock(time, language) == f"{time:%H:%M}"


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (0, "days", in_all(*["0 يوم"] * 2, *["0 jour"] * 2, "0 days")),
        (1, "day", in_all(*["يوم"] * 2, *["1 jour"] * 2, "1 day")),
        (2, "days", in_all(*["يومين"] * 2, *["2 jours"] * 2, "2 days")),
        (7, "days", in_all(*["7 أيام"] * 2, *["7 jours"] * 2, "7 days")),
        (70, "days", in_all(*["70 يومًا"] * 2, *["70 jours"] * 2, "70 days")),
        (48, "hours", in_all(*["48 ساعة"] * 2, *["48 heures"] * 2, "48 hours")),
        (2, "months", in_all(*["شهرين"] * 2, *["2 mois"] * 2, "2 months")),
        (36, "months", in_all(*["36 شهرًا"] * 2, *["36 mois"] * 2, "36 months")),
        (2, "years", in_all(*["سنتين"] * 2, *["2 ans"] * 2, "2 years")),
        (10, "years", in_all(*["10 سنوات"] * 2, *["10 ans"] * 2, "10 years")),
    ],
)
def test_spans_agree_in_number(amount: int, unit: str, expected: dict[Language, str]) -> None:
    assert {language: format_span(amount, unit, language) for language in Language} == expected


@given(st.integers(3, 1000), st.sampled_from(["hours", "days", "months", "years"]), languages)
def test_a_span_keeps_its_amount(amount: int, unit: str, language: Language) -> None:
    assert WESTERN.findall(format_span(amount, unit, language)) == list(str(amount))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ادفع على Damane Pay قبل", "ادفع على <Damane Pay> قبل"),
        ("الموقع: https://www.passeport.ma/ar?x=1 وشكرا", "الموقع: <https://www.passeport.ma/ar?x=1> وشكرا"),
        ("75 درهم قبل 31 يناير 2027", "75 درهم قبل 31 يناير 2027"),
        ("ابتداء من 08:30", "ابتداء من 08:30"),
        ("(CNIE) و RSU", "(<CNIE>) و <RSU>"),
        ("الضريبة l’été", "الضريبة <l’été>"),
        ("كلمات فقط", "كلمات فقط"),
    ],
)
def test_latin_words_are_kept_together_in_an_arabic_line(text: str, expected: str) -> None:
    isolated = expected.replace("<", ISOLATE_FIRST).replace(">", ISOLATE_END)
    assert isolate(text, AR) == isolate(text, ARY) == isolated


@given(st.text(st.sampled_from("abZé 09.,:/-%()ابت؟\n")), languages)
def test_isolation_adds_pairs_and_nothing_else(text: str, language: Language) -> None:
    isolated = isolate(text, language)
    assert isolated.replace(ISOLATE_FIRST, "").replace(ISOLATE_END, "") == text
    assert isolated.count(ISOLATE_FIRST) == isolated.count(ISOLATE_END)
    assert language.is_right_to_left or isolated == text
