"""`jawab turns`: what broke is shown without its words, and answered after all or given up."""

from collections.abc import Iterator

import pytest
from dbos import DBOSClient, run_dbos_database_migrations
from pydantic import SecretStr
from sqlalchemy import create_engine, make_url, text

from bot.jobs.engine import TURNS, WORK_VERSION, Inbox
from bot.ops import turns
from bot.ops.postgres import create_databases
from bot.settings import Settings
from tests.jobs.talk import message
from tests.ops.commands import Done
from tests.ops.commands import jawab as run

pytestmark = pytest.mark.slow

BREAK = text("UPDATE dbos.workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED' WHERE workflow_uuid = :id")
EMPTY = text("TRUNCATE dbos.workflow_status CASCADE")
WORDS = "des mots que personne ne doit voir"


class Work:
    """What is put into the engine's tables and found there; nobody takes it."""

    def __init__(self, settings: Settings) -> None:
        self.inbox = Inbox(settings)
        self.client = DBOSClient(system_database_url=settings.dbos_database_url)
        self.tables = create_engine(settings.dbos_database_url)

    def breaks(self) -> str:
        """A message whose turn was given up; gives the turn's name."""
        inbound = message(WORDS)
        self.inbox.accept(inbound, partition="p")
        with self.tables.begin() as connection:
            connection.execute(BREAK, {"id": inbound.workflow_id})
        return inbound.workflow_id

    def waiting(self) -> list[tuple[str | None, str | None, str | None]]:
        """What waits to be taken: queue, partition, release."""
        found = self.client.list_workflows(status="ENQUEUED")
        return [(one.queue_name, one.queue_partition_key, one.app_version) for one in found]

    def close(self) -> None:
        """Leave the tables empty for whoever comes next."""
        with self.tables.begin() as connection:
            connection.execute(EMPTY)
        self.tables.dispose()
        self.inbox.close()
        self.client.destroy()


@pytest.fixture
def work(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """In databases of its own: an executor that another test left would take what waits here."""
    shared = make_url(settings.database_url)
    given = shared.set(database=f"{shared.database}_turns").render_as_string(hide_password=False)
    own = settings.model_copy(update={"given_database_url": SecretStr(given)})
    create_databases(own)
    monkeypatch.setattr(turns, "load_settings", lambda: own)
    run_dbos_database_migrations(system_database_url=own.dbos_database_url)
    found = Work(own)
    yield found
    found.close()


def jawab(*arguments: str) -> Done:
    return run("turns", *arguments)


def test_a_broken_turn_is_listed_without_its_words(work: Work) -> None:
    name = work.breaks()
    output = jawab("list").output
    assert name in output
    assert "died of it" in output
    assert WORDS not in output


def test_where_nothing_is_broken_the_list_says_so(work: Work) -> None:
    work.inbox.accept(message("waits"), partition="p")
    assert "No turn is broken." in jawab("list").output


def test_a_turn_is_taken_up_again_once(work: Work) -> None:
    first, _ = work.breaks(), work.breaks()
    assert "1 turn taken up again" in jawab("retry", first).output
    assert work.waiting() == [(TURNS, "p", WORK_VERSION)]
    assert "1 turn taken up again" in jawab("retry", "--all").output
    assert "No turn is broken." in jawab("retry", "--all").output
    assert len(work.waiting()) == 2


def test_a_turn_is_given_up(work: Work) -> None:
    name = work.breaks()
    assert "1 turn discarded" in jawab("discard", name).output
    assert (work.waiting(), "No turn is broken." in jawab("list").output) == ([], True)


@pytest.mark.parametrize("arguments", [("retry",), ("retry", "x:1", "--all"), ("retry", "x:1"), ("discard", "x:1")])
def test_it_must_be_clear_which_turns_are_meant(work: Work, arguments: tuple[str, ...]) -> None:
    work.breaks()
    assert jawab(*arguments).code != 0
    assert work.waiting() == []
