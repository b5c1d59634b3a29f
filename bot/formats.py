"""Money, dates, numbers and lists as people in Morocco read them, in each variety."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any, cast

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import format_timedelta

from bot.nlu.languages import Language

LOCALES = {
    Language.ARABIC: "ar_MA",
    Language.DARIJA: "ar_MA",
    Language.DARIJA_LATIN: "fr_MA",
    Language.FRENCH: "fr_MA",
    Language.ENGLISH: "en_GB",
}
CURRENCY = {Language.ARABIC: "درهم", Language.DARIJA: "درهم"}
ISOLATE_FIRST, ISOLATE_END = "\u2068", "\u2069"
_LATIN_RUN = re.compile(r"https?://\S+|[A-Za-z0-9](?:[A-Za-zÀ-ÿ0-9 .,:/@%+’'&_-]*[A-Za-zÀ-ÿ0-9%])?")
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ÿ]")


def format_number(number: int | Decimal, language: Language) -> str:
    """1234.5 as 1 234,5 (fr), 1.234,5 (ar) or 1,234.5 (en), always in western digits."""
    return _grouped(f"{Decimal(number).normalize():,f}", language)


def _grouped(plain: str, language: Language) -> str:
    whole, _, fraction = plain.partition(".")
    separator, point = {"ar_MA": (".", ","), "fr_MA": (" ", ","), "en_GB": (",", ".")}[LOCALES[language]]
    grouped = whole.replace(",", separator)
    return f"{grouped}{point}{fraction}" if fraction else grouped


def format_money(centimes: int, language: Language) -> str:
    """An amount of dirhams; centimes are shown only when there are any."""
    amount = Decimal(centimes) / 100
    shown = _grouped(f"{amount:,.2f}" if centimes % 100 else f"{amount:,.0f}", language)
    return f"{shown} {CURRENCY.get(language, 'DH')}"


def format_date(day: dt.date, language: Language) -> str:
    """31 January 2027, 31 janvier 2027, 31 يناير 2027."""
    return str(babel_date(day, "d MMMM y", locale=LOCALES[language]))


def format_loose_date(date: str, language: Language) -> str:
    """A day, a month or a year, as precise as it is given: 2026-01-21, 2026-01, 2026."""
    parts = [int(part) for part in date.split("-")]
    match parts:
        case [year, month, day]:
            return format_date(dt.date(year, month, day), language)
        case [year, month]:
            return str(babel_date(dt.date(year, month, 1), "MMMM y", locale=LOCALES[language]))
        case _:
            return date


def format_weekday(day: dt.date, language: Language) -> str:
    """Monday 23 November, lundi 23 novembre, الاثنين 23 نونبر."""
    return str(babel_date(day, "EEEE d MMMM", locale=LOCALES[language]))


def format_clock(time: dt.time, language: Language) -> str:
    """08:30 on the 24-hour clock."""
    return str(babel_time(time, "HH:mm", locale=LOCALES[language]))


_SPANS = {
    "minute": dt.timedelta(minutes=1),
    "hour": dt.timedelta(hours=1),
    "day": dt.timedelta(days=1),
    "month": dt.timedelta(days=30),  # What Babel counts a month and a year for.
    "year": dt.timedelta(days=365),
}
# A span always stands after a preposition here (بعد يومين), where Babel gives the subject's form (يومان).
_DUAL = re.compile(r"^(ساعت|يوم|شهر|سنت)ان$")
_NEVER_A_LARGER_UNIT = 1e9


def format_span(amount: int, unit: str, language: Language) -> str:
    """7 days, 7 jours, 7 أيام; the unit is minute, hour, day, month or year, with or without s."""
    unit = unit.rstrip("s")
    shown = format_timedelta(
        _SPANS[unit] * amount,
        granularity=cast(Any, unit),
        threshold=_NEVER_A_LARGER_UNIT,
        locale=LOCALES[language].split("_")[0],  # The plural forms are known for `ar`, not for `ar_MA`.
    )
    return _DUAL.sub(r"\1ين", str(shown).replace("\xa0", " "))


def isolate(text: str, language: Language) -> str:
    """Keep Latin words and numbers together inside a right-to-left line."""
    if not language.is_right_to_left:
        return text
    return _LATIN_RUN.sub(_isolate_letters, text)


def _isolate_letters(match: re.Match[str]) -> str:
    run = match.group()
    return f"{ISOLATE_FIRST}{run}{ISOLATE_END}" if _LATIN_LETTER.search(run) else run
