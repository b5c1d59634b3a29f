"""Accounts at vendors: added, found by their webhook, given a new token while the old one still counts, paused."""

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import lru_cache

from cryptography.fernet import Fernet
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.errors import JawabError
from bot.senders.models import Content, Sender

# A token and the one before: vendors' signatures may still come from either while it is changed.
MOST_TOKENS = 2
# So many senders' secrets are kept in clear, as their clients keep them anyway.
REMEMBERED = 64


class SenderError(JawabError):
    """There is no such sender, or one of that name already."""


class State(StrEnum):
    """Whether a sender takes part."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True)
class Secrets:
    """What only we and the vendor know; the newest token first."""

    tokens: tuple[str, ...] = field(repr=False)
    path: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True)
class Account:
    """A sender with its secrets in clear, for the vendor's client and for checking signatures."""

    id: str
    channel: str
    name: str
    account: str
    address: str
    secrets: Secrets
    state: State
    paused_reason: str | None

    @property
    def token(self) -> str:
        """The token to send with."""
        return self.secrets.tokens[0]


class SenderBook:
    """Reads and writes senders; holds the key of the settings."""

    def __init__(self, *, encryption_key: str) -> None:
        self._cipher = Fernet(encryption_key.encode())
        # Senders are read with every message, and seldom change.
        self._secrets = lru_cache(maxsize=REMEMBERED)(self._decrypt)

    def add(self, session: Session, *, channel: str, name: str, account: str, address: str, token: str) -> Account:
        """A new sender; raises SenderError when its channel has one of that name."""
        if session.scalar(select(Sender.id).where(Sender.channel == channel, Sender.name == name)):
            raise SenderError(f"There is a sender {name!r} on {channel} already.")
        fresh = Secrets((token,), secrets.token_urlsafe(24), secrets.token_urlsafe(32))
        row = Sender(
            id=secrets.token_hex(6),
            channel=channel,
            name=name,
            account=account,
            address=address,
            secrets_encrypted=self._encrypt(fresh),
            path_hash=_hash(fresh.path),
        )
        session.add(row)
        session.flush()
        return self._account(row)

    def ensure(self, session: Session, *, channel: str, name: str, account: str, address: str, token: str) -> Account:
        """The sender of that name as the settings say it is now; a changed token leaves the one before valid."""
        row = session.scalar(select(Sender).where(Sender.channel == channel, Sender.name == name).with_for_update())
        if row is None:
            return self.add(session, channel=channel, name=name, account=account, address=address, token=token)
        row.account, row.address = account, address
        if self._account(row).token != token:
            self._change_token(row, token)
            row.state, row.paused_reason = State.ACTIVE, None
        return self._account(row)

    def rotate(self, session: Session, sender_id: str, token: str) -> Account:
        """A new token to send with; what the vendor signed with the old one is still taken."""
        row = self._row(session, sender_id)
        self._change_token(row, token)
        return self._account(row)

    def pause(self, session: Session, sender_id: str, reason: str) -> None:
        """Send nothing from a sender until somebody resumes it; what waits, waits."""
        row = self._row(session, sender_id)
        row.state, row.paused_reason = State.PAUSED, reason[:200]

    def resume(self, session: Session, sender_id: str) -> None:
        """Send again."""
        row = self._row(session, sender_id)
        row.state, row.paused_reason = State.ACTIVE, None

    def get(self, session: Session, sender_id: str) -> Account:
        """A sender; raises SenderError. Nothing is locked: the pump asks while others write."""
        row = session.get(Sender, sender_id)
        if row is None:
            raise SenderError(f"There is no sender {sender_id}.")
        return self._account(row)

    def find_by_path(self, session: Session, *, channel: str, path: str) -> Account | None:
        """The sender whose webhook has that path; None for a path that nobody was given."""
        query = select(Sender).where(Sender.channel == channel, Sender.path_hash == _hash(path))
        row = session.scalar(query)
        return self._account(row) if row else None

    def list(self, session: Session) -> Sequence[Account]:
        """All senders, by channel and name."""
        return [self._account(row) for row in session.scalars(select(Sender).order_by(Sender.channel, Sender.name))]

    def _row(self, session: Session, sender_id: str) -> Sender:
        row = session.get(Sender, sender_id, with_for_update=True)
        if row is None:
            raise SenderError(f"There is no sender {sender_id}.")
        return row

    def _change_token(self, row: Sender, token: str) -> None:
        known = self._account(row).secrets
        others = [one for one in known.tokens if one != token]
        row.secrets_encrypted = self._encrypt(Secrets((token, *others)[:MOST_TOKENS], known.path, known.webhook_secret))

    def _encrypt(self, found: Secrets) -> bytes:
        return self._cipher.encrypt(json.dumps(asdict(found)).encode())

    def _decrypt(self, encrypted: bytes) -> Secrets:
        values = json.loads(self._cipher.decrypt(encrypted))
        return Secrets(tuple(values["tokens"]), values["path"], values["webhook_secret"])

    def _account(self, row: Sender) -> Account:
        found, state = self._secrets(row.secrets_encrypted), State(row.state)
        return Account(row.id, row.channel, row.name, row.account, row.address, found, state, row.paused_reason)


class Contents:
    """What one account has made at its vendor, so that it is made once."""

    def __init__(self, database: Database, sender_id: str) -> None:
        self._database, self._sender_id = database, sender_id

    def find(self, key: str) -> str | None:
        """The vendor's id of a content; None when it is to be made."""
        with self._database.transaction() as session:
            row = session.get(Content, (self._sender_id, key))
            return row.vendor_id if row else None

    def keep(self, key: str, sid: str) -> None:
        """Remember a content; an empty id forgets it."""
        with self._database.transaction() as session:
            session.execute(delete(Content).where(Content.sender_id == self._sender_id, Content.key == key))
            if sid:
                session.add(Content(sender_id=self._sender_id, key=key, vendor_id=sid))


class Directory:
    """The senders as they were a moment ago, also while the database is away: a webhook must know whom it serves."""

    FRESH_SECONDS = 3.0
    # What is older than this nobody goes by while it can be read: a token may have changed long ago.
    OLD_SECONDS = 10.0

    def __init__(self, database: Database, book: SenderBook) -> None:
        self._database, self._book = database, book
        self._accounts: Sequence[Account] = ()
        self._read_at = float("-inf")
        self._reading = threading.Lock()

    def find(self, channel: str, path: str) -> Account | None:
        """The sender whose webhook has that path."""
        return next((one for one in self.list() if one.channel == channel and _same(one.secrets.path, path)), None)

    def list(self) -> Sequence[Account]:
        """All senders; what was known before while they are read anew, and when the database is away."""
        age = time.monotonic() - self._read_at
        # Under load somebody reads them every few seconds, and nobody else waits for that.
        if age > self.FRESH_SECONDS and self._reading.acquire(blocking=age > self.OLD_SECONDS):
            try:
                self._read_anew()
            finally:
                self._reading.release()
        return self._accounts

    def _read_anew(self) -> None:
        if time.monotonic() - self._read_at <= self.FRESH_SECONDS:
            return  # Others did, while we waited.
        try:
            with self._database.transaction() as session:
                self._accounts = self._book.list(session)
        except SQLAlchemyError:
            if self._read_at < 0:
                raise
        self._read_at = time.monotonic()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _hash(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()
