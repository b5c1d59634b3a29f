"""Looking after accounts: who is made, changed and shut out, each act recorded in its transaction."""

import re
import unicodedata
import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.accounts import audit, queries, sessions
from bot.accounts.links import get_link, make_link, use_link
from bot.accounts.models import Staff
from bot.accounts.passwords import find_fault, hash_password
from bot.accounts.permissions import Role
from bot.accounts.schemas import LinkView, StaffView
from bot.accounts.states import AccountError, Fault, Purpose
from bot.nlu.text import clean

LONGEST_NAME = 80
LONGEST_EMAIL = 254
MOST_CAPACITY = 100
EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")


def fold_email(email: str) -> str:
    """An address as accounts are found by it."""
    return unicodedata.normalize("NFKC", clean(email, LONGEST_EMAIL)).casefold()


def list_staff(session: Session) -> Sequence[StaffView]:
    """All accounts, active ones first, by name."""
    return [_view(one) for one in queries.list_staff(session)]


def get_staff(session: Session, staff_id: uuid.UUID) -> StaffView:
    """An account; raises AccountError."""
    return _view(_one(queries.find_staff(session, staff_id)))


def get_staff_by_email(session: Session, email: str) -> StaffView:
    """The account of an address; raises AccountError."""
    return _view(_one(queries.find_staff_by_email(session, fold_email(email))))


def needs_first_admin(session: Session) -> bool:
    """Whether nobody can let others in yet."""
    return not queries.has_admin(session)


def create_staff(
    session: Session, *, by: uuid.UUID | None, email: str, name: str, role: Role, language: str
) -> uuid.UUID:
    """A new account, without a password yet; raises AccountError."""
    email, name = fold_email(email), " ".join(clean(name, LONGEST_NAME).split())
    if not EMAIL.fullmatch(email):
        raise AccountError(Fault.EMAIL_INVALID)
    if not name:
        raise AccountError(Fault.NAME_MISSING)
    staff_id = queries.add_staff(session, email=email, name=name, role=role, language=language)
    if staff_id is None:
        raise AccountError(Fault.EMAIL_TAKEN)
    after = {"email": email, "name": name, "role": role}
    audit.record(session, staff_id=by, action="staff_created", subject=_subject(staff_id), after=after)
    return staff_id


def change_role(session: Session, *, by: uuid.UUID | None, staff_id: uuid.UUID, role: Role) -> None:
    """Give somebody another role; they sign in again. Raises AccountError for the last admin's."""
    staff = _changeable(session, by=by, staff_id=staff_id, stays_admin=role is Role.ADMIN)
    before, staff.role = staff.role, role
    sessions.end_all(session, staff_id=staff_id)
    subject = _subject(staff_id)
    audit.record(session, staff_id=by, action="role_changed", subject=subject, before=before, after=role)


def change_capacity(session: Session, *, by: uuid.UUID | None, staff_id: uuid.UUID, capacity: int) -> None:
    """How many conversations somebody may be dealt at once, oneself too; raises AccountError."""
    if not 0 <= capacity <= MOST_CAPACITY:
        raise AccountError(Fault.CAPACITY)
    staff = _one(queries.find_staff_for_change(session, staff_id))
    before, staff.capacity = staff.capacity, capacity
    subject = _subject(staff_id)
    audit.record(session, staff_id=by, action="capacity_changed", subject=subject, before=before, after=capacity)


def set_active(session: Session, *, by: uuid.UUID | None, staff_id: uuid.UUID, is_active: bool) -> None:
    """Shut somebody out at once, or let them in again; raises AccountError for the last admin."""
    staff = _changeable(session, by=by, staff_id=staff_id, stays_admin=is_active and staff_is_admin(session, staff_id))
    staff.is_active = is_active
    sessions.end_all(session, staff_id=staff_id)
    queries.delete_links(session, Purpose.SET_PASSWORD, staff_id)
    action = "staff_enabled" if is_active else "staff_disabled"
    audit.record(session, staff_id=by, action=action, subject=_subject(staff_id))


def staff_is_admin(session: Session, staff_id: uuid.UUID) -> bool:
    """Whether somebody has the role that lets others in."""
    return _one(queries.find_staff(session, staff_id)).role == Role.ADMIN


def end_sessions(session: Session, *, by: uuid.UUID | None, staff_id: uuid.UUID, but: uuid.UUID | None = None) -> int:
    """End all of somebody's sessions, or all but the one that asks; gives how many."""
    ended = sessions.end_all(session, staff_id=staff_id, but=but)
    audit.record(session, staff_id=by, action="sessions_ended", subject=_subject(staff_id), after={"count": ended})
    return ended


def remove_second_step(session: Session, *, by: uuid.UUID | None, staff_id: uuid.UUID) -> None:
    """Take an authenticator away that somebody lost or no longer wants; raises AccountError."""
    staff = _one(queries.find_staff_for_change(session, staff_id))
    staff.totp_secret_encrypted, staff.recovery_hashes = None, []
    sessions.end_all(session, staff_id=staff_id)
    audit.record(session, staff_id=by, action="second_step_removed", subject=_subject(staff_id))


def send_link(session: Session, *, by: uuid.UUID | None, staff_id: uuid.UUID) -> str:
    """The key of a link by which somebody sets a password; raises AccountError."""
    if not _one(queries.find_staff(session, staff_id)).is_active:
        raise AccountError(Fault.NOBODY)
    key = make_link(session, Purpose.SET_PASSWORD, staff_id)
    audit.record(session, staff_id=by, action="link_made", subject=_subject(staff_id))
    return key


def first_admin_link(session: Session) -> str:
    """The key of the link for the first admin; raises AccountError when there is one."""
    if queries.has_admin(session):
        raise AccountError(Fault.LINK_INVALID)
    return make_link(session, Purpose.FIRST_ADMIN, None)


def look_at_link(session: Session, key: str) -> LinkView:
    """What a link is for; raises AccountError when it does not work, or no more."""
    link = get_link(session, key)
    if link.staff_id is None:
        if queries.has_admin(session):
            raise AccountError(Fault.LINK_INVALID)
        return LinkView(link.purpose, None)
    staff = _one(queries.find_staff(session, link.staff_id))
    if not staff.is_active:
        raise AccountError(Fault.LINK_INVALID)
    return LinkView(link.purpose, _view(staff))


def accept_link(session: Session, key: str, *, email: str, name: str, language: str, password: str) -> None:
    """Set a password by a link, for the first admin with a new account; raises AccountError.

    Whoever had a session of that account before has none any more. The password is hashed first: it takes its time.
    """
    known = look_at_link(session, key).staff
    email, name = (known.email, known.name) if known else (fold_email(email), name)
    check_password(password, email, name)
    hashed = hash_password(password)
    use_link(session, key)
    staff_id = known.id if known else _first_admin(session, email, name, language)
    staff = _one(queries.find_staff_for_change(session, staff_id))
    staff.password_hash = hashed
    sessions.end_all(session, staff_id=staff_id)
    audit.record(session, staff_id=staff_id, action="password_set", subject=_subject(staff_id), after={"by": "link"})


def check_password(password: str, email: str, name: str) -> None:
    """Raises AccountError with what is wrong with a new password."""
    if fault := find_fault(password, [email, *email.split("@"), name, *name.split()]):
        raise AccountError(fault)


def _first_admin(session: Session, email: str, name: str, language: str) -> uuid.UUID:
    if queries.list_admins_for_change(session):
        raise AccountError(Fault.LINK_INVALID)
    return create_staff(session, by=None, email=email, name=name, role=Role.ADMIN, language=language)


def _changeable(session: Session, *, by: uuid.UUID | None, staff_id: uuid.UUID, stays_admin: bool) -> Staff:
    """An account, locked; raises AccountError if that would shut everybody out, or is one's own."""
    admins = queries.list_admins_for_change(session)
    staff = _one(queries.find_staff_for_change(session, staff_id))
    if by == staff_id:
        raise AccountError(Fault.NOT_YOURSELF)
    if not stays_admin and [one.id for one in admins] == [staff_id]:
        raise AccountError(Fault.LAST_ADMIN)
    return staff


def _one(staff: Staff | None) -> Staff:
    if staff is None:
        raise AccountError(Fault.NOBODY)
    return staff


def _subject(staff_id: uuid.UUID) -> str:
    return f"staff:{staff_id}"


def _view(staff: Staff) -> StaffView:
    return StaffView(
        id=staff.id,
        email=staff.email,
        name=staff.name,
        role=Role(staff.role),
        language=staff.language,
        is_active=staff.is_active,
        has_password=staff.password_hash is not None,
        has_second_step=staff.totp_secret_encrypted is not None,
        recovery_codes_left=len(staff.recovery_hashes),
        last_seen_at=staff.last_seen_at,
        capacity=staff.capacity,
    )
