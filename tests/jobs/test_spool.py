"""Messages on disk while the database is away: none is lost, order is kept, a broken file blocks nobody."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.exc import OperationalError

from bot.citizens.service import AddressBook
from bot.conversations.schemas import Inbound, Kind
from bot.jobs import spool as spooling
from bot.jobs.spool import Spool, SpoolFullError

BOOK = AddressBook(hash_key="k" * 32, encryption_key=Fernet.generate_key().decode())


def message(text: str) -> Inbound:
    return Inbound(channel="whatsapp", vendor_id=text, address="whatsapp:+212600000001", kind=Kind.TEXT, text=text)


class Taker:
    def __init__(self) -> None:
        self.taken: list[str] = []
        self.is_away = False

    def __call__(self, inbound: Inbound) -> None:
        if self.is_away:
            raise OperationalError("away", None, Exception())
        self.taken.append(inbound.text)


def test_what_was_kept_is_handed_on_in_order_also_after_a_restart(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        Spool(tmp_path, Taker(), BOOK).keep(message(text))
    taker = Taker()
    assert Spool(tmp_path, taker, BOOK).drain() == 3
    assert (taker.taken, list(tmp_path.iterdir())) == (["one", "two", "three"], [])


def test_what_is_not_taken_stays(tmp_path: Path) -> None:
    taker = Taker()
    spool = Spool(tmp_path, taker, BOOK)
    spool.keep(message("one"))
    taker.is_away = True
    assert (spool.drain(), spool.count()) == (0, 1)
    taker.is_away = False
    assert (spool.drain(), spool.count()) == (1, 0)


def test_a_broken_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "000000000001-x.json").write_text("{")
    taker = Taker()
    spool = Spool(tmp_path, taker, BOOK)
    spool.keep(message("after"))
    spool.drain()
    assert (taker.taken, [path.suffix for path in tmp_path.iterdir()]) == (["after"], [".bad"])


def test_a_full_spool_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MOST_FILES", 1)
    spool = Spool(tmp_path, Taker(), BOOK)
    spool.keep(message("one"))
    with pytest.raises(SpoolFullError):
        spool.keep(message("two"))


def test_no_word_and_no_number_lies_on_disk_in_clear(tmp_path: Path) -> None:
    Spool(tmp_path, Taker(), BOOK).keep(message("my secret"))
    (file,) = tmp_path.iterdir()
    assert b"secret" not in file.read_bytes()
    assert b"212600" not in file.read_bytes()
