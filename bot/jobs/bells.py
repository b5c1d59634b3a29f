"""Wakes the takers of durable work the moment there is some, so that they need not ask the database all the time.

DBOS (3.4) only polls its queues. A process that takes work has a bell for each queue: it rings when work was put in,
and when a piece of work has ended and another of the same conversation may follow. A bell that was not heard costs
time, never work: the queue is still looked at every so often.
"""

import threading

import redis
import structlog
from dbos import DBOS
from dbos._core import ActiveWorkflowById
from dbos._queue import queue_worker_thread
from sqlalchemy import text

log = structlog.get_logger()

CHANNEL = "jawab:work"
DEAF_SECONDS = 2.0
WAITING = text("SELECT 1 FROM dbos.workflow_status WHERE queue_name = :queue AND status = 'ENQUEUED' LIMIT 1")


class Bell(threading.Event):
    """DBOS's sign to stop, whose waiter also wakes up, not stopped, when the bell rings."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = threading.Event()

    def ring(self) -> None:
        """End the wait that is going on, or the next one."""
        self._rung.set()

    def set(self) -> None:
        """Ask for the end."""
        super().set()
        self._rung.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for a ring, the end, or the time; gives whether the end was asked for."""
        self._rung.wait(timeout)
        self._rung.clear()
        return self.is_set()


class Bells:
    """The bells of this process, by queue; without any, whoever listens at Redis is rung."""

    def __init__(self) -> None:
        self._bells: dict[str, Bell] = {}

    def __contains__(self, queue: str) -> bool:
        return queue in self._bells

    def ring(self, queue: str) -> None:
        """There may be work in a queue."""
        bell = self._bells.get(queue)
        if bell is not None:
            bell.ring()

    def ring_all(self) -> None:
        """There may be work in any queue: whoever was deaf looks for what was missed."""
        for bell in self._bells.values():
            bell.ring()

    def hang(self, engine: DBOS, queues: list[str]) -> None:
        """Take work from queues that are registered and that DBOS itself was told not to listen to."""
        engine._active_workflows_set = _Working(self)
        _look_first(engine)
        for name in queues:
            bell = Bell()
            bell.ring()  # For what was put in while nobody was here.
            self._bells[name] = bell
            queue = DBOS.retrieve_queue(name)
            assert queue is not None
            queue.database_backed_queue = False  # Nobody changes it but us: it need not be read each time.
            taker = threading.Thread(target=queue_worker_thread, args=(bell, engine, queue), name=name, daemon=True)
            # DBOS stops and joins them with its own threads.
            engine.background_thread_stop_events.append(bell)
            engine._background_threads.append(taker)
            taker.start()

    def add(self, name: str) -> Bell:
        """A bell for somebody else who takes work in this process."""
        return self._bells.setdefault(name, Bell())

    def remove(self, name: str) -> None:
        """Nobody here answers to that name any more."""
        self._bells.pop(name, None)

    def silence(self) -> None:
        """Whoever takes work here takes no more."""
        for bell in self._bells.values():
            bell.set()

    def take_down(self) -> None:
        """No more work is taken here."""
        self._bells.clear()


def _look_first(engine: DBOS) -> None:
    """Have the engine look whether any work waits before it asks, at some length, which of it may be taken.

    All our work names its version, so that it need not find out either whether this is the newest.
    """
    notes = engine._sys_db
    scopes_of = notes.dequeue_scopes

    def scopes_with_work(queue: str) -> list[str | None]:
        with notes.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return scopes_of(queue) if connection.scalar(WAITING, {"queue": queue}) else []

    vars(notes).update(dequeue_scopes=scopes_with_work, _is_latest_version=lambda *_: False)


class _Working(ActiveWorkflowById):
    """What runs in this process; the end of one piece of work may be the beginning of the next."""

    def __init__(self, bells: Bells) -> None:
        super().__init__()
        self._bells = bells

    def _remove(self, key: str, bucket: tuple[str, str | None] | None) -> None:
        super()._remove(key, bucket)
        if bucket is not None:
            self._bells.ring(bucket[0])


class Ringer:
    """Rings at the workers in other processes, over Redis."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)

    def ring(self, queue: str) -> None:
        """Tell all workers; with Redis away they look by themselves, a little later."""
        try:
            self._redis.publish(CHANNEL, queue)
        except redis.RedisError as error:
            log.warning("workers_not_woken", reason=type(error).__name__)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


class Doorkeeper(threading.Thread):
    """Hears the rings of other processes, and passes them on to the bells of this one."""

    def __init__(self, url: str, bells: Bells) -> None:
        super().__init__(name="doorkeeper", daemon=True)
        self._url, self._bells, self._told = url, bells, threading.Event()

    def run(self) -> None:
        """Listen until told to stop, through any absence of Redis."""
        while not self._told.is_set():
            try:
                with redis.Redis.from_url(self._url, socket_connect_timeout=1) as client, client.pubsub() as ear:
                    ear.subscribe(CHANNEL)
                    self._hear(ear)
            except redis.RedisError:
                self._told.wait(DEAF_SECONDS)

    def _hear(self, ear: "redis.client.PubSub") -> None:
        while not self._told.is_set():
            heard = ear.get_message(timeout=1.0)
            if heard and heard["type"] == "subscribe":
                self._bells.ring_all()
            elif heard and heard["type"] == "message":
                self._bells.ring(heard["data"].decode())

    def stop(self) -> None:
        """Stop listening, within a second."""
        self._told.set()
