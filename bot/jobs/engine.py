"""The durable engine (DBOS): its queues, and how work gets into them and is taken out."""

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos._utils import INTERNAL_QUEUE_NAME, GlobalParams
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.citizens.service import AddressBook
from bot.conversations.schemas import Inbound
from bot.db.absence import PASSING
from bot.db.pool import pool_options
from bot.jobs.bells import Bells, Doorkeeper, Ringer
from bot.jobs.together import Together
from bot.settings import Settings

log = structlog.get_logger()

NAME = "jawab"
# Work begun by one release is taken up by the next; raise this only when a workflow's steps change.
WORK_VERSION = "1"
TURNS = "turns"
FILES = "files"
# Work is taken when a bell rings; this is for the rings that were not heard.
POLL_SECONDS = 1.0
TURNS_AT_ONCE = 8
FILES_AT_ONCE = 4
# We use neither DBOS's streams nor its events: the thread that tells of them may sleep.
COALESCE_SECONDS = 1.0
POOL_SIZE = 20
INBOX_POOL_SIZE = 5
# A vendor waits for its 200 a few times as long; until then the message must lie on disk.
CONNECT_SECONDS = 3
UNHURRIED = "-c synchronous_commit=off"

LOOK_SECONDS = 0.02

bells = Bells()
_doorkeepers: list[Doorkeeper] = []
_engines: list[DBOS] = []


def launch(settings: Settings) -> None:
    """Start this process as an executor; the workflows must have been imported before."""
    config: DBOSConfig = {
        "name": NAME,
        "system_database_url": _unhurried(settings.dbos_database_url),
        "application_version": WORK_VERSION,
        "executor_id": settings.executor_id,
        "enable_otlp": False,
        "console_log_level": "WARNING",
        "log_level": "WARNING",
        "db_engine_kwargs": pool_options(POOL_SIZE, overflow=0),
        "notification_coalesce_sec": COALESCE_SECONDS,
    }
    engine = DBOS(config=config)
    DBOS.listen_queues([])  # The bells' own threads take the work.
    DBOS.launch()
    # In a conversation one at a time, in the order of arrival.
    for name, at_once in ((TURNS, TURNS_AT_ONCE), (FILES, FILES_AT_ONCE)):
        DBOS.register_queue(
            name,
            partition_concurrency=1,
            worker_concurrency=at_once,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )
    bells.hang(engine, [TURNS, FILES])
    _engines.append(engine)
    _doorkeepers.append(Doorkeeper(settings.redis_url, bells))
    _doorkeepers[-1].start()


def _unhurried(url: str) -> str:
    """The same database, without a wait for the disk at each of the executor's own notes.

    A note that a power cut takes away is a step that runs once more, as after any crash. It can only be lost together
    with all that was written later; what a citizen was told is safe, because accepting a message (`Inbox`) and our own
    tables (`Database`) wait for the disk, and it is one log for both databases of a server.
    """
    return make_url(url).update_query_pairs([("options", UNHURRIED)], append=True).render_as_string(hide_password=False)


def is_answering() -> bool:
    """Whether a turn is under way in this process."""
    return any(one._active_workflows_set.count_for_queue(TURNS) for one in _engines)


def take_no_more() -> None:
    """Take no new work; what runs goes on."""
    while _doorkeepers:
        _doorkeepers.pop().stop()
    bells.silence()


def stop(seconds: float) -> None:
    """After `take_no_more`: wait for what runs, and give back what does not end within the time."""
    end = time.monotonic() + seconds
    while _engines:
        engine = _engines.pop()
        while engine._active_workflows_set.activeList() and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        try:
            _give_back(engine, engine._active_workflows_set.activeList())
        except SQLAlchemyError as failure:
            log.warning("work_not_given_back", reason=type(failure).__name__)
    DBOS.destroy()
    bells.take_down()


def give_back_idle(before: Collection[str]) -> set[str]:
    """Give back what this process took and none of its threads works on, if that was so `before`; gives what is idle.

    What was taken a moment ago has no thread yet.
    """
    idle = set()
    for engine in _engines:
        taken = engine._sys_db.get_pending_workflows(GlobalParams.executor_id, WORK_VERSION)
        idle |= {one.workflow_id for one in taken}.difference(engine._active_workflows_set.activeList())
        _give_back(engine, idle.intersection(before))
    return idle


def _give_back(engine: DBOS, workflow_ids: Iterable[str]) -> None:
    """Put work back in its queue, for whoever is there; the steps that are kept count."""
    for workflow_id in workflow_ids:
        log.warning("work_given_back", workflow_id=workflow_id)
        engine._sys_db.reenqueue_for_recovery(workflow_id, [GlobalParams.executor_id], INTERNAL_QUEUE_NAME)


class Inbox:
    """Makes a message durable; needs only the database, not a running executor."""

    def __init__(self, settings: Settings) -> None:
        self._engine = create_engine(
            settings.dbos_database_url,
            connect_args={"connect_timeout": CONNECT_SECONDS},
            **pool_options(INBOX_POOL_SIZE, overflow=0),
        )
        self._client = DBOSClient(
            system_database_engine=self._engine,
            application_name=NAME,
            lazy=True,
            retry_connection_errors=False,
        )
        self._accept = Together(self._accept_all, shared=PASSING)
        self._ringer = Ringer(settings.redis_url)
        self._book = AddressBook(
            hash_key=settings.hash_key.get_secret_value(), encryption_key=settings.encryption_key.get_secret_value()
        )

    def accept(self, inbound: Inbound, partition: str) -> None:
        """Keep a message for its turn, once per id; when this returns, it cannot be lost.

        The engine's own tables hold the addresses sealed. What comes at the same moment waits for the disk once.
        """
        self._accept((partition, inbound))
        ring(TURNS, self._ringer)

    def _accept_all(self, arrived: Sequence[tuple[str, Inbound]]) -> None:
        # The engine's order within a partition is that of transactions: none has two of one.
        rounds: list[dict[str, Inbound]] = []
        for partition, inbound in arrived:
            found = next((one for one in rounds if partition not in one), None)
            if found is None:
                rounds.append(found := {})
            found[partition] = inbound
        for one in rounds:
            with self._engine.begin() as connection:
                for partition, inbound in one.items():
                    options: EnqueueOptions = {
                        "workflow_name": "turn",
                        "queue_name": TURNS,
                        "workflow_id": inbound.workflow_id,
                        "queue_partition_key": partition,
                        "app_version": WORK_VERSION,
                    }
                    self._client.enqueue_in_transaction(connection, options, sealed(self._book, inbound))

    def close(self) -> None:
        """Close the connections."""
        self._ringer.close()
        self._client.destroy()
        self._engine.dispose()


def sealed(book: AddressBook, inbound: Inbound) -> dict[str, Any]:
    """A message as plain values that may lie in tables that are not ours."""
    others = {kind: book.seal(value) for kind, value in inbound.other_addresses.items()}
    return {**inbound.to_json(), "address": book.seal(inbound.address), "other_addresses": others}


def unsealed(book: AddressBook, values: dict[str, Any]) -> Inbound:
    """The reverse of sealed."""
    others = {kind: book.unseal(value) for kind, value in values.get("other_addresses", {}).items()}
    return Inbound.from_json({**values, "address": book.unseal(values["address"]), "other_addresses": others})


def fetch_later(inbound: dict[str, Any], message_id: int, conversation_id: str, *, is_heard: bool) -> None:
    """Have the file of a message fetched, once: slow files and long recordings hold up no other citizen's turn."""
    options: EnqueueOptions = {
        "workflow_name": "file",
        "queue_name": FILES,
        "workflow_id": f"file:{inbound['channel']}:{inbound['vendor_id']}",
        "queue_partition_key": conversation_id,
        "app_version": WORK_VERSION,
    }
    DBOS.enqueue_workflow_with_options(options, inbound, message_id, conversation_id, is_heard)
    bells.ring(FILES)


def times_begun() -> int:
    """How often the work that runs in this thread was begun; 1 unless a process ended in the middle of it."""
    status = DBOS.get_workflow_status(DBOS.workflow_id or "")
    return (status and status.recovery_attempts) or 1


def ring(queue: str, elsewhere: Ringer) -> None:
    """Wake whoever takes the work: this process itself, else those that hear Redis."""
    if queue in bells:
        bells.ring(queue)
    else:
        elsewhere.ring(queue)


def pump_bell(sender_id: str) -> str:
    """The name of the bell of a sender's pump."""
    return f"pump:{sender_id}"
