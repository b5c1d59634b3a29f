"""Times as the desk's pages tell them: how long ago, how long still, and whether it is too late."""

import datetime as dt
import re

from babel.dates import format_datetime, format_timedelta, get_day_names
from jinja2 import pass_context
from jinja2.runtime import Context

from bot.catalogue.calendar import CASABLANCA
from bot.db.base import utc_now
from bot.formats import format_date
from bot.nlu.languages import Language

LOCALES = {"ar": "ar_MA", "fr": "fr_MA", "en": "en_GB"}
# Plural forms are known for `ar`, not for `ar_MA`.
SPANS = {"ar": "ar", "fr": "fr", "en": "en"}
# Spans stand after a preposition here, where Babel gives the subject's form.
DUAL = re.compile(r"(دقيقت|ساعت|يوم|أسبوع|شهر|سنت)ان$")
SOON = dt.timedelta(minutes=5)


@pass_context
def ago(context: Context, at: dt.datetime) -> str:
    """How long ago something was, or how long it is still: 5 minutes ago."""
    language = context["language"]
    return str(format_timedelta(at - utc_now(), granularity="minute", add_direction=True, locale=SPANS[language]))


@pass_context
def span(context: Context, at: dt.datetime) -> str:
    """The time between now and a moment, whichever comes first: 5 minutes."""
    told = str(format_timedelta(abs(at - utc_now()), granularity="minute", locale=SPANS[context["language"]]))
    return DUAL.sub(r"\1ين", told)


@pass_context
def clock(context: Context, at: dt.datetime) -> str:
    """14:05 today, 3 Nov 14:05 on other days, in Casablanca."""
    local, today = at.astimezone(CASABLANCA), utc_now().astimezone(CASABLANCA).date()
    pattern = "HH:mm" if local.date() == today else "d MMM HH:mm"
    return str(format_datetime(at, pattern, tzinfo=CASABLANCA, locale=LOCALES[context["language"]]))


@pass_context
def date(context: Context, day: dt.date | str) -> str:
    """31 January 2027, in the reader's language; a day may come as in JSON, 2027-01-31."""
    day = dt.date.fromisoformat(day) if isinstance(day, str) else day
    return format_date(day, Language(context["language"]))


def weekday_name(language: str, day: int) -> str:
    """The short name of a day of the week; 1 is Monday."""
    return str(get_day_names("abbreviated", locale=LOCALES[language])[day - 1])


@pass_context
def weekday(context: Context, day: int) -> str:
    """The same in the reader's language."""
    return weekday_name(context["language"], day)


def urgency(due_at: dt.datetime | None) -> str:
    """How urgent an answer is: late, soon, later, or nothing is due."""
    if due_at is None:
        return "none"
    left = due_at - utc_now()
    if left <= dt.timedelta():
        return "late"
    return "soon" if left <= SOON else "later"


def is_past(at: dt.datetime | None) -> bool:
    """Whether a moment is over."""
    return at is None or at <= utc_now()


FILTERS = {
    **{"ago": ago, "span": span, "clock": clock, "urgency": urgency},
    **{"weekday": weekday, "iso": dt.datetime.isoformat, "is_past": is_past, "date": date},
}
