"""Who writes: an address is known by a keyed hash, and readable only with the encryption key."""

import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Column, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.alerts import service as alerts
from bot.citizens.models import Address, Citizen
from bot.db.base import Base, utc_now

NO_OTHERS: Mapping[str, str] = MappingProxyType({})
# Addresses are linked one at a time: two who did it at once would wait for each other, or use a citizen that is gone.
LINKING = select(func.pg_advisory_xact_lock(func.hashtext("jawab citizens")))


class AddressBook:
    """Finds and keeps addresses; holds the two keys of the settings."""

    def __init__(self, *, hash_key: str, encryption_key: str) -> None:
        self._hash_key = hash_key.encode()
        self._cipher = Fernet(encryption_key.encode())

    def hash(self, channel: str, value: str) -> str:
        """The keyed hash (HMAC-SHA256, hex) under which an address is found."""
        return hmac.new(self._hash_key, f"{channel}:{value}".encode(), hashlib.sha256).hexdigest()

    def find(self, session: Session, *, channel: str, value: str) -> Address | None:
        """The address, if somebody wrote from it before."""
        value_hash = self.hash(channel, value)
        return session.scalar(select(Address).where(Address.channel == channel, Address.value_hash == value_hash))

    def find_or_add(
        self, session: Session, *, channel: str, kind: str, value: str, others: Mapping[str, str] = NO_OTHERS
    ) -> Address:
        """The address, with a new citizen when nobody wrote from it before; safe when two ask at once.

        `others`, values by kind, are addresses of the same citizen's: whoever was known by one is known by all.
        """
        values = {self.hash(channel, one): (one_kind, one) for one_kind, one in [*others.items(), (kind, value)]}
        known = _list(session, channel, values)
        if others and not _are_one(known, len(values)):
            session.execute(LINKING)
            known = _list(session, channel, values)
        if len(known) < len(values):
            self._add_missing(session, channel, values, known)
            known = _list(session, channel, values)
        if len(known) < len(values):
            raise LookupError("an address vanished between two queries")
        if not _are_one(known, len(values)):
            _unite(session, known)
        return next(one for one in known if one.value_hash == self.hash(channel, value))

    def _add_missing(
        self, session: Session, channel: str, values: Mapping[str, tuple[str, str]], known: Sequence[Address]
    ) -> None:
        """Add addresses to the citizen of a known one, or to a new citizen."""
        citizen = session.get_one(Citizen, known[0].citizen_id) if known else Citizen()
        session.add(citizen)
        session.flush()
        rows = [
            {
                "citizen_id": citizen.id,
                "channel": channel,
                "kind": kind,
                "value_encrypted": self._cipher.encrypt(value.encode()),
                "value_hash": value_hash,
                "opted_out_at": known[0].opted_out_at if known else None,
            }
            for value_hash, (kind, value) in values.items()
            if value_hash not in {one.value_hash for one in known}
        ]
        statement = insert(Address).values(rows).on_conflict_do_nothing(index_elements=["channel", "value_hash"])
        added = session.scalars(statement.returning(Address.id)).all()
        if not added and not known:  # Another transaction was first; its citizen is the one.
            session.delete(citizen)
            session.flush()

    def seal(self, value: str) -> str:
        """An address as it may lie in other tables and files than this book's own."""
        return self._cipher.encrypt(value.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """The reverse of seal; raises cryptography.fernet.InvalidToken."""
        return self._cipher.decrypt(sealed.encode()).decode()

    def value_of(self, address: Address) -> str:
        """The address in clear, to send to it."""
        return self._cipher.decrypt(address.value_encrypted).decode()

    def note_presence(self, session: Session, *, channel: str, value: str, is_reachable: bool) -> None:
        """A citizen blocked us, or took us back."""
        address = self.find(session, channel=channel, value=value)
        if address is None:
            return
        address.unreachable_at = None if is_reachable else utc_now()
        address.unreachable_reason = None if is_reachable else "blocked"


def note_opt_out(session: Session, citizen_id: uuid.UUID, at: dt.datetime | None) -> None:
    """A citizen wants no reminders and campaigns from a moment on, or (None) wants them again, at every address."""
    session.execute(update(Address).where(Address.citizen_id == citizen_id).values(opted_out_at=at))


def is_blocked(session: Session, citizen_id: uuid.UUID) -> bool:
    """Whether nobody answers a citizen."""
    return session.get_one(Citizen, citizen_id).blocked_at is not None


def _unite(session: Session, addresses: Sequence[Address]) -> None:
    """Make one citizen of those that several addresses belong to: the one who was known first."""
    ids = {one.citizen_id for one in addresses}
    query = select(Citizen).where(Citizen.id.in_(ids)).order_by(Citizen.created_at, Citizen.id)
    first, *others = session.scalars(query.with_for_update()).all()
    for other in others:
        first.blocked_at = first.blocked_at or other.blocked_at
        alerts.end_doubles(session, kept_id=first.id, other_id=other.id)
        for column in _owned_by_citizens():
            session.execute(update(column.table).where(column == other.id).values({column: first.id}))
        session.delete(other)
    session.flush()
    for one in addresses:
        session.refresh(one)
    said_stop = [one.opted_out_at for one in addresses if one.opted_out_at is not None]
    if said_stop:
        note_opt_out(session, first.id, min(said_stop))


def _owned_by_citizens() -> list[Column[Any]]:
    """The columns of all features that name a citizen."""
    keys = (key for table in Base.metadata.sorted_tables for key in table.foreign_keys)
    return [key.parent for key in keys if key.column is Citizen.__table__.c.id]


def _list(session: Session, channel: str, hashes: Collection[str]) -> Sequence[Address]:
    """The addresses as they are now, the first one first."""
    query = select(Address).where(Address.channel == channel, Address.value_hash.in_(hashes))
    query = query.order_by(Address.created_at, Address.id).execution_options(populate_existing=True)
    return session.scalars(query).all()


def _are_one(addresses: Sequence[Address], count: int) -> bool:
    """Whether there are so many addresses, all of one citizen."""
    return len(addresses) == count and len({one.citizen_id for one in addresses}) == 1
