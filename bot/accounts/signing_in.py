"""How staff prove who they are: password, second step, or another service that vouches for them."""

import datetime as dt
import time
import uuid

import structlog
from sqlalchemy.orm import Session

from bot.accounts import audit, queries, sessions
from bot.accounts.attempts import Attempts
from bot.accounts.models import Staff
from bot.accounts.passwords import hash_password, is_outdated, is_right
from bot.accounts.schemas import Browser, Opened, Presence, Times
from bot.accounts.second_step import Vault, find_step, hash_recovery_code
from bot.accounts.service import check_password, fold_email
from bot.accounts.states import AccountError, Fault, Stage
from bot.db.session import Database
from bot.settings import Settings

log = structlog.get_logger()


class Accounts:
    """Lets staff in; holds how long sessions last, the counts of attempts, and the key of authenticators' secrets."""

    def __init__(self, settings: Settings) -> None:
        idle = dt.timedelta(minutes=settings.session_idle_minutes)
        self.times = Times(idle=idle, absolute=dt.timedelta(hours=settings.session_hours))
        self.attempts = Attempts(settings.redis_url)
        self.vault = Vault(settings.encryption_key.get_secret_value())

    def sign_in(self, database: Database, email: str, password: str, browser: Browser) -> Opened:
        """The first step; raises AccountError, with the same words and after the same time for an unknown account.

        No connection is held while the password is checked.
        """
        email = fold_email(email)
        self._count("password", email, browser)
        with database.transaction() as session:
            staff = queries.find_staff_by_email(session, email)
        if not is_right(staff.password_hash if staff else None, password) or staff is None:
            log.info("sign_in_refused")
            raise AccountError(Fault.WRONG_CREDENTIALS)
        fresh = hash_password(password) if is_outdated(staff.password_hash or "") else staff.password_hash
        with database.transaction() as session:
            current = queries.find_staff_for_change(session, staff.id)
            if current is None or not current.is_active or current.password_hash != staff.password_hash:
                raise AccountError(Fault.WRONG_CREDENTIALS)
            current.password_hash = fresh
            opened = self._begin(session, current, browser, "password")
        self.attempts.forget("password", email)
        return opened

    def give_code(self, database: Database, presence: Presence, code: str, browser: Browser) -> Opened:
        """The second step, for whoever took the first; raises AccountError."""
        self._count("code", str(presence.staff_id), browser)
        with database.transaction() as session:
            staff = _active(queries.find_staff_for_change(session, presence.staff_id))
            how = self._take_code(staff, code)
            sessions.end(session, staff_id=staff.id, session_id=presence.session_id)
            opened = sessions.open_session(session, staff.id, Stage.SIGNED_IN, browser, self.times)
            _record_sign_in(session, staff.id, how, browser)
        self.attempts.forget("code", str(presence.staff_id))
        return opened

    def confirm(
        self, database: Database, *, staff_id: uuid.UUID, session_id: uuid.UUID, password: str, browser: Browser
    ) -> str:
        """The password once more, before something sensitive: the session's new key; raises AccountError."""
        self._check(database, staff_id, password, browser)
        with database.transaction() as session:
            return sessions.renew(session, session_id)

    def change_password(
        self,
        database: Database,
        *,
        staff_id: uuid.UUID,
        session_id: uuid.UUID,
        passwords: tuple[str, str],
        browser: Browser,
    ) -> str:
        """From an old password to a new one: the session's new key, others end. Raises AccountError."""
        old, new = passwords
        known = self._check(database, staff_id, old, browser)
        check_password(new, known.email, known.name)
        hashed = hash_password(new)
        with database.transaction() as session:
            staff = _active(queries.find_staff_for_change(session, staff_id))
            staff.password_hash = hashed
            sessions.end_all(session, staff_id=staff_id, but=session_id)
            key = sessions.renew(session, session_id)
            audit.record(session, staff_id=staff_id, action="password_set", subject=f"staff:{staff_id}")
        return key

    def vouch(self, database: Database, subject: str, email: str | None, browser: Browser) -> Opened:
        """Let in whom another service knows by `subject`, or by an address that it has verified.

        Raises AccountError for somebody without an account: none is made here.
        """
        with database.transaction() as session:
            found = queries.find_staff_by_subject(session, subject)
            if found is None and email is not None:
                found = queries.find_staff_by_email(session, fold_email(email))
            staff = _active(queries.find_staff_for_change(session, found.id) if found else None)
            if staff.oidc_subject is None:
                staff.oidc_subject = subject
                audit.record(session, staff_id=staff.id, action="openid_linked", subject=f"staff:{staff.id}")
            if staff.oidc_subject != subject:
                raise AccountError(Fault.OIDC_FAILED)
            return self._begin(session, staff, browser, "openid")

    def _begin(self, session: Session, staff: Staff, browser: Browser, how: str) -> Opened:
        stage = Stage.SECOND_STEP if staff.totp_secret_encrypted else Stage.SIGNED_IN
        opened = sessions.open_session(session, staff.id, stage, browser, self.times)
        if stage is Stage.SIGNED_IN:
            _record_sign_in(session, staff.id, how, browser)
        return opened

    def _check(self, database: Database, staff_id: uuid.UUID, password: str, browser: Browser) -> Staff:
        """Whose password it is; raises AccountError."""
        with database.transaction() as session:
            staff = _active(queries.find_staff(session, staff_id))
        self._count("password", staff.email, browser)
        if not is_right(staff.password_hash, password):
            raise AccountError(Fault.WRONG_PASSWORD)
        self.attempts.forget("password", staff.email)
        return staff

    def _take_code(self, staff: Staff, code: str) -> str:
        """Use a code of somebody's up, and say of which kind it was; raises AccountError."""
        secret = self.vault.unseal(staff.totp_secret_encrypted)
        step = find_step(secret, code, after=staff.totp_last_step, now=time.time()) if secret else None
        if step is not None:
            staff.totp_last_step = step
            return "authenticator"
        hashed = hash_recovery_code(code)
        if hashed not in staff.recovery_hashes:
            raise AccountError(Fault.WRONG_CODE)
        staff.recovery_hashes = [one for one in staff.recovery_hashes if one != hashed]
        return "recovery code"

    def _count(self, kind: str, account: str, browser: Browser) -> None:
        if not self.attempts.take(kind, account, browser.address):
            log.warning("sign_in_blocked", kind=kind)
            raise AccountError(Fault.TOO_MANY_ATTEMPTS)


def _active(staff: Staff | None) -> Staff:
    if staff is None or not staff.is_active:
        raise AccountError(Fault.NOBODY)
    return staff


def _record_sign_in(session: Session, staff_id: uuid.UUID, how: str, browser: Browser) -> None:
    after = {"by": how, "address": browser.address}
    audit.record(session, staff_id=staff_id, action="signed_in", subject=f"staff:{staff_id}", after=after)
