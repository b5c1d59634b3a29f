"""Answers that staff can take over: from the catalogue, in the citizen's language, in the words that the bot has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions.aspects import ASPECTS
from actions.phrases import PhraseError, Phrases
from bot.catalogue.schemas import Aspect, Service
from bot.catalogue.snapshot import Catalogue, Snapshot
from bot.db.session import Database
from bot.nlu.languages import Language
from bot.nlu.spelling import everyday_words

MOST = 3
SERVICES, FAQ = "services", "faq"
FACTS = (Aspect.DOCUMENTS, Aspect.FEE, Aspect.DURATION, Aspect.OFFICE, Aspect.PROCEDURE, Aspect.ELIGIBILITY)


@dataclass(frozen=True)
class Suggestion:
    """An entry that may answer, with what can be said of it: texts by the aspect that they are about."""

    kind: str
    entry_id: str
    title: str
    score: float
    texts: Mapping[str, str]


class Suggestions:
    """Looks into the published catalogue; made at the first question, for it takes memory."""

    def __init__(self, database: Database, root: Path) -> None:
        self._catalogue = Catalogue(database, everyday_words(root / "data"))
        self._domain: dict[str, Any] = {"responses": {}}
        for path in sorted((root / "domain").glob("*.yml")):
            self._domain["responses"] |= yaml.safe_load(path.read_text(encoding="utf-8")).get("responses") or {}

    def find(self, question: str, language: str | None, *, service_id: str | None = None) -> list[Suggestion]:
        """The entries nearest to a question, the service that the talk is about first."""
        snapshot = self._catalogue.current()
        hits = snapshot.index.search(question, kinds=(SERVICES, FAQ), limit=MOST) if question.strip() else []
        found = [(hit.kind, hit.entry_id, hit.score) for hit in hits]
        if service_id in snapshot.services and service_id not in {entry_id for _, entry_id, _ in found}:
            found.insert(0, (SERVICES, str(service_id), 1.0))
        phrases = Phrases(self._domain, as_language(language))
        return [_suggestion(snapshot, phrases, *one) for one in found[:MOST] if _is_there(snapshot, *one[:2])]

    def phrases(self, language: Language) -> Phrases:
        """The bot's own words in a language."""
        return Phrases(self._domain, language)

    def titles(self, entries: Sequence[Mapping[str, Any]], language: str) -> dict[str, str]:
        """The names of entries, by their ids, as a reader of that language calls them."""
        snapshot, phrases = self._catalogue.current(), Phrases(self._domain, as_language(language))
        found = [(str(one["kind"]), str(one["id"])) for one in entries if one.get("id") and one.get("kind")]
        return {one[1]: _title(snapshot, phrases, *one) for one in found if _is_there(snapshot, *one)}


def as_language(code: str | None) -> Language:
    """A variety by its code; standard Arabic where none is known."""
    return Language(code) if code in set(Language) else Language.ARABIC


def _is_there(snapshot: Snapshot, kind: str, entry_id: str) -> bool:
    return entry_id in (snapshot.services if kind == SERVICES else snapshot.faq)


def _title(snapshot: Snapshot, phrases: Phrases, kind: str, entry_id: str) -> str:
    if kind == SERVICES:
        return phrases.text(snapshot.services[entry_id].names)
    return phrases.text(snapshot.faq[entry_id].question)


def _suggestion(snapshot: Snapshot, phrases: Phrases, kind: str, entry_id: str, score: float) -> Suggestion:
    title = _title(snapshot, phrases, kind, entry_id)
    texts = {"answer": phrases.text(snapshot.faq[entry_id].answer)} if kind == FAQ else {}
    if kind == SERVICES:
        texts = _facts(phrases, snapshot.services[entry_id])
    return Suggestion(kind, entry_id, title, round(score, 2), texts)


def _facts(phrases: Phrases, service: Service) -> dict[str, str]:
    texts = {"summary": phrases.text(service.summaries)}
    for aspect in FACTS:
        try:
            texts[aspect.value] = "\n".join(ASPECTS[aspect](phrases, service))
        except PhraseError:  # An aspect that has no words yet is left out.
            continue
    return texts
