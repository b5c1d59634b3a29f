"""The durable engine on the embedded PostgreSQL, with a stand-in for Rasa behind it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dbos import run_dbos_database_migrations
from sqlalchemy import create_engine, text

from bot.channels.registry import Channels
from bot.channels.webchat.delivery import WebChat
from bot.db.session import Database
from bot.jobs import engine, pumps, worker
from bot.jobs.services import build, provide
from bot.senders.service import SenderBook
from bot.settings import Settings
from tests.fakes.rasa_stub import TOKEN, RasaStub, serve
from tests.jobs.talk import Talk, Vendor, wait_until

UNFINISHED = text("SELECT count(*) FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING')")


@pytest.fixture(scope="module")
def stub() -> RasaStub:
    """Rasa's stand-in; `rasa` gives it as new to each test."""
    return RasaStub()


@pytest.fixture(scope="module")
def installed(settings: Settings, trained_root: Path, migrated: Database, stub: RasaStub) -> Iterator[Settings]:
    """An installation that asks the stand-in."""
    with serve(stub) as url:
        # Messages may come before the first worker has ever run.
        run_dbos_database_migrations(system_database_url=settings.dbos_database_url)
        changes = {"root": trained_root, "given_rasa_url": url, "rasa_token": type(settings.rasa_token)(TOKEN)}
        yield settings.model_copy(update=changes)


@pytest.fixture
def rasa(stub: RasaStub) -> Iterator[RasaStub]:
    """The stand-in, with nothing asked and no faults."""
    yield stub
    stub.forget()


@pytest.fixture
def empty(database: Database, settings: Settings) -> Iterator[Database]:
    """A database with nothing in it; at the end all durable work is done, or it would go on in the next test."""
    yield database
    wait_until_done(settings)


def wait_until_done(settings: Settings) -> None:
    """Wait for the end of all durable work; somebody must be there who does it."""
    tables = create_engine(settings.dbos_database_url)
    with tables.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        wait_until(lambda: not connection.execute(UNFINISHED).scalar())
    tables.dispose()


@pytest.fixture(scope="module")
def vendor() -> Vendor:
    """A channel with a queue of its own, whose vendor can refuse."""
    return Vendor()


@pytest.fixture(scope="module")
def executor(installed: Settings, vendor: Vendor) -> Iterator[None]:
    """This process takes the durable work."""
    services = build(installed)
    services = replace(services, channels=Channels([WebChat(), vendor]))
    provide(services)
    worker.start(installed)
    yield
    worker.stop(5)
    services.close()


@pytest.fixture
def sender(installed: Settings, empty: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """An account at the vendor; gives its id."""
    monkeypatch.setattr(pumps, "LOOK_FOR_SENDERS_SECONDS", 0.05)
    book = SenderBook(encryption_key=installed.encryption_key.get_secret_value())
    with empty.transaction() as session:
        return book.add(session, channel="vendor", name="one", account="a", address="us", token="t").id


@pytest.fixture
def talk(installed: Settings, executor: None, empty: Database, rasa: RasaStub) -> Iterator[Talk]:
    """A citizen's way in, and a look at what came of it."""
    inbox = engine.Inbox(installed)
    yield Talk(inbox, empty, rasa)
    inbox.close()
