"""The published catalogue in memory, one snapshot a process, renewed as soon as the database holds a newer one."""

import threading
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass

import structlog

from bot.catalogue import queries, schemas
from bot.catalogue.calendar import Calendar
from bot.catalogue.search import LARGE, SearchIndex
from bot.db.session import Database
from bot.nlu.features import Glossary

log = structlog.get_logger()

CHECK_SECONDS = 0.3


@dataclass(frozen=True)
class Snapshot:
    """All that answers are made of, at one version."""

    version: int
    services: dict[str, schemas.Service]
    offices: Sequence[schemas.Office]
    deadlines: Sequence[schemas.Deadline]
    numbers: Sequence[schemas.EmergencyNumber]
    rumours: dict[str, schemas.Rumour]
    faq: dict[str, schemas.Faq]
    topics: dict[str, schemas.Topic]
    holidays: dict[str, schemas.Holiday]
    calendar: Calendar
    index: SearchIndex

    def deadlines_of(self, service_id: str) -> list[schemas.Deadline]:
        """The deadlines of a service, in the catalogue's order."""
        return [deadline for deadline in self.deadlines if service_id in deadline.services]

    def offices_of(self, service_id: str | None) -> list[schemas.Office]:
        """The offices that handle a service; all of them for None."""
        return [office for office in self.offices if service_id is None or service_id in office.services]


class Catalogue:
    """Gives the newest snapshot; asks the database for its version at most every CHECK_SECONDS.

    `everyday` words are never read as slips of the catalogue's words.
    """

    def __init__(self, database: Database, everyday: Set[str] = frozenset()) -> None:
        self._database = database
        self._everyday = everyday
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._checked_at = 0.0
        self._renewing = threading.Lock()

    def current(self) -> Snapshot:
        """The present snapshot; a change committed before is in it at the latest CHECK_SECONDS after.

        A large catalogue is indexed anew in the background, and the snapshot of before serves until then.
        """
        snapshot = self._snapshot
        if snapshot is not None and time.monotonic() - self._checked_at < CHECK_SECONDS:
            return snapshot
        with self._lock:
            with self._database.transaction() as session:
                version = queries.get_version(session)
            snapshot = self._snapshot
            if snapshot is None or (snapshot.version != version and not snapshot.index.is_large):
                snapshot = self._snapshot = self._load(version, snapshot)
            elif snapshot.version != version and self._renewing.acquire(blocking=False):
                threading.Thread(target=self._renew, args=(version, snapshot), name="indexing", daemon=True).start()
            self._checked_at = time.monotonic()
            return snapshot

    def _renew(self, version: int, previous: Snapshot) -> None:
        try:
            self._snapshot = self._load(version, previous)
        except Exception:
            log.exception("catalogue_not_indexed", version=version)
        finally:
            self._renewing.release()

    def _load(self, version: int, previous: Snapshot | None) -> Snapshot:
        began = time.monotonic()
        snapshot = _load(self._database, version, previous, self._everyday)
        if snapshot.index.is_large:
            seconds = round(time.monotonic() - began, 1)
            log.info("catalogue_indexed", version=version, phrases=len(snapshot.index.phrases), seconds=seconds)
        return snapshot


def _tell(done: int, total: int) -> None:
    if total >= LARGE:
        log.info("catalogue_indexing", phrases=done, of=total)


def _load(database: Database, version: int, previous: Snapshot | None, everyday: Set[str]) -> Snapshot:
    with database.transaction() as session:
        entries = {kind: queries.list_entries(session, kind, published_only=True) for kind in queries.TABLES}
        searched = [
            (kind, entry.id)
            for kind in ("services", "emergency_numbers", "rumours", "faq", "topics")
            for entry in entries[kind]
        ]
        phrases = queries.list_phrases(session, searched)
    spellings = {term.id: _spellings(term) for term in entries["terms"]}
    known = previous.index.glossary if previous else None
    glossary = known if known and known.terms == spellings else Glossary(spellings)
    return Snapshot(
        version=version,
        services={entry.id: entry for entry in entries["services"]},
        offices=entries["offices"],
        deadlines=entries["deadlines"],
        numbers=entries["emergency_numbers"],
        rumours={entry.id: entry for entry in entries["rumours"]},
        faq={entry.id: entry for entry in entries["faq"]},
        topics={entry.id: entry for entry in entries["topics"]},
        holidays={entry.id: entry for entry in entries["holidays"]},
        calendar=Calendar(entries["holidays"]),
        index=SearchIndex(phrases, glossary, previous.index if previous else None, everyday, _tell),
    )


def _spellings(term: schemas.Term) -> list[str]:
    return [spelling for spellings in term.spellings.values() for spelling in spellings]
