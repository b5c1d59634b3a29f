"""Who writes: an address is known by a keyed hash, and readable only with the encryption key."""

import hashlib
import hmac

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.citizens.models import Address, Citizen
from bot.db.base import utc_now


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

    def find_or_add(self, session: Session, *, channel: str, kind: str, value: str) -> Address:
        """The address, with a new citizen when nobody wrote from it before; safe when two ask at once."""
        known = self.find(session, channel=channel, value=value)
        if known is not None:
            return known
        citizen = Citizen()
        session.add(citizen)
        session.flush()
        added = session.execute(
            insert(Address)
            .values(
                citizen_id=citizen.id,
                channel=channel,
                kind=kind,
                value_encrypted=self._cipher.encrypt(value.encode()),
                value_hash=self.hash(channel, value),
            )
            .on_conflict_do_nothing(index_elements=["channel", "value_hash"])
            .returning(Address.id)
        ).scalar()
        if added is None:  # Another transaction was first; its citizen is the one.
            session.delete(citizen)
            session.flush()
        found = self.find(session, channel=channel, value=value)
        if found is None:
            raise LookupError("an address vanished between two queries")
        return found

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
