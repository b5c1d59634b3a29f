"""Reads and writes of accounts."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.accounts.models import Staff, StaffLink, StaffSession
from bot.accounts.permissions import Role
from bot.accounts.states import Purpose
from bot.db.base import utc_now


def find_staff(session: Session, staff_id: uuid.UUID) -> Staff | None:
    """An account."""
    return session.get(Staff, staff_id)


def find_staff_for_change(session: Session, staff_id: uuid.UUID) -> Staff | None:
    """An account that nobody else changes until the end of the transaction."""
    return session.get(Staff, staff_id, with_for_update=True, populate_existing=True)


def find_staff_by_email(session: Session, email: str) -> Staff | None:
    """The account of a folded e-mail address."""
    return session.scalar(select(Staff).where(Staff.email == email))


def find_staff_by_subject(session: Session, subject: str) -> Staff | None:
    """The account that another service knows by that name."""
    return session.scalar(select(Staff).where(Staff.oidc_subject == subject))


def list_staff(session: Session) -> Sequence[Staff]:
    """All accounts, active ones first, by name."""
    return session.scalars(select(Staff).order_by(Staff.is_active.desc(), func.lower(Staff.name), Staff.id)).all()


def add_staff(session: Session, *, email: str, name: str, role: Role, language: str) -> uuid.UUID | None:
    """A new account; None when somebody has that address."""
    values = {"id": uuid.uuid4(), "email": email, "name": name, "role": role, "language": language}
    statement = insert(Staff).values(values).on_conflict_do_nothing(index_elements=["email"])
    return session.scalar(statement.returning(Staff.id))


def list_admins_for_change(session: Session) -> Sequence[Staff]:
    """All active admins; nobody else changes any of them until the end of the transaction."""
    query = select(Staff).where(Staff.role == Role.ADMIN, Staff.is_active).order_by(Staff.id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def has_admin(session: Session) -> bool:
    """Whether there is an active admin."""
    return session.scalar(select(Staff.id).where(Staff.role == Role.ADMIN, Staff.is_active).limit(1)) is not None


def add_session(session: Session, row: StaffSession) -> None:
    """Keep a new session, and forget those of the same person that are over."""
    ended = delete(StaffSession).where(StaffSession.staff_id == row.staff_id, StaffSession.ends_at < utc_now())
    session.execute(ended)
    session.add(row)
    session.flush()


def find_session(
    session: Session, key_hash: str, *, now: dt.datetime, seen_after: dt.datetime
) -> tuple[StaffSession, Staff] | None:
    """A session that is not over, of somebody who may still come in."""
    query = select(StaffSession, Staff).join(Staff, Staff.id == StaffSession.staff_id)
    query = query.where(StaffSession.key_hash == key_hash, Staff.is_active)
    found = session.execute(query.where(StaffSession.ends_at > now, StaffSession.seen_at > seen_after)).one_or_none()
    return None if found is None else (found[0], found[1])


def list_sessions(
    session: Session, *, staff_id: uuid.UUID, now: dt.datetime, seen_after: dt.datetime
) -> Sequence[StaffSession]:
    """Somebody's sessions that are not over, the newest first."""
    query = select(StaffSession).where(StaffSession.staff_id == staff_id)
    query = query.where(StaffSession.ends_at > now, StaffSession.seen_at > seen_after)
    return session.scalars(query.order_by(StaffSession.seen_at.desc(), StaffSession.id)).all()


def delete_sessions(
    session: Session, *, staff_id: uuid.UUID, only: uuid.UUID | None = None, but: uuid.UUID | None = None
) -> int:
    """End somebody's sessions: all of them, only one, or all but one; gives how many."""
    statement = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if only is not None:
        statement = statement.where(StaffSession.id == only)
    if but is not None:
        statement = statement.where(StaffSession.id != but)
    return len(session.scalars(statement.returning(StaffSession.id)).all())


def find_link(session: Session, key_hash: str) -> StaffLink | None:
    """A link that was not used and is not too old."""
    query = select(StaffLink).where(StaffLink.key_hash == key_hash, StaffLink.used_at.is_(None))
    return session.scalar(query.where(StaffLink.expires_at > utc_now()))


def take_link(session: Session, key_hash: str) -> bool:
    """Use a link up; False when it was used before, or is too old."""
    statement = update(StaffLink).where(StaffLink.key_hash == key_hash, StaffLink.used_at.is_(None))
    statement = statement.where(StaffLink.expires_at > utc_now()).values(used_at=utc_now())
    return session.scalar(statement.returning(StaffLink.key_hash)) is not None


def delete_links(session: Session, purpose: Purpose, staff_id: uuid.UUID | None) -> None:
    """Forget the links of a purpose that somebody had, used or not."""
    statement = delete(StaffLink).where(StaffLink.purpose == purpose)
    is_theirs = StaffLink.staff_id.is_(None) if staff_id is None else StaffLink.staff_id == staff_id
    session.execute(statement.where(is_theirs))
