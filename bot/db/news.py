"""What others are told once a transaction is committed: noted with its session, and forgotten when it fails."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

KEY = "news"


def note(session: Session, kind: str, **values: Any) -> None:
    """Something happened that a desk shows; values are plain ones, ids as text."""
    session.info.setdefault(KEY, []).append({"kind": kind, **values})


def taken(session: Session) -> list[Mapping[str, Any]]:
    """What is to be told, once."""
    found: list[Mapping[str, Any]] = session.info.pop(KEY, [])
    return found
