"""The durable engine (DBOS): its queues, and how work gets into them and is taken out."""

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions

from bot.conversations.schemas import Inbound
from bot.settings import Settings

NAME = "jawab"
# Work begun by one release is taken up by the next; raise this only when a workflow's steps change.
WORK_VERSION = "1"
TURNS = "turns"
DELIVERIES = "deliveries"
TURN_POLL_SECONDS = 0.05
DELIVERY_POLL_SECONDS = 0.25
TURNS_AT_ONCE = 8
DELIVERIES_AT_ONCE = 16


def launch(settings: Settings) -> None:
    """Start this process as an executor; the workflows must have been imported before."""
    config: DBOSConfig = {
        "name": NAME,
        "system_database_url": settings.dbos_database_url,
        "application_version": WORK_VERSION,
        "executor_id": settings.executor_id,
        "enable_otlp": False,
        "console_log_level": "WARNING",
        "log_level": "WARNING",
        "sys_db_pool_size": 20,
    }
    DBOS(config=config)
    DBOS.launch()
    # One turn at a time in a conversation, in the order of arrival.
    DBOS.register_queue(
        TURNS,
        partition_concurrency=1,
        worker_concurrency=TURNS_AT_ONCE,
        polling_interval_sec=TURN_POLL_SECONDS,
        on_conflict="always_update",
    )
    # One message at a time to a conversation.
    DBOS.register_queue(
        DELIVERIES,
        partition_concurrency=1,
        worker_concurrency=DELIVERIES_AT_ONCE,
        polling_interval_sec=DELIVERY_POLL_SECONDS,
        on_conflict="always_update",
    )


def stop(seconds: int) -> None:
    """Take no new work, finish what runs within the time; the rest is taken up at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=seconds)


class Inbox:
    """Makes a message durable; needs only the database, not a running executor."""

    def __init__(self, settings: Settings) -> None:
        self._client = DBOSClient(
            system_database_url=settings.dbos_database_url,
            application_name=NAME,
            lazy=True,
            retry_connection_errors=False,
        )

    def accept(self, inbound: Inbound, partition: str) -> None:
        """Keep a message for its turn, once per id; when this returns, it cannot be lost."""
        options: EnqueueOptions = {
            "workflow_name": "turn",
            "queue_name": TURNS,
            "workflow_id": inbound.workflow_id,
            "queue_partition_key": partition,
            "app_version": WORK_VERSION,
        }
        self._client.enqueue(options, inbound.to_json())

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
