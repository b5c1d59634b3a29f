"""The durable engine (DBOS): its queues, and how work gets into them and is taken out."""

from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from sqlalchemy import make_url

from bot.citizens.service import AddressBook
from bot.conversations.schemas import Inbound
from bot.jobs.bells import Bells, Doorkeeper, Ringer
from bot.settings import Settings

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
UNHURRIED = "-c synchronous_commit=off"

bells = Bells()
_doorkeepers: list[Doorkeeper] = []


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
        "sys_db_pool_size": 20,
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
    _doorkeepers.append(Doorkeeper(settings.redis_url, bells))
    _doorkeepers[-1].start()


def _unhurried(url: str) -> str:
    """The same database, without a wait for the disk at each of the executor's own notes.

    A note that a power cut takes away is a step that runs once more, as after any crash. It can only be lost together
    with all that was written later; what a citizen was told is safe, because accepting a message (`Inbox`) and our own
    tables (`Database`) wait for the disk, and it is one log for both databases of a server.
    """
    return make_url(url).update_query_pairs([("options", UNHURRIED)], append=True).render_as_string(hide_password=False)


def stop(seconds: int) -> None:
    """Take no new work, finish what runs within the time; the rest is taken up at the next start."""
    while _doorkeepers:
        _doorkeepers.pop().stop()
    DBOS.destroy(workflow_completion_timeout_sec=seconds)
    bells.take_down()


class Inbox:
    """Makes a message durable; needs only the database, not a running executor."""

    def __init__(self, settings: Settings) -> None:
        self._client = DBOSClient(
            system_database_url=settings.dbos_database_url,
            application_name=NAME,
            lazy=True,
            retry_connection_errors=False,
        )
        self._ringer = Ringer(settings.redis_url)
        self._book = AddressBook(
            hash_key=settings.hash_key.get_secret_value(), encryption_key=settings.encryption_key.get_secret_value()
        )

    def accept(self, inbound: Inbound, partition: str) -> None:
        """Keep a message for its turn, once per id; when this returns, it cannot be lost.

        The engine's own tables hold the addresses sealed.
        """
        options: EnqueueOptions = {
            "workflow_name": "turn",
            "queue_name": TURNS,
            "workflow_id": inbound.workflow_id,
            "queue_partition_key": partition,
            "app_version": WORK_VERSION,
        }
        self._client.enqueue(options, sealed(self._book, inbound))
        ring(TURNS, self._ringer)

    def close(self) -> None:
        """Close the connections."""
        self._ringer.close()
        self._client.destroy()


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


def ring(queue: str, elsewhere: Ringer) -> None:
    """Wake whoever takes the work: this process itself, else those that hear Redis."""
    if queue in bells:
        bells.ring(queue)
    else:
        elsewhere.ring(queue)


def pump_bell(sender_id: str) -> str:
    """The name of the bell of a sender's pump."""
    return f"pump:{sender_id}"
