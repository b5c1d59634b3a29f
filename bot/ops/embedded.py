"""The database for one command: the one that runs, or the embedded one, started for just as long."""

import contextlib
from collections.abc import Iterator

from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.ops.lock import end_leftovers, sole_owner
from bot.ops.ports import check_ports
from bot.ops.postgres import answers, create_databases, postgres_process
from bot.ops.processes import running
from bot.settings import Settings


@contextlib.contextmanager
def database_at_hand(settings: Settings) -> Iterator[None]:
    """Make sure that `settings.database_url` answers inside the block."""
    if not settings.uses_embedded_postgres or answers(settings.database_url):
        create_databases(settings)
        yield
        return
    with sole_owner(settings.var):
        end_leftovers(settings.var)
        postgres = postgres_process(settings)
        check_ports([postgres])
        with running(postgres):
            create_databases(settings)
            yield


@contextlib.contextmanager
def tables_at_hand(settings: Settings) -> Iterator[Database]:
    """The database with all its tables."""
    with database_at_hand(settings):
        upgrade(settings.database_url)
        database = Database(settings.database_url, pool_size=1)
        try:
            yield database
        finally:
            database.dispose()
