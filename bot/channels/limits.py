"""The limits of all channels, for whoever saves what citizens will read: what would not arrive, what arrives cut."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.telegram import render as telegram
from bot.channels.whatsapp import limits as whatsapp
from bot.conversations.schemas import Button, Link
from bot.senders.schemas import LANGUAGES, TemplateText

# WhatsApp's rule for names of templates.
TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True)
class Breach:
    """A limit that a message breaks: its channel and name, in plain words, and whether something would not arrive."""

    channel: str
    limit: str
    words: str
    is_fatal: bool

    def __str__(self) -> str:
        return f"{self.channel}: {self.words} ({self.limit})"


def check_message(text: str, buttons: Sequence[Button] = (), links: Sequence[Link] = ()) -> list[Breach]:
    """What is wrong with one message on every channel that has limits; the page has none."""
    found = [
        Breach("WhatsApp", limit, whatsapp.WORDS[limit], limit in whatsapp.FATAL)
        for limit in whatsapp.check(text, buttons)
    ]
    return found + [
        Breach("Telegram", limit, telegram.WORDS[limit], limit in telegram.FATAL)
        for limit in telegram.check(text, [*buttons, *links])
    ]


def check_template(template: TemplateText) -> list[str]:
    """Why WhatsApp would not approve a template, in plain words with the names of the limits."""
    found: list[str] = []
    if not TEMPLATE_NAME.fullmatch(template.name):
        found.append("a name has 1 to 64 small Latin letters, digits and _ (name)")
    if template.language not in LANGUAGES:
        known = ", ".join(one.value for one in LANGUAGES)
        found.append(f"WhatsApp knows no {template.language.value}: take one of {known} (language)")
    broken = whatsapp.check_template(template.body, template.samples)
    return found + [f"{whatsapp.WORDS[limit]} ({limit})" for limit in broken]
