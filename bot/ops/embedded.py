"""The database for one command: the one that runs, or the embedded one, started for just as long."""

import contextlib
from collections.abc import Iterator

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
