"""What a reminder of a deadline says: label, date, how long still, what being late costs, where that is from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from bot.catalogue.schemas import Deadline, Source
from bot.conversations.schemas import Button, TemplateUse
from bot.conversations.service import ReplyValues
from bot.formats import format_date, format_loose_date, format_span, isolate
from bot.nlu.languages import FALLBACKS, Language

Responses = Mapping[str, Mapping[Language, str]]
TEMPLATE = "deadline_reminder"
NAMES = (
    *("utter_alerts_reminder", "utter_alerts_on_page", "utter_alerts_opted_out", "utter_button_stop_reminder"),
    *("utter_deadline_penalty", "utter_today", "utter_tomorrow", "utter_in_days"),
    *("utter_source", "utter_source_undated"),
)


def tell_deadline(
    deadline: Deadline, on: dt.date, today: dt.date, responses: Responses, language: Language
) -> ReplyValues:
    """A reminder, with a button that stops it; label, date and time left are the template's {{1}} to {{3}}."""

    def say(name: str, **blanks: str) -> str:
        return responses[name][language].format(**blanks)

    label, date = text_of(deadline.label, language), format_date(on, language)
    left = _left((on - today).days, responses, language)
    lines = [say("utter_alerts_reminder", label=label, date=date, in_days=left)]
    if deadline.penalty:
        lines.append(say("utter_deadline_penalty", text=text_of(deadline.penalty.text, language)))
    lines.append(_source_line(deadline.sources, responses, language))
    stop = Button(say("utter_button_stop_reminder"), f'/unsubscribe_alerts{{"chosen": "{deadline.id}"}}')
    template = TemplateUse(TEMPLATE, {"1": label, "2": date, "3": left})
    return ReplyValues("\n".join(lines), language.value, [stop], template=template)


def text_of(texts: Mapping[Language, str], language: Language) -> str:
    """A text of the catalogue in a language, or in the nearest that there is."""
    known = next(one for one in (language, *FALLBACKS[language]) if one in texts)
    return isolate(texts[known], language)


def _left(days: int, responses: Responses, language: Language) -> str:
    name = {0: "utter_today", 1: "utter_tomorrow"}.get(days, "utter_in_days")
    return responses[name][language].format(days=format_span(days, "days", language))


def _source_line(sources: Sequence[Source], responses: Responses, language: Language) -> str:
    best = max(sources, key=lambda one: (one.kind == "official", one.date or ""))
    host = isolate(urlsplit(best.url).netloc.removeprefix("www."), language)
    if best.date is None:
        return responses["utter_source_undated"][language].format(source=host)
    return responses["utter_source"][language].format(source=host, date=format_loose_date(best.date, language))
