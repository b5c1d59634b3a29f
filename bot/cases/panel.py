"""What staff see of the citizen beside a thread: where they write from, without the address itself."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.accounts.audit import record
from bot.citizens.models import Address, Citizen
from bot.citizens.service import AddressBook

# What nobody could call or write to: there is nothing to reveal.
NAMELESS = {"session"}
SHOWN = 2


@dataclass(frozen=True)
class AddressLine:
    """One of a citizen's addresses, masked; `can_reveal` where the whole of it would tell something."""

    id: uuid.UUID
    channel: str
    masked: str
    can_reveal: bool
    window_expires_at: dt.datetime | None
    opted_out_at: dt.datetime | None
    unreachable_at: dt.datetime | None


@dataclass(frozen=True)
class Person:
    """A citizen as far as we know one."""

    id: uuid.UUID
    language: str | None
    blocked_at: dt.datetime | None
    known_since: dt.datetime
    addresses: list[AddressLine]


def get_person(session: Session, book: AddressBook, citizen_id: uuid.UUID) -> Person:
    """A citizen with all addresses, in two queries."""
    citizen = session.get_one(Citizen, citizen_id)
    query = select(Address).where(Address.citizen_id == citizen_id).order_by(Address.created_at, Address.id)
    lines = [_line(book, one) for one in session.scalars(query)]
    return Person(citizen.id, citizen.language, citizen.blocked_at, citizen.created_at, lines)


def reveal(session: Session, book: AddressBook, address_id: uuid.UUID, *, case_id: uuid.UUID, by: uuid.UUID) -> str:
    """An address in clear; that somebody looked is on record. Raises LookupError."""
    address = session.get(Address, address_id)
    if address is None:
        raise LookupError(f"no address {address_id}")
    value = book.value_of(address)
    record(session, staff_id=by, action="address_revealed", subject=f"address:{address_id}", after={"case": case_id})
    return value


def mask(value: str) -> str:
    """The last two signs of an address, which tell two of a citizen's apart and nothing else."""
    return f"•••• {value[-SHOWN:]}" if len(value) > SHOWN * 2 else "••••"


def _line(book: AddressBook, one: Address) -> AddressLine:
    nameless = one.kind in NAMELESS
    return AddressLine(
        id=one.id,
        channel=one.channel,
        masked="" if nameless else mask(_value(book, one)),
        can_reveal=not nameless,
        window_expires_at=one.window_expires_at,
        opted_out_at=one.opted_out_at,
        unreachable_at=one.unreachable_at,
    )


def _value(book: AddressBook, one: Address) -> str:
    """The address, or nothing where another key encrypted it."""
    try:
        return book.value_of(one)
    except Exception:  # noqa: BLE001 (whatever the cipher raises: the page is shown all the same)
        return ""
