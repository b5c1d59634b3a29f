"""Files' rows in the database."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.media.models import MediaFile


def add_file(session: Session, values: dict[str, Any]) -> None:
    """Keep a file's row, once per message."""
    session.execute(insert(MediaFile).values(**values).on_conflict_do_nothing(index_elements=["message_id"]))


def get_file(session: Session, message_id: int, *, lock: bool = False) -> MediaFile:
    """The file of a message; raises LookupError."""
    found = session.get(MediaFile, message_id, with_for_update=lock)
    if found is None:
        raise LookupError(f"no file of message {message_id}")
    return found


def delete_older(session: Session, before: dt.datetime) -> int:
    """Forget the files that came before a moment; gives how many."""
    gone = session.execute(delete(MediaFile).where(MediaFile.created_at < before).returning(MediaFile.message_id))
    return len(gone.all())


def list_known(session: Session, names: Collection[str]) -> set[str]:
    """Those of some names of stored files that rows have."""
    return set(session.scalars(select(MediaFile.stored_as).where(MediaFile.stored_as.in_(names))))
