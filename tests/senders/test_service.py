"""Accounts at vendors: secrets stay secret, tokens change without a gap, webhooks are found by their paths."""

import threading
from collections.abc import Sequence

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.senders.models import Sender
from bot.senders.service import Account, Directory, SenderBook, SenderError, State

pytestmark = pytest.mark.slow

BOOK = SenderBook(encryption_key=Fernet.generate_key().decode())
FIRST = "first"


def added(database: Database, name: str = "one", token: str = FIRST) -> Account:
    with database.transaction() as session:
        return BOOK.add(session, channel="telegram", name=name, account="1", address="", token=token)


def test_no_secret_is_kept_or_shown_in_clear(database: Database) -> None:
    account = added(database, token="a secret token")
    with database.transaction() as session:
        row = session.get_one(Sender, account.id)
        kept = repr({column.name: getattr(row, column.name) for column in Sender.__table__.columns})
    for secret in ("a secret token", account.secrets.path, account.secrets.webhook_secret):
        assert secret not in kept
        assert secret not in repr(account)


def test_the_old_token_counts_until_the_next_but_one(database: Database) -> None:
    account = added(database)
    with database.transaction() as session:
        assert BOOK.rotate(session, account.id, "second").secrets.tokens == ("second", "first")
        assert BOOK.rotate(session, account.id, "third").secrets.tokens == ("third", "second")


def test_the_settings_sender_is_made_once_and_follows_them(database: Database) -> None:
    values = {"channel": "telegram", "name": "settings", "account": "1", "address": ""}
    with database.transaction() as session:
        first = BOOK.ensure(session, token="a", **values)
        again = BOOK.ensure(session, token="b", **values)
    assert (again.id, again.secrets.path, again.secrets.tokens) == (first.id, first.secrets.path, ("b", "a"))


def test_two_senders_of_a_channel_have_two_names(database: Database) -> None:
    added(database)
    with pytest.raises(SenderError, match="already"):
        added(database)


def test_a_paused_sender_says_why_until_it_is_resumed(database: Database) -> None:
    account = added(database)
    with database.transaction() as session:
        BOOK.pause(session, account.id, "the token is refused")
        paused = BOOK.get(session, account.id)
        BOOK.resume(session, account.id)
        resumed = BOOK.get(session, account.id)
    assert (paused.state, paused.paused_reason) == (State.PAUSED, "the token is refused")
    assert (resumed.state, resumed.paused_reason) == (State.ACTIVE, None)


def test_a_webhook_is_found_by_its_path_alone(database: Database) -> None:
    account = added(database)
    directory = Directory(database, BOOK)
    assert directory.find("telegram", account.secrets.path) == account
    assert directory.find("whatsapp", account.secrets.path) is None
    assert directory.find("telegram", account.id) is None


def test_webhooks_are_known_while_the_database_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    account = added(database)
    directory = Directory(database, BOOK)
    directory.list()
    directory.FRESH_SECONDS = -1.0
    away = Database("postgresql+psycopg://jawab:x@127.0.0.1:1/jawab")
    monkeypatch.setattr(directory, "_database", away)
    assert directory.find("telegram", account.secrets.path) == account


class SlowBook(SenderBook):
    """Is read only once it is `open`."""

    def __init__(self) -> None:
        super().__init__(encryption_key=Fernet.generate_key().decode())
        self.open, self.is_read = threading.Event(), threading.Event()

    def list(self, session: Session) -> Sequence[Account]:
        """All senders, after a while."""
        self.is_read.set()
        assert self.open.wait(20)
        return super().list(session)


@pytest.mark.parametrize(("is_old", "found"), [(False, 0), (True, 1)])
def test_while_senders_are_read_anew_only_what_is_old_is_waited_for(
    database: Database, is_old: bool, found: int
) -> None:
    book = SlowBook()
    directory = Directory(database, book)
    book.open.set()
    assert len(directory.list()) == 0
    with database.transaction() as session:
        book.add(session, channel="telegram", name="new", account="1", address="", token=FIRST)
    directory.FRESH_SECONDS, directory.OLD_SECONDS = 0.0, -1.0 if is_old else 60.0
    book.open.clear()
    book.is_read.clear()
    reading = threading.Thread(target=directory.list)
    reading.start()
    assert book.is_read.wait(20)
    opening = threading.Timer(0.3 if is_old else 3.0, book.open.set)
    opening.start()
    assert len(directory.list()) == found
    opening.join()
    reading.join(20)
