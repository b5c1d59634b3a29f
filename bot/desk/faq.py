"""The form of a FAQ entry: what stands in it, what is wrong with that in plain words, and the entry that it makes."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData

from bot.catalogue.fits import Misfit, misfits
from bot.catalogue.schemas import Confidence, Faq, Status
from bot.nlu.languages import Language
from bot.nlu.text import clean, has_arabic

TEXTS = ("question", "answer", "phrasings")
SOURCE = ("url", "title", "date", "kind")
# So many empty rows for sources stand below those that are there.
SPARE_ROWS = 2
NEW_ID = "faq"
# What is said of a field whatever is wrong with it, and of a fault wherever it is.
OF_FIELD = {"url": "wrong_url", "date": "wrong_date", "review_on": "wrong_date"}
OF_FAULT = {
    "source_missing": "wrong_source",
    "missing": "wrong_missing",
    "string_too_short": "wrong_missing",
    "too_short": "wrong_question",
}
TOO_LONG = "string_too_long"


@dataclass(frozen=True)
class Fault:
    """What is wrong, as a word of the locale with what fills its gaps; `plain` where there is no such word."""

    word: str
    gaps: Mapping[str, Any] = field(default_factory=dict)
    plain: str = ""


Faults = Mapping[str, Sequence[Fault]]


@dataclass(frozen=True)
class Typed:
    """What stands in the form, right or wrong: texts by `field-language`, and the rest."""

    texts: Mapping[str, str]
    services: Sequence[str] = ()
    sources: Sequence[Mapping[str, str]] = ()
    confidence: str = Confidence.MEDIUM.value
    review_on: str = ""

    @classmethod
    def of_form(cls, form: FormData) -> "Typed":
        """As it was sent."""
        names = [f"{name}-{language.value}" for name in TEXTS for language in Language]
        columns = [_list(form, f"source-{name}") for name in SOURCE]
        rows = [dict(zip(SOURCE, row, strict=True)) for row in zip(*columns, strict=False)]
        return cls(
            texts={name: _one(form, name) for name in names} | _phrasings(form),
            services=_list(form, "services"),
            sources=[row for row in rows if row["url"] or row["title"]],
            confidence=_one(form, "confidence"),
            review_on=_one(form, "review_on"),
        )

    @classmethod
    def of_entry(cls, faq: Faq) -> "Typed":
        """As it is kept."""
        texts = {f"question-{one.value}": text for one, text in faq.question.items()}
        texts |= {f"answer-{one.value}": text for one, text in faq.answer.items()}
        texts |= {f"phrasings-{one.value}": "\n".join(lines) for one, lines in faq.phrasings.items()}
        sources = [{name: str(getattr(one, name) or "") for name in SOURCE} for one in faq.sources]
        review_on = faq.review_on.isoformat() if faq.review_on else ""
        return cls(texts, faq.services, sources, faq.confidence.value, review_on)

    @classmethod
    def of_talk(cls, question: str, answer: str, language: str | None, service_id: str | None) -> "Typed":
        """What a citizen asked and a member of staff answered, in the language of their talk."""
        letters = Language.ARABIC if has_arabic(question) else Language.FRENCH
        code = language if language in set(Language) else letters.value
        texts = {f"question-{code}": question, f"answer-{code}": answer}
        return cls(texts, [service_id] if service_id else ())

    @property
    def rows(self) -> Sequence[Mapping[str, str]]:
        """The sources with empty rows below them."""
        return [*self.sources, *([dict.fromkeys(SOURCE, "")] * SPARE_ROWS)]

    def get(self, name: str, language: str) -> str:
        """A text; nothing where none stands."""
        return self.texts.get(f"{name}-{language}", "")

    def differing(self, other: "Typed") -> dict[str, str]:
        """The texts of another that are not as they are here, by their fields."""
        names = self.texts.keys() | other.texts.keys()
        pairs = {name: (self.texts.get(name, ""), other.texts.get(name, "")) for name in names}
        return {name: theirs for name, (mine, theirs) in pairs.items() if mine != theirs}

    @property
    def facts(self) -> tuple[Any, ...]:
        """All that is no text, to be compared."""
        return sorted(self.services), [dict(row) for row in self.sources], self.confidence, self.review_on

    def document(self, entry_id: str, status: Status, services: Sequence[str]) -> dict[str, Any]:
        """The entry that it says, not yet checked, among the services that there are."""
        languages = [one.value for one in Language]
        return {
            "id": entry_id,
            "status": status,
            "review_on": self.review_on or None,
            "question": {one: self.get("question", one) for one in languages if self.get("question", one)},
            "answer": {one: self.get("answer", one) for one in languages if self.get("answer", one)},
            "phrasings": {
                one: self.get("phrasings", one).split("\n") for one in languages if self.get("phrasings", one)
            },
            "services": [one for one in services if one in self.services],
            "sources": [{**row, "date": row["date"] or None} for row in self.sources],
            "confidence": self.confidence,
        }


def check(typed: Typed, entry_id: str, status: Status, services: Sequence[str]) -> tuple[Faq | None, Faults]:
    """The entry if nothing is wrong with it, and what is, by the field beside which it is said."""
    try:
        faq = Faq.model_validate(typed.document(entry_id, status, services))
    except ValidationError as error:
        return None, _gathered([found for one in error.errors(include_url=False) for found in _explain(one)])
    faults = _gathered([(_place_of(one), fault_of(one)) for one in misfits(faq) if one.breach.is_fatal])
    return (None, faults) if faults else (faq, {})


def fault_of(misfit: Misfit) -> Fault:
    """A limit of a channel that an entry breaks."""
    breach = misfit.breach
    return Fault(f"limit_{breach.limit}", {"channel": breach.channel}, str(breach))


def _place_of(misfit: Misfit) -> str:
    return f"{misfit.field}-{misfit.language.value}" if misfit.language else misfit.field


def _explain(error: ErrorDetails) -> list[tuple[str, Fault]]:
    """The fields that an error is about, each with what is wrong there."""
    loc, context = [str(part) for part in error["loc"]], error.get("ctx", {})
    if error["type"] == "language_missing":
        return [(f"{loc[0]}-{code}", Fault("wrong_missing")) for code in context["missing"].split(", ")]
    place = "-".join(loc[:2]) if loc[0] in (*TEXTS, "sources") else loc[0]
    if error["type"] == TOO_LONG:
        gaps = {"limit": context["max_length"], "count": len(str(error["input"]).strip())}
        return [(place, Fault("wrong_long", gaps))]
    known = OF_FAULT.get(error["type"]) or OF_FIELD.get(loc[-1], "wrong_other")
    return [(place, Fault(known))]


def _gathered(found: Sequence[tuple[str, Fault]]) -> Faults:
    faults: dict[str, list[Fault]] = {}
    for place, fault in found:
        if fault not in faults.setdefault(place, []):
            faults[place].append(fault)
    return faults


def _phrasings(form: FormData) -> dict[str, str]:
    """One a line; lines on which nothing stands are none."""
    names = [f"phrasings-{language.value}" for language in Language]
    lines = {name: [line.strip() for line in _one(form, name).split("\n")] for name in names}
    return {name: "\n".join(filter(None, found)) for name, found in lines.items()}


def _one(form: FormData, name: str) -> str:
    return next(iter(_list(form, name)), "")


def _list(form: FormData, name: str) -> list[str]:
    """What a field was sent with, storable; files are none of our fields."""
    return [clean(one, sys.maxsize) for one in form.getlist(name) if isinstance(one, str)]
