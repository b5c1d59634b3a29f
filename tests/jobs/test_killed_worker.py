"""A worker that is killed in the middle of its work, and another that finishes it."""

import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.conversations.schemas import Kind, Media, MediaKind
from bot.conversations.states import Delivery, Direction, Outcome
from bot.db.session import Database
from bot.jobs import engine
from bot.jobs.files import MOST_STARTS
from bot.settings import REPOSITORY, Settings
from tests.fakes.rasa_stub import RasaStub, echo
from tests.jobs.talk import Talk, message, wait_until

pytestmark = pytest.mark.slow

WORKER = """
import sys
from pathlib import Path
{before}
from bot.jobs import worker
from bot.settings import load_settings
worker.run(load_settings(Path(sys.argv[1])))
"""

DEADLY_RECORDING = """
import os
from bot.jobs import files, services
from bot.media.states import State
services._transcriber = lambda settings: object()
files._fetched = lambda inbound, message_id: State.FAILED
files._words_of = lambda message_id: os._exit(9)
"""


@contextmanager
def worker(settings: Settings, before: str = "", **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own, told to stop at the end of the block; `before` is code to run first."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("JAWAB_")}
    environment = own | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "JAWAB_VAR": str(settings.var),
        "JAWAB_RASA_URL": settings.rasa_url,
        "JAWAB_RASA_TOKEN": settings.rasa_token.get_secret_value(),
        "PYTHONPATH": str(REPOSITORY),
        "OMP_NUM_THREADS": "1",
        **more,
    }
    code = WORKER.format(before=before)
    with subprocess.Popen([sys.executable, "-c", code, str(settings.root)], env=environment) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(40)


@pytest.fixture
def talk(installed: Settings, empty: Database, rasa: RasaStub) -> Iterator[Talk]:
    """A citizen's way in; this process takes no work."""
    inbox = engine.Inbox(installed)
    yield Talk(inbox, empty, rasa)
    inbox.close()


def is_done(talk: Talk, count: int) -> bool:
    sent = [row for row in talk.rows(Direction.OUT) if row.status == Delivery.SENT]
    return len(sent) >= count


def test_work_taken_by_a_killed_worker_is_finished_by_the_next_once(talk: Talk, installed: Settings) -> None:
    talk.rasa.answer = talk.rasa.later
    with worker(installed) as first:
        talk.send(message("une question importante"))
        wait_until(lambda: len(talk.rasa.asked) == 1)
        first.kill()
    talk.rasa.answer = echo
    talk.rasa.released.set()
    with worker(installed):
        wait_until(lambda: is_done(talk, 1))
        assert [row.body for row in talk.rows()] == ["une question importante", "echo: une question importante"]
        assert talk.rows()[0].outcome == Outcome.SMALL_TALK


def test_a_crowd_is_answered_in_order_though_the_worker_is_killed_among_them(talk: Talk, installed: Settings) -> None:
    def slowly(body: dict[str, Any]) -> dict[str, Any]:
        threading.Event().wait(0.03)
        return echo(body)

    talk.rasa.answer = slowly
    for number in range(10):
        for citizen in ("one", "two", "three"):
            talk.send(message(f"{citizen} {number}", address=citizen))
    with worker(installed) as first:
        wait_until(lambda: len(talk.rasa.asked) >= 8)
        first.kill()
    with worker(installed):
        wait_until(lambda: is_done(talk, 30))
    answered = defaultdict(list)
    for row in talk.rows(Direction.OUT):
        answered[row.conversation_id].append(row.body)
    wanted = [[f"echo: {citizen} {number}" for number in range(10)] for citizen in ("one", "three", "two")]
    assert sorted(answered.values()) == wanted


def test_what_was_accepted_while_no_worker_ran_waits_for_one(talk: Talk, installed: Settings) -> None:
    talk.send(message("il y a quelqu'un ?"))
    assert talk.rows() == []
    with worker(installed) as process:
        wait_until(lambda: is_done(talk, 1))
    assert process.returncode == 0


def test_a_recording_that_ends_its_worker_is_given_up_with_a_word_to_the_citizen(
    talk: Talk, installed: Settings
) -> None:
    spoken = replace(message(""), kind=Kind.MEDIA, media=Media(MediaKind.VOICE, "a recording"))
    talk.send(spoken)
    for _ in range(MOST_STARTS):
        with worker(installed, DEADLY_RECORDING) as process:
            assert process.wait(60) == 9
    with worker(installed, DEADLY_RECORDING):
        wait_until(lambda: len(talk.rows(Direction.OUT)) == 1)
    spoken_row, reply = talk.rows()
    assert spoken_row.outcome == Outcome.NOT_UNDERSTOOD
    assert reply.body == "لم أتمكن من فهم رسالتك الصوتية. المرجو كتابة سؤالك."
