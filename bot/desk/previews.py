"""How an entry of the FAQ will look in each channel: the messages that citizens get, as the channels make them."""

from collections.abc import Sequence
from dataclasses import dataclass

from actions.phrases import Phrases
from actions.services import answer_faq
from bot.catalogue.fits import misfits
from bot.catalogue.schemas import Faq
from bot.channels.telegram import render as telegram
from bot.channels.whatsapp import render as whatsapp
from bot.conversations.schemas import Link, Outbound
from bot.desk.faq import Fault, fault_of
from bot.nlu.languages import Language


@dataclass(frozen=True)
class Preview:
    """An answer in one language: by channel, the messages that it becomes; and what to know about that."""

    language: Language
    channels: dict[str, Sequence[str]]
    notes: Sequence[Fault]


def previews(faq: Faq, phrases: Phrases) -> list[Preview]:
    """One for each language that the answer is there in; none as long as the answer or its source is missing."""
    languages = [one for one in Language if one in faq.answer and faq.sources]
    found = misfits(faq)
    return [
        Preview(one, _messages(faq, phrases.into(one)), [fault_of(note) for note in found if note.language is one])
        for one in languages
    ]


def _messages(faq: Faq, phrases: Phrases) -> dict[str, Sequence[str]]:
    reply = answer_faq(phrases, faq)
    text = "\n".join(line for line in reply.lines if line)
    links = [Link(title, url) for title, url in reply.links]
    outbound = Outbound(0, "", text, links=links, language=phrases.language.value)
    # Bold is shown plain.
    return {
        "webchat": [telegram.unmark(text)[0]],
        "telegram": [part.plain for part in telegram.render(outbound, short=str)],
        "whatsapp": [telegram.unmark(part.body)[0] for part in whatsapp.render(outbound)],
    }
