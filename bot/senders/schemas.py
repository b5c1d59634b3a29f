"""Templates in our shape: a text with places for values, as `Dear {{1}}`, and what a vendor thinks of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.nlu.languages import Language
from bot.senders.states import Approval, Category

PLACE = re.compile(r"\{\{([A-Za-z0-9_]{1,16})\}\}")
# WhatsApp knows no Darija; see FALLBACKS for what is sent to those who write it.
LANGUAGES = (Language.ARABIC, Language.FRENCH, Language.ENGLISH)


@dataclass(frozen=True)
class TemplateText:
    """A template as it is written; `samples` are examples of values, by the names of their places."""

    name: str
    language: Language
    category: Category
    body: str
    samples: Mapping[str, str]


@dataclass(frozen=True)
class Verdict:
    """What a vendor says of a template, with its reason; it may put it into another category."""

    state: Approval
    reason: str = ""
    category: Category | None = None


@dataclass(frozen=True)
class Held:
    """A template of a sender's as it is kept; `vendor_id` is empty until the vendor has it."""

    sender_id: str
    text: TemplateText
    verdict: Verdict
    vendor_id: str


def filled(body: str, values: Mapping[str, str]) -> str:
    """A template with its values put in; raises KeyError when one is missing."""
    return PLACE.sub(lambda place: values[place[1]], body)
