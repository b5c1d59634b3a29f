"""The shipped catalogue in memory, without a database: all entries, found by their names only."""

from functools import cache
from typing import Any

from bot.catalogue.calendar import Calendar
from bot.catalogue.files import Bundle, read_bundle
from bot.catalogue.phrases import Phrase
from bot.catalogue.schemas import Entry
from bot.catalogue.search import SearchIndex
from bot.catalogue.service import SEARCHED, phrases_of
from bot.catalogue.snapshot import Snapshot
from bot.nlu.features import Glossary
from bot.settings import REPOSITORY

SHIPPED = REPOSITORY / "data" / "catalogue"


@cache
def shipped_bundle() -> Bundle:
    """All shipped entries."""
    return read_bundle([SHIPPED])


@cache
def shipped_snapshot() -> Snapshot:
    """What the actions answer from."""
    entries: dict[str, list[Any]] = dict(shipped_bundle().entries)
    return Snapshot(
        version=1,
        services={entry.id: entry for entry in entries["services"]},
        offices=entries["offices"],
        deadlines=entries["deadlines"],
        numbers=entries["emergency_numbers"],
        rumours={entry.id: entry for entry in entries["rumours"]},
        faq={entry.id: entry for entry in entries["faq"]},
        topics={entry.id: entry for entry in entries["topics"]},
        holidays={entry.id: entry for entry in entries["holidays"]},
        calendar=Calendar(entries["holidays"]),
        index=SearchIndex(
            [phrase for kind in SEARCHED for entry in entries[kind] for phrase in _name_phrases(kind, entry)],
            Glossary({term.id: [one for many in term.spellings.values() for one in many] for term in entries["terms"]}),
        ),
    )


def _name_phrases(kind: str, entry: Entry) -> list[Phrase]:
    fewer: dict[str, Any] = {role: {} for role in ("aliases", "phrasings") if hasattr(entry, role)}
    return phrases_of(kind, entry.model_copy(update=fewer))
