"""Addresses: found by a keyed hash, readable only with the key, one citizen each however many write at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import func, select

from bot.citizens.models import Address, Citizen
from bot.citizens.service import AddressBook
from bot.db.session import Database

KEY = Fernet.generate_key().decode()
NUMBER = "+212600000001"


def book(hash_key: str = "a hash key", encryption_key: str = KEY) -> AddressBook:
    return AddressBook(hash_key=hash_key, encryption_key=encryption_key)


def count(database: Database, table: type[Address | Citizen]) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_hash_is_keyed_and_tells_channels_apart() -> None:
    hashes = {
        book().hash("whatsapp", NUMBER),
        book().hash("telegram", NUMBER),
        book("another key").hash("whatsapp", NUMBER),
        book().hash("whatsapp", NUMBER + "2"),
    }
    assert len(hashes) == 4
    assert all(len(one) == 64 and NUMBER.strip("+") not in one for one in hashes)
    assert book().hash("whatsapp", NUMBER) == book().hash("whatsapp", NUMBER)


@pytest.mark.slow
@pytest.mark.parametrize("value", [NUMBER, "bsuid:MA.1a2B", "جواب", "x" * 500])
def test_what_is_kept_is_unreadable_and_comes_back_whole(database: Database, value: str) -> None:
    with database.transaction() as session:
        book().find_or_add(session, channel="whatsapp", kind="phone", value=value)
    with database.transaction() as session:
        row = session.scalars(select(Address)).one()
    assert (row.channel, row.kind) == ("whatsapp", "phone")
    assert value.encode() not in row.value_encrypted
    assert value not in row.value_hash
    assert book().value_of(row) == value


@pytest.mark.slow
def test_another_key_reads_nothing_and_finds_nothing(database: Database) -> None:
    with database.transaction() as session:
        address = book().find_or_add(session, channel="whatsapp", kind="phone", value=NUMBER)
        stranger = book("another key", Fernet.generate_key().decode())
        assert stranger.find(session, channel="whatsapp", value=NUMBER) is None
        with pytest.raises(InvalidToken):
            stranger.value_of(address)


@pytest.mark.slow
def test_nobody_is_made_by_looking(database: Database) -> None:
    with database.transaction() as session:
        assert book().find(session, channel="whatsapp", value=NUMBER) is None
    assert count(database, Citizen) == 0


@pytest.mark.slow
def test_the_same_number_on_two_channels_is_two_addresses(database: Database) -> None:
    with database.transaction() as session:
        for channel in ("telegram", "whatsapp", "whatsapp"):
            book().find_or_add(session, channel=channel, kind="user", value=NUMBER)
    assert (count(database, Address), count(database, Citizen)) == (2, 2)


@pytest.mark.slow
def test_two_first_messages_at_once_make_one_citizen(database: Database) -> None:
    together = threading.Barrier(4)

    def arrive(value: str) -> tuple[str, str]:
        with database.transaction() as session:
            together.wait(10)
            address = book().find_or_add(session, channel="webchat", kind="session", value=value)
            return str(address.id), str(address.citizen_id)

    for attempt in range(1, 11):
        with ThreadPoolExecutor(4) as threads:
            found = set(threads.map(arrive, [f"session {attempt}"] * 4))
        assert len(found) == 1
        assert (count(database, Address), count(database, Citizen)) == (attempt, attempt)
