"""Reading and writing rows of the catalogue; rows become the schemas that the rest of the program speaks."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from bot.catalogue import models, schemas
from bot.catalogue.phrases import Phrase
from bot.db.base import utc_now

Row = Any

TABLES: dict[str, type[Any]] = {
    "services": models.ServiceRow,
    "offices": models.OfficeRow,
    "deadlines": models.DeadlineRow,
    "holidays": models.HolidayRow,
    "emergency_numbers": models.EmergencyNumberRow,
    "rumours": models.RumourRow,
    "faq": models.FaqRow,
    "topics": models.TopicRow,
    "terms": models.TermRow,
}
ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "services": TypeAdapter(schemas.Service),
    "offices": TypeAdapter(schemas.Office),
    "deadlines": TypeAdapter(schemas.Deadline),
    "holidays": TypeAdapter(schemas.Holiday),
    "emergency_numbers": TypeAdapter(schemas.EmergencyNumber),
    "rumours": TypeAdapter(schemas.Rumour),
    "faq": TypeAdapter(schemas.Faq),
    "topics": TypeAdapter(schemas.Topic),
    "terms": TypeAdapter(schemas.Term),
}
_OWN_TYPES = {"review_on", "last_known_on"}


def to_entry(kind: str, row: Row) -> Any:
    """The schema of a row."""
    columns = {column.key for column in row.__table__.columns}
    values = {key: getattr(row, key) for key in columns if getattr(row, key) is not None}
    if kind == "services":
        values["fees"] = [_fee_values(fee) for fee in row.fees]
    adapter = ADAPTERS[kind]
    known = _field_names(kind, values)
    return adapter.validate_python({key: value for key, value in values.items() if key in known})


def _field_names(kind: str, values: dict[str, Any]) -> set[str]:
    model: type[Any]
    if kind == "holidays":
        model = schemas.FixedHoliday if values["type"] == "fixed" else schemas.MovingHoliday
    else:
        model = {"services": schemas.Service}.get(kind) or ADAPTERS[kind]._type
    return set(model.model_fields)


def _fee_values(fee: models.FeeRow) -> dict[str, Any]:
    values = {key: getattr(fee, key) for key in schemas.Fee.model_fields}
    return {key: value for key, value in values.items() if value is not None}


def to_values(entry: schemas.Entry | schemas.Term) -> dict[str, Any]:
    """The column values of a schema; fees are given apart."""
    values = entry.model_dump(mode="json", exclude={"fees"})
    for key in _OWN_TYPES & values.keys():
        values[key] = getattr(entry, key)
    return values


def list_entries(session: Session, kind: str, *, published_only: bool) -> list[Any]:
    """All entries of a kind in their order."""
    table = TABLES[kind]
    query = select(table).order_by(table.position, table.id)
    if published_only and kind != "terms":
        query = query.where(table.status == schemas.Status.PUBLISHED)
    if kind == "services":
        query = query.options(selectinload(models.ServiceRow.fees))
    return [to_entry(kind, row) for row in session.scalars(query)]


def list_ids(session: Session, kind: str) -> set[str]:
    """The ids of a kind, whatever their status."""
    return set(session.scalars(select(TABLES[kind].id)))


def list_edited(session: Session) -> set[tuple[str, str]]:
    """Kind and id of each entry that was changed last at the desk."""
    tables = [(kind, table) for kind, table in TABLES.items() if kind != "terms"]
    return {
        (kind, entry_id)
        for kind, table in tables
        for entry_id in session.scalars(select(table.id).where(table.edited_by.is_not(None)))
    }


def save_entry(
    session: Session,
    kind: str,
    entry: schemas.Entry | schemas.Term,
    position: int,
    *,
    by: uuid.UUID | None = None,
) -> None:
    """Insert or replace one entry; an existing one gets the next revision. `by` is who does it at the desk."""
    table = TABLES[kind]
    values = {**to_values(entry), "position": position}
    if kind != "terms":
        values["edited_by"] = by
    changes: dict[str, Any] = {key: value for key, value in values.items() if key != "id"}
    if kind != "terms":
        changes |= {"revision": table.revision + 1, "updated_at": utc_now()}
    session.execute(insert(table).values(**values).on_conflict_do_update(index_elements=["id"], set_=changes))
    if isinstance(entry, schemas.Service):
        _replace_fees(session, entry)


def _replace_fees(session: Session, service: schemas.Service) -> None:
    session.execute(delete(models.FeeRow).where(models.FeeRow.service_id == service.id))
    for position, fee in enumerate(service.fees):
        values = fee.model_dump(mode="json") | {"percent": fee.percent}
        session.execute(insert(models.FeeRow).values(service_id=service.id, position=position, **values))


def replace_phrases(session: Session, kind: str, entry_id: str, phrases: Sequence[Phrase]) -> None:
    """The searchable texts of an entry, instead of those before."""
    table = models.PhraseRow
    session.execute(delete(table).where(table.kind == kind, table.entry_id == entry_id))
    if phrases:
        session.execute(insert(table), [_phrase_values(phrase) for phrase in phrases])


def _phrase_values(phrase: Phrase) -> dict[str, Any]:
    return {
        "kind": phrase.kind,
        "entry_id": phrase.entry_id,
        "language": phrase.language,
        "role": phrase.role,
        "text": phrase.text,
        "vector": phrase.vector.astype(np.float16).tobytes(),
    }


def list_phrases(session: Session, entries: Iterable[tuple[str, str]]) -> list[Phrase]:
    """All searchable texts of the given (kind, id) pairs."""
    wanted = set(entries)
    rows = session.execute(
        select(
            models.PhraseRow.kind,
            models.PhraseRow.entry_id,
            models.PhraseRow.language,
            models.PhraseRow.role,
            models.PhraseRow.text,
            models.PhraseRow.vector,
        ).order_by(models.PhraseRow.id)
    )
    return [
        Phrase(kind, entry_id, language, role, text, np.frombuffer(vector, dtype=np.float16).astype(np.float32))
        for kind, entry_id, language, role, text, vector in rows
        if (kind, entry_id) in wanted
    ]


def get_version(session: Session) -> int:
    """The number that every change of the catalogue raises; 0 before the first import."""
    return session.scalar(select(models.CatalogueState.version).where(models.CatalogueState.id == 1)) or 0


def raise_version(session: Session) -> None:
    """Tell every process that its snapshot is old."""
    table = models.CatalogueState
    session.execute(
        insert(table)
        .values(id=1, version=1)
        .on_conflict_do_update(index_elements=["id"], set_={"version": table.version + 1})
    )


def find_shipped_checksum(session: Session) -> str | None:
    """What was imported from the program's own folder last."""
    return session.scalar(select(models.CatalogueState.shipped_checksum).where(models.CatalogueState.id == 1))


def save_shipped_checksum(session: Session, checksum: str) -> None:
    """Remember what was imported from the program's own folder."""
    raise_version(session)
    session.execute(
        update(models.CatalogueState).where(models.CatalogueState.id == 1).values(shipped_checksum=checksum)
    )


def list_shipped_entries(session: Session) -> dict[tuple[str, str], str]:
    """The checksum of each entry, by kind and id, as it was last shipped with the program."""
    table = models.ShippedEntry
    rows = session.execute(select(table.kind, table.entry_id, table.checksum))
    return {(kind, entry_id): checksum for kind, entry_id, checksum in rows}


def save_shipped_entries(session: Session, checksums: Mapping[tuple[str, str], str]) -> None:
    """Remember these in place of all before."""
    session.execute(delete(models.ShippedEntry))
    values = [{"kind": kind, "entry_id": one, "checksum": checksum} for (kind, one), checksum in checksums.items()]
    if values:
        session.execute(insert(models.ShippedEntry), values)


def count_phrases(session: Session) -> int:
    """How many searchable texts there are."""
    return session.scalar(select(func.count()).select_from(models.PhraseRow)) or 0
