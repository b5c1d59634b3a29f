"""Change the catalogue: import, export, save. One call is one transaction of the caller."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.catalogue import queries, schemas
from bot.catalogue.files import (
    KINDS,
    Bundle,
    CatalogueError,
    catalogue_paths,
    dump_bundle,
    read_bundle,
    unknown_references,
)
from bot.catalogue.fits import misfits
from bot.catalogue.phrases import Phrase
from bot.nlu.embedding import embed
from bot.nlu.languages import Language
from bot.nlu.text import normalise, transliterate

Progress = Callable[[int, int], None]
# One writer at a time in all processes: the number is arbitrary, but ours.
_WRITING = 0x4A6177616201
SEARCHED = ("services", "emergency_numbers", "rumours", "faq", "topics")


@dataclass(frozen=True)
class ImportResult:
    """How many entries were new, changed, and the same as before; `notes` as of the Bundle.

    `left` names what was shipped anew, but stays as it was edited at the desk.
    """

    added: int
    changed: int
    unchanged: int
    notes: tuple[str, ...] = field(default=(), compare=False)
    left: tuple[str, ...] = field(default=(), compare=False)


def import_files(session: Session, paths: Iterable[Path], progress: Progress | None = None) -> ImportResult:
    """Take files into the catalogue; raises CatalogueError with every problem, and then changes nothing."""
    return _store(session, _checked(session, paths), progress)


def import_shipped(session: Session, folder: Path, progress: Progress | None = None) -> ImportResult | None:
    """Take the program's own catalogue when its files differ from the last time; None when they do not.

    What was edited at the desk stays as it is; what was imported since stays unless the shipped entry itself changed.
    """
    checksum = shipped_checksum(folder)
    if queries.find_shipped_checksum(session) == checksum:
        return None
    bundle = _checked(session, [folder])
    checksums = {(kind, entry.id): _checksum(entry) for kind in KINDS for entry in bundle.entries[kind]}
    same = {key for key, _ in checksums.items() & queries.list_shipped_entries(session).items()}
    edited = queries.list_edited(session)
    result = _store(session, bundle, progress, kept=same | edited)
    queries.save_shipped_entries(session, checksums)
    queries.save_shipped_checksum(session, checksum)
    return replace(result, left=tuple(f"{kind}: {one}" for kind, one in checksums if (kind, one) in edited - same))


def _checked(session: Session, paths: Iterable[Path]) -> Bundle:
    bundle = read_bundle(paths)
    lock(session)
    problems = unknown_references(bundle, queries.list_ids(session, "services"))
    if problems:
        raise CatalogueError(problems)
    return bundle


def lock(session: Session) -> None:
    """Be the only one who changes the catalogue until the end of the transaction."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITING})


def _checksum(entry: schemas.Entry | schemas.Term) -> str:
    """A fingerprint of what the entry says; a field that a later version adds does not change it."""
    content = entry.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def shipped_checksum(folder: Path) -> str:
    """A fingerprint of all catalogue files below a folder."""
    digest = hashlib.sha256()
    for path in catalogue_paths([folder]):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def export_file(session: Session, path: Path) -> int:
    """Write everything, drafts too, as one file that imports to the same state; gives the number of entries."""
    bundle = Bundle()
    for kind in KINDS:
        bundle.entries[kind] = queries.list_entries(session, kind, published_only=False)
    path.write_text(dump_bundle(bundle), encoding="utf-8")
    return sum(len(entries) for entries in bundle.entries.values())


def _store(
    session: Session, bundle: Bundle, progress: Progress | None, kept: Set[tuple[str, str]] = frozenset()
) -> ImportResult:
    """Save what is new or differs from the database; entries of `kept` stay as they are there."""
    new: list[tuple[str, schemas.Entry | schemas.Term, int]] = []
    changed: list[tuple[str, schemas.Entry | schemas.Term, int]] = []
    unchanged = 0
    for kind in KINDS:
        before = {entry.id: entry for entry in queries.list_entries(session, kind, published_only=False)}
        for position, entry in enumerate(bundle.entries[kind]):
            if entry.id not in before:
                new.append((kind, entry, position))
            elif before[entry.id] != entry and (kind, entry.id) not in kept:
                changed.append((kind, entry, position))
            else:
                unchanged += 1
    total = len(new) + len(changed)
    for done, (kind, entry, position) in enumerate(new + changed, start=1):
        save_entry(session, kind, entry, position)
        if progress:
            progress(done, total)
    if total:
        queries.raise_version(session)
    return ImportResult(len(new), len(changed), unchanged, tuple(bundle.notes))


def save_entry(
    session: Session, kind: str, entry: schemas.Entry | schemas.Term, position: int, *, by: uuid.UUID | None = None
) -> None:
    """Store one entry with its searchable texts; the caller raises the catalogue's version.

    Raises CatalogueError when something of it would not arrive on a channel.
    """
    if problems := [f"{kind}: {entry.id}: {one}" for one in misfits(entry) if one.breach.is_fatal]:
        raise CatalogueError(problems)
    queries.save_entry(session, kind, entry, position, by=by)
    if kind in SEARCHED and isinstance(entry, schemas.Entry):
        queries.replace_phrases(session, kind, entry.id, phrases_of(kind, entry))


def phrases_of(kind: str, entry: schemas.Entry) -> list[Phrase]:
    """The texts by which an entry is found, each once, with its embedding."""
    found: dict[tuple[str, str], str] = {}
    for role in ("names", "question", "claim", "aliases", "phrasings"):
        texts = getattr(entry, role, None) or {}
        for language, value in texts.items():
            for one in [value] if isinstance(value, str) else value:
                found.setdefault((Language(language).value, one), role)
    keys = list(found)
    vectors = embed([_reading(language, one) for language, one in keys])
    return [
        Phrase(kind, entry.id, language, found[language, one], one, vector)
        for (language, one), vector in zip(keys, vectors, strict=True)
    ]


def _reading(language: str, one: str) -> str:
    """Latin-letter Darija is embedded in Arabic letters, which the encoder knows better."""
    return transliterate(one) if language == Language.DARIJA_LATIN else normalise(one)
