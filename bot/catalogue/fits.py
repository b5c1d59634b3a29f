"""Whether what an entry says fits the channels: looked at when it is saved, not when a citizen waits for it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.catalogue.schemas import (
    Aspect,
    Deadline,
    EmergencyNumber,
    Entry,
    Faq,
    Office,
    Rumour,
    Service,
    Term,
    Topic,
)
from bot.channels.limits import Breach, check_message
from bot.conversations.schemas import Button, Link
from bot.nlu.languages import FALLBACKS, Language

Texts = dict[Language, str]
# Kinds of entries that are told as one message: the field that makes most of it, and all that stands in it.
WHOLE: dict[type[Entry | Term], tuple[str, Callable[[Any], Sequence[Texts | None]]]] = {
    Faq: ("answer", lambda faq: (faq.question, faq.answer)),
    Rumour: ("answer", lambda one: (one.answer, one.claim, one.corrected_by, *one.warning_signs)),
    Deadline: ("label", lambda one: (one.label, one.note, one.penalty and one.penalty.text)),
    Office: ("names", lambda one: (one.names, one.address, one.hours_note, one.place and one.place.precision)),
    EmergencyNumber: ("use", lambda one: (one.names, one.use, one.note)),
    Topic: ("names", lambda topic: (topic.names,)),
}
SOME_WORDS = "?"
SOME_PAYLOAD = "/ask_procedure"


@dataclass(frozen=True)
class Shown:
    """What stands in one message in one language, and the field that makes most of it."""

    field: str
    language: Language
    text: str


@dataclass(frozen=True)
class Misfit:
    """A limit that an entry breaks, and where; `text` is the one that does if it is a single one, as a link."""

    field: str
    language: Language | None
    breach: Breach
    text: str = ""

    def __str__(self) -> str:
        language = f" ({self.language.value})" if self.language else ""
        return f"{self.field}{language}: {self.breach}"


def misfits(entry: Entry | Term) -> list[Misfit]:
    """The limits of channels that an entry breaks."""
    found = [Misfit(one.field, one.language, breach) for one in _messages(entry) for breach in check_message(one.text)]
    # Services are offered to choose from.
    for language, title in entry.names.items() if isinstance(entry, Service) else ():
        breaches = check_message(SOME_WORDS, [Button(title, SOME_PAYLOAD)])
        found += [Misfit("names", language, breach) for breach in breaches]
    # Any source may be the one that is offered to open.
    for source in getattr(entry, "sources", ()):
        breaches = check_message(SOME_WORDS, links=[Link(SOME_WORDS, source.url)])
        found += [Misfit("sources", None, breach, source.url) for breach in breaches]
    return found


def _messages(entry: Entry | Term) -> Iterator[Shown]:
    if isinstance(entry, Service):
        for aspect, (field, texts) in _aspects(entry).items():
            notes = [note.text for note in (*entry.notes, *entry.unverified) if aspect in note.about]
            yield from _joined(field, [entry.names, *texts, *notes])
    elif type(entry) in WHOLE:
        field, texts_of = WHOLE[type(entry)]
        yield from _joined(field, texts_of(entry))


def _aspects(service: Service) -> dict[Aspect, tuple[str, list[Texts | None]]]:
    """For each question, the field that answers it and the texts that do."""
    fees = [text for fee in service.fees for text in (fee.label, fee.conditions, fee.note)]
    validity = service.validity.text if service.validity else None
    who = service.who_can_apply
    return {
        Aspect.DOCUMENTS: ("documents", [*service.documents]),
        Aspect.FEE: ("fees", fees),
        Aspect.DURATION: ("processing_time", [service.processing_time.note, validity]),
        Aspect.ELIGIBILITY: ("who_can_apply", [who]),
        Aspect.OFFICE: ("where", [service.where.office_type, service.authority]),
        Aspect.PROCEDURE: ("steps", [*service.steps, who]),
    }


def _joined(field: str, given: Iterable[Texts | None]) -> Iterator[Shown]:
    """The texts below each other, in each language; what is missing comes from the nearest.

    Not in a language that has the longest of them from another: it would only say the same once more.
    """
    parts = [texts for texts in given if texts]
    for language in Language:
        if language in max(parts, key=lambda texts: len(_nearest(texts, language))):
            yield Shown(field, language, "\n".join(_nearest(texts, language) for texts in parts))


def _nearest(texts: Texts, language: Language) -> str:
    return next((texts[one] for one in (language, *FALLBACKS[language]) if one in texts), "")
