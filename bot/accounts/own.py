"""What members of staff set for themselves: second step, language, looks."""

import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.accounts import audit, queries, sessions
from bot.accounts.models import Staff, StaffSession
from bot.accounts.second_step import (
    Vault,
    find_step,
    hash_recovery_code,
    new_recovery_codes,
    new_secret,
    secret_url,
)
from bot.accounts.states import SWITCHED_ON, AccountError, Fault, Switch

THEMES = ("", "light", "dark")


@dataclass(frozen=True)
class Offer:
    """A secret for an authenticator: as text, and as the address that its picture holds."""

    secret: str
    url: str


def offer_second_step(session: Session, vault: Vault, *, staff_id: uuid.UUID, session_id: uuid.UUID) -> Offer:
    """A secret to enter into an authenticator; the same one until its first code came, or the session is over."""
    row = session.get_one(StaffSession, session_id, with_for_update=True)
    secret = vault.unseal(row.new_totp_encrypted)
    if secret is None:
        secret = new_secret()
        row.new_totp_encrypted = vault.seal(secret)
    return Offer(secret, secret_url(secret, session.get_one(Staff, staff_id).email))


def accept_second_step(
    session: Session, vault: Vault, *, staff_id: uuid.UUID, session_id: uuid.UUID, code: str
) -> tuple[str, list[str]]:
    """The first code of a new authenticator: the session's new key, and recovery codes to be shown once.

    Raises AccountError for a wrong code. Other sessions end: they were begun without it.
    """
    row = session.get_one(StaffSession, session_id, with_for_update=True)
    secret = vault.unseal(row.new_totp_encrypted)
    step = find_step(secret, code, after=0, now=time.time()) if secret else None
    if secret is None or step is None:
        raise AccountError(Fault.WRONG_CODE)
    staff = _locked(session, staff_id)
    staff.totp_secret_encrypted, staff.totp_last_step = vault.seal(secret), step
    row.new_totp_encrypted = None
    codes = _give_recovery_codes(staff)
    sessions.end_all(session, staff_id=staff_id, but=session_id)
    key = sessions.renew(session, session_id)
    audit.record(session, staff_id=staff_id, action="second_step_added", subject=f"staff:{staff_id}")
    return key, codes


def remove_own_second_step(session: Session, *, staff_id: uuid.UUID, session_id: uuid.UUID) -> str:
    """Do without an authenticator from now on: the session's new key, others end."""
    staff = _locked(session, staff_id)
    staff.totp_secret_encrypted, staff.recovery_hashes = None, []
    sessions.end_all(session, staff_id=staff_id, but=session_id)
    key = sessions.renew(session, session_id)
    audit.record(session, staff_id=staff_id, action="second_step_removed", subject=f"staff:{staff_id}")
    return key


def renew_recovery_codes(session: Session, *, staff_id: uuid.UUID) -> list[str]:
    """New recovery codes, to be shown once; the old ones are worth nothing any more. Raises AccountError."""
    staff = _locked(session, staff_id)
    if staff.totp_secret_encrypted is None:
        raise AccountError(Fault.NOBODY)
    codes = _give_recovery_codes(staff)
    audit.record(session, staff_id=staff_id, action="recovery_codes_renewed", subject=f"staff:{staff_id}")
    return codes


def set_language(session: Session, *, staff_id: uuid.UUID, language: str) -> None:
    """The language of somebody's desk."""
    _locked(session, staff_id).language = language


def set_theme(session: Session, *, staff_id: uuid.UUID, theme: str) -> None:
    """Light, dark, or (empty) as the machine has it."""
    staff = _locked(session, staff_id)
    staff.preferences = {**staff.preferences, "theme": theme}


def set_switches(session: Session, *, staff_id: uuid.UUID, on: Collection[Switch]) -> None:
    """What somebody's desk does, on whichever machine: these and nothing else."""
    staff = _locked(session, staff_id)
    staff.preferences = {**staff.preferences, "switches": sorted(on)}


def read_switches(session: Session, *, staff_id: uuid.UUID) -> frozenset[Switch]:
    """What somebody's desk does."""
    kept = session.get_one(Staff, staff_id).preferences.get("switches")
    return SWITCHED_ON if kept is None else frozenset(Switch(one) for one in kept)


def _give_recovery_codes(staff: Staff) -> list[str]:
    codes = new_recovery_codes()
    staff.recovery_hashes = [hash_recovery_code(code) for code in codes]
    return codes


def _locked(session: Session, staff_id: uuid.UUID) -> Staff:
    staff = queries.find_staff_for_change(session, staff_id)
    if staff is None:
        raise AccountError(Fault.NOBODY)
    return staff
