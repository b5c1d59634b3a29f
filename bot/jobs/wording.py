"""What citizens are told when people take over: the promise in their own variety, with its times."""

from collections.abc import Mapping

from bot.cases import ratings
from bot.cases.promise import Promise, When
from bot.catalogue.calendar import local_now
from bot.conversations.schemas import Button
from bot.conversations.service import ReplyValues
from bot.formats import format_clock, format_span, format_weekday
from bot.nlu.languages import Language

Responses = Mapping[str, Mapping[Language, str]]
# A citizen who waits may go back to the bot by this.
RESUME = "/resume_bot"
NAMES = (
    *(f"utter_handoff_{when.value}" for when in When),
    *("utter_handoff_write", "utter_handoff_resumed", "utter_button_resume"),
    *("utter_handoff_returned", "utter_handoff_closed", "utter_handoff_idle"),
    *("utter_rating_ask", "utter_rating_thanks", "utter_rating_noted"),
    *("utter_button_rating_good", "utter_button_rating_fair", "utter_button_rating_poor"),
)


def tell_promise(promise: Promise, responses: Responses, language: Language) -> ReplyValues:
    """When somebody will answer, that one may write meanwhile, and the way back."""
    words = responses[f"utter_handoff_{promise.when.value}"][language]
    lines = [words.format(**_blanks(promise, language)), responses["utter_handoff_write"][language]]
    back = Button(responses["utter_button_resume"][language], RESUME)
    return ReplyValues("\n".join(lines), language.value, [back])


def _blanks(promise: Promise, language: Language) -> dict[str, str]:
    if promise.when is When.MINUTES:
        return {"low": str(promise.low), "high": format_span(promise.high or 0, "minute", language)}
    if promise.at is None:
        return {}
    local = local_now(promise.at)
    return {"time": format_clock(local.time(), language), "day": format_weekday(local.date(), language)}


def rating_question(text: str, responses: Responses, language: Language) -> ReplyValues:
    """A farewell that asks how the help was."""
    titles = [responses[f"utter_button_rating_{face}"][language] for face in ("good", "fair", "poor")]
    asked = f"{text}\n{responses['utter_rating_ask'][language]}"
    return ReplyValues(asked, language.value, ratings.choices(titles))
