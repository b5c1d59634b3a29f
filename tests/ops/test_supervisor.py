"""The supervisor starts in order, restarts, complains, and stops everything."""

import asyncio
import io
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

import pytest
from rich.console import Console

from bot.ops.processes import Process, ProcessError
from bot.ops.supervisor import Patience, Supervisor, stop_on_signals
from tests.installations import is_alive

QUICK = Patience(first_seconds=0.05, most_seconds=0.1, deaths=3, hopeless_seconds=0.2, stop_seconds=5)


class Stage:
    """A supervisor with its terminal, run inside one event loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.screen = io.StringIO()

    def program(self, name: str, code: str, is_ready: Callable[[], bool] = lambda: True) -> Process:
        argv = (sys.executable, "-u", "-c", code)
        return Process(name=name, argv=argv, cwd=self.folder, is_ready=is_ready, stop_seconds=1)

    def run(self, act: Callable[[Supervisor], Awaitable[None]]) -> str:
        async def play() -> None:
            supervisor = Supervisor(self.folder, Console(file=self.screen, width=100), QUICK)
            stop_on_signals(supervisor)
            try:
                await asyncio.wait_for(act(supervisor), 20)
            finally:
                await supervisor.shut_down()

        asyncio.run(play())
        return self.screen.getvalue()

    async def until_screen_shows(self, words: str, times: int = 1) -> None:
        while self.screen.getvalue().count(words) < times:
            await asyncio.sleep(0.02)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_each_line_has_its_processs_name_and_lies_in_its_file(stage: Stage) -> None:
    async def act(supervisor: Supervisor) -> None:
        await supervisor.start(stage.program("web", "print('سلام'); import time; time.sleep(60)"))
        await stage.until_screen_shows("سلام")

    assert "web       سلام" in stage.run(act)
    assert (stage.folder / "log" / "web.log").read_text() == "سلام\n"


def test_a_process_that_dies_is_started_again(stage: Stage) -> None:
    code = """
import pathlib, sys, time
path = pathlib.Path("lives")
path.write_text(path.read_text() + "x" if path.exists() else "x")
if len(path.read_text()) < 3:
    sys.exit(7)
print("alive at last")
time.sleep(60)
"""

    async def act(supervisor: Supervisor) -> None:
        await supervisor.start(stage.program("worker", code))
        await stage.until_screen_shows("alive at last")

    assert stage.run(act).count("worker ended (exit code 7); starting it again") == 2


def test_a_process_that_keeps_dying_is_named_with_its_last_words(stage: Stage) -> None:
    async def act(supervisor: Supervisor) -> None:
        program = stage.program("web", "raise SystemExit('no such table')")
        task = asyncio.create_task(supervisor.start(program))
        await stage.until_screen_shows("starting it again", times=5)
        supervisor.stop()
        await task

    screen = stage.run(act)
    assert screen.count("web keeps dying: 3 times") == 1
    assert screen.count("│ no such table") == 3


def test_the_next_ones_wait_until_the_first_are_ready(stage: Stage) -> None:
    ready = stage.folder / "ready"
    code = "import pathlib, time; time.sleep(0.5); pathlib.Path('ready').touch(); time.sleep(60)"

    async def act(supervisor: Supervisor) -> None:
        assert await supervisor.start(stage.program("postgres", code, ready.exists))
        assert ready.exists()

    stage.run(act)


def test_ctrl_c_stops_all_the_last_one_first(stage: Stage) -> None:
    code = """
import signal, sys, time
def leave(*_):
    print(sys.argv[0], "leaves")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
print("up")
time.sleep(60)
"""

    async def act(supervisor: Supervisor) -> None:
        await supervisor.start(stage.program("redis", code))
        await supervisor.start(stage.program("web", code))
        await stage.until_screen_shows("up", times=2)
        os.kill(os.getpid(), signal.SIGINT)
        await supervisor.wait_for_stop()

    screen = stage.run(act)
    assert 0 < screen.index("web       -c leaves") < screen.index("redis     -c leaves")


def test_one_that_does_not_want_to_stop_is_ended_by_force(stage: Stage) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(60)"

    async def act(supervisor: Supervisor) -> None:
        await supervisor.start(stage.program("rasa", code))
        await stage.until_screen_shows("up")

    began = monotonic()
    assert "rasa did not stop in 1 s, ending it by force" in stage.run(act)
    assert monotonic() - began < 8


def test_a_step_that_fails_stops_the_start(stage: Stage) -> None:
    async def act(supervisor: Supervisor) -> None:
        with pytest.raises(ProcessError, match="prepare"):
            await supervisor.once(stage.program("prepare", "raise SystemExit(3)"))

    stage.run(act)


def test_one_that_cannot_be_started_at_all_is_named(stage: Stage) -> None:
    async def act(supervisor: Supervisor) -> None:
        missing = Process(name="rasa", argv=("/no/such/program",), cwd=stage.folder, is_ready=lambda: True)
        task = asyncio.create_task(supervisor.start(missing))
        await stage.until_screen_shows("rasa could not be started")
        supervisor.stop()
        assert not await task

    assert "No such file" in stage.run(act)


def test_nothing_that_a_dead_process_started_lives_on(stage: Stage) -> None:
    code = """
import subprocess, sys
print("started", subprocess.Popen(["sleep", "60"]).pid)
sys.exit(1)
"""

    async def act(supervisor: Supervisor) -> None:
        task = asyncio.create_task(supervisor.start(stage.program("actions", code)))
        await stage.until_screen_shows("starting it again")
        supervisor.stop()
        await task

    started = re.findall(r"started (\d+)", stage.run(act))
    assert not any(is_alive(int(pid)) for pid in started)
