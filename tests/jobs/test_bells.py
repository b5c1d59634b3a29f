"""Work is taken the moment it is there, and without a bell a little later."""

import threading
import time
from collections.abc import Iterator

import pytest
import redis

from bot.db.session import Database
from bot.jobs import engine
from bot.jobs.bells import CHANNEL, Bell, Bells, Doorkeeper, Ringer
from bot.settings import Settings
from tests.fakes.rasa_stub import RasaStub
from tests.jobs.talk import Talk, message, wait_until
from tests.jobs.test_killed_worker import is_done, worker

FAR_OFF_SECONDS = 60.0


def test_a_ring_ends_a_wait_and_is_not_the_end() -> None:
    bell = Bell()
    threading.Timer(0.05, bell.ring).start()
    began = time.monotonic()
    assert not bell.wait(10)
    assert time.monotonic() - began < 5


def test_a_ring_before_the_wait_is_heard() -> None:
    bell = Bell()
    bell.ring()
    assert not bell.wait(FAR_OFF_SECONDS)


def test_the_end_ends_a_wait() -> None:
    bell = Bell()
    threading.Timer(0.05, bell.set).start()
    assert bell.wait(FAR_OFF_SECONDS)


def test_a_ring_for_a_queue_that_nobody_takes_from_here_is_nothing() -> None:
    Bells().ring("turns")


def _wait_for_ears(settings: Settings) -> None:
    with redis.Redis.from_url(settings.redis_url) as client:
        wait_until(lambda: bool(client.pubsub_numsub(CHANNEL)[0][1]))


@pytest.mark.slow
def test_redis_carries_a_ring_from_process_to_process(settings: Settings) -> None:
    bells, heard = Bells(), Bell()
    bells._bells[engine.TURNS] = heard
    keeper, ringer = Doorkeeper(settings.redis_url, bells), Ringer(settings.redis_url)
    keeper.start()
    _wait_for_ears(settings)
    ringer.ring(engine.TURNS)
    assert heard._rung.wait(5)
    keeper.stop()
    keeper.join(5)
    ringer.close()


def test_a_ring_into_nothing_is_not_an_error() -> None:
    ringer = Ringer("redis://127.0.0.1:1/0")
    ringer.ring(engine.TURNS)
    ringer.close()


@pytest.fixture
def talk(installed: Settings, empty: Database, rasa: RasaStub) -> Iterator[Talk]:
    """A citizen's way in; this process takes no work."""
    inbox = engine.Inbox(installed)
    yield Talk(inbox, empty, rasa)
    inbox.close()


@pytest.mark.slow
def test_a_separate_worker_takes_a_message_and_the_next_one_without_looking(talk: Talk, installed: Settings) -> None:
    patient = "from bot.jobs import engine; engine.POLL_SECONDS = 60.0"
    talk.send(message("le premier", address="first"))
    with worker(installed, before=patient, JAWAB_WORKER="separate"):
        wait_until(lambda: is_done(talk, 1))
        _wait_for_ears(installed)
        began = time.monotonic()
        for number in range(3):
            talk.send(message(f"numéro {number}", address="first"))
        wait_until(lambda: is_done(talk, 4))
    assert time.monotonic() - began < FAR_OFF_SECONDS / 2
