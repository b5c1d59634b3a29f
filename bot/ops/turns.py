"""`jawab turns`: messages whose turn broke, to be answered after all or given up. Their words are never shown."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

from dbos import DBOSClient, run_dbos_database_migrations
from dbos import WorkflowStatus as Broken
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.errors import JawabError
from bot.jobs.engine import NAME, TURNS, WORK_VERSION
from bot.ops.embedded import database_at_hand
from bot.ops.vendors.base import age
from bot.settings import load_settings

# An error of ours that no try can mend, and a process that died of the same message again and again.
GIVEN_UP = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
MOST_SHOWN = 500
COLUMNS = ("turn", "kind", "age", "why")


class TurnError(JawabError):
    """It is not clear which turns are meant."""


@contextlib.contextmanager
def durable_work() -> Iterator[DBOSClient]:
    """The engine's tables, with or without a running Jawab."""
    settings = load_settings()
    with database_at_hand(settings):
        run_dbos_database_migrations(system_database_url=settings.dbos_database_url)
        client = DBOSClient(system_database_url=settings.dbos_database_url, application_name=NAME)
        try:
            yield client
        finally:
            client.destroy()


def show(console: Console) -> None:
    """List what broke, the oldest first."""
    with durable_work() as client:
        found = list_broken(client)
    if not found:
        console.print("No turn is broken.")
        return
    table = Table()
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(*map(Text, (one.workflow_id, one.name, _age(one), _why(one))))
    console.print(table)
    if len(found) == MOST_SHOWN:
        console.print(f"These are the oldest {MOST_SHOWN}; there may be more.")


def retry(ids: Sequence[str], console: Console, *, all_of_them: bool) -> None:
    """Take turns up from their beginning; what they had kept counts once."""
    if bool(ids) is all_of_them:
        raise TurnError("Say which: the turns that `jawab turns list` shows, or --all.")
    with durable_work() as client:
        chosen = _chosen(client, ids)
        for one in chosen:
            queue, partition = one.queue_name or TURNS, one.queue_partition_key
            client.fork_workflow(
                one.workflow_id, 1, application_version=WORK_VERSION, queue_name=queue, queue_partition_key=partition
            )
    console.print(_told(len(chosen), "taken up again"))


def discard(ids: Sequence[str], console: Console) -> None:
    """Forget broken turns; of messages that were recorded the record stays."""
    with durable_work() as client:
        chosen = _chosen(client, ids)
        client.delete_workflows([one.workflow_id for one in chosen])
    console.print(_told(len(chosen), "discarded"))


def list_broken(client: DBOSClient) -> Sequence[Broken]:
    """What was given up and not taken up again."""
    return client.list_workflows(status=GIVEN_UP, was_forked_from=False, load_input=False, limit=MOST_SHOWN)


def _chosen(client: DBOSClient, ids: Sequence[str]) -> Sequence[Broken]:
    """Those that are named, or all; raises TurnError when one is none of them."""
    found = {one.workflow_id: one for one in list_broken(client)}
    for name in ids:
        if name not in found:
            raise TurnError(f"There is no broken turn {name}.")
    return [found[name] for name in dict.fromkeys(ids)] or list(found.values())


def _age(one: Broken) -> str:
    return age(dt.datetime.fromtimestamp((one.created_at or 0) / 1000, dt.UTC))


def _why(one: Broken) -> str:
    """The kind of error alone: what it says may be a citizen's words."""
    if one.error is None:
        return "the process died of it again and again"
    return type(one.error).__name__


def _told(count: int, done: str) -> str:
    return f"✓ {count} turn{'' if count == 1 else 's'} {done}." if count else "No turn is broken."
