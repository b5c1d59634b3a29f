"""Keeps processes running: starts them in order, restarts what dies, names what keeps dying, stops all."""

import asyncio
import contextlib
import random
import signal
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.errors import JawabError
from bot.ops.lock import remember_children
from bot.ops.output import Output
from bot.ops.processes import Process, ProcessError, kill_group

POLL_SECONDS = 0.2
# How long we wait for the last words of a process that has ended.
LAST_WORDS_SECONDS = 2


@dataclass(frozen=True)
class Patience:
    """How soon a process that died is started again, and when we say that it keeps dying."""

    first_seconds: float = 0.5
    factor: float = 2
    most_seconds: float = 30
    deaths: int = 5
    within_seconds: float = 120
    hopeless_seconds: float = 60
    stop_seconds: float = 40


@dataclass
class _Child:
    process: Process
    output: Output
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    deaths: deque[float] = field(default_factory=deque)
    is_hopeless: bool = False
    running: asyncio.subprocess.Process | None = None
    keeper: "asyncio.Task[None] | None" = None


class Supervisor:
    """Runs processes until it is told to stop; use it inside one event loop, on the main thread."""

    def __init__(self, var: Path, console: Console, patience: Patience | None = None) -> None:
        self._var = var
        self._console = console
        self._patience = patience or Patience()
        self._children: list[_Child] = []
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask for the end; asked a second time, everything ends at once."""
        if self._stopping.is_set():
            for child in self._children:
                _signal(child, signal.SIGKILL)
        self._stopping.set()

    async def wait_for_stop(self) -> None:
        """Wait until somebody asks for the end."""
        await self._stopping.wait()

    async def start(self, *processes: Process) -> bool:
        """Start processes together and wait until all are ready; False when the end was asked for before."""
        children = [_Child(process, self._output(process.name)) for process in processes]
        self._children += children
        for child in children:
            child.keeper = asyncio.create_task(self._keep(child))
        ready = asyncio.gather(*(child.ready.wait() for child in children))
        return await self._unless_stopped(ready)

    async def once(self, process: Process) -> bool:
        """Run a process to its end, with our terminal as its own; raises ProcessError if it fails."""
        process.prepare()
        options = process.popen_options()
        running = await asyncio.create_subprocess_exec(*process.argv, **options)
        child = _Child(process, self._output(process.name), running=running)
        if not await self._unless_stopped(asyncio.ensure_future(_end_of(running))):
            await self._end(child, monotonic() + process.stop_seconds)
            return False
        if running.returncode:
            raise ProcessError(f"The step “{process.name}” failed; its words are above.")
        return True

    async def shut_down(self) -> None:
        """Stop every process, the last started first."""
        self._stopping.set()
        deadline = monotonic() + self._patience.stop_seconds
        for child in reversed(self._children):
            await self._end(child, deadline)
            if child.keeper is not None:
                await asyncio.wait({child.keeper}, timeout=LAST_WORDS_SECONDS)
                child.keeper.cancel()
                await asyncio.gather(child.keeper, return_exceptions=True)
            child.output.close()
        remember_children(self._var, [])

    def say(self, text: str, style: str = "") -> None:
        """A line of our own on the terminal."""
        self._console.print(text, style=style, markup=False, highlight=False)

    def _output(self, name: str) -> Output:
        return Output(name, self._var / "log", self._console)

    async def _unless_stopped(self, waiting: "asyncio.Future[Any]") -> bool:
        stopped = asyncio.ensure_future(self._stopping.wait())
        done, _ = await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if waiting in done:
            waiting.result()
            return True
        waiting.cancel()
        return False

    async def _keep(self, child: _Child) -> None:
        while not self._stopping.is_set():
            born = monotonic()
            reason = await self._live(child)
            if self._stopping.is_set():
                return
            pause = self._pause_after_death(child, monotonic() - born)
            self.say(f"{child.process.name} {reason}; starting it again in {pause:.1f} s", "yellow")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _live(self, child: _Child) -> str:
        """One life of a process, from its start to its end; gives how it ended."""
        try:
            await asyncio.to_thread(child.process.prepare)
            running = await self._spawn(child)
        except (JawabError, OSError) as error:
            child.output.feed(f"{error}\n".encode())
            return "could not be started"
        reading = asyncio.create_task(_read(running, child.output))
        readiness = asyncio.create_task(self._watch_readiness(child, running))
        code = await _end_of(running)
        # Children of its own must not outlive it: they would keep its port.
        kill_group(running.pid)
        readiness.cancel()
        await asyncio.wait({reading}, timeout=LAST_WORDS_SECONDS)
        reading.cancel()
        child.output.finish()
        child.running = None
        return f"ended (exit code {code})" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

    async def _spawn(self, child: _Child) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        options = child.process.popen_options()
        running = await asyncio.create_subprocess_exec(
            *child.process.argv, stdout=pipe, stderr=asyncio.subprocess.STDOUT, **options
        )
        child.running = running
        living = [other.running.pid for other in self._children if other.running]
        remember_children(self._var, living)
        return running

    async def _watch_readiness(self, child: _Child, running: asyncio.subprocess.Process) -> None:
        name, limit, began = child.process.name, child.process.ready_seconds, monotonic()
        while not await asyncio.to_thread(child.process.is_ready):
            if monotonic() - began > limit:
                self.say(f"{name} was not ready after {limit:.0f} s, ending it", "yellow")
                _signal(child, signal.SIGKILL)
                return
            await asyncio.sleep(POLL_SECONDS)
        if running.returncode is None:
            child.ready.set()
            self.say(f"✓ {name} is ready ({monotonic() - began:.1f} s)", "green")

    def _pause_after_death(self, child: _Child, lived_seconds: float) -> float:
        patience, now = self._patience, monotonic()
        if lived_seconds > patience.within_seconds:
            child.is_hopeless = False
        child.deaths.append(now)
        while now - child.deaths[0] > patience.within_seconds:
            child.deaths.popleft()
        if len(child.deaths) >= patience.deaths and not child.is_hopeless:
            child.is_hopeless = True
            self._complain(child)
        if child.is_hopeless:
            return patience.hopeless_seconds
        pause = patience.first_seconds * patience.factor ** (len(child.deaths) - 1)
        return min(pause, patience.most_seconds) * random.uniform(0.8, 1.2)  # noqa: S311

    def _complain(self, child: _Child) -> None:
        name, patience = child.process.name, self._patience
        words = "\n".join(child.output.last) or "(it wrote nothing)"
        title = f"{name} keeps dying: {len(child.deaths)} times in {patience.within_seconds:.0f} s"
        hint = f"all of it: {self._var / 'log' / name}.log · trying every {patience.hopeless_seconds:.0f} s"
        self._console.print(Panel(_plain(words), title=_plain(title), subtitle=_plain(hint), style="red"))

    async def _end(self, child: _Child, deadline: float) -> None:
        running = child.running
        if running is None or running.returncode is not None:
            return
        _signal(child, child.process.stop_signal)
        patience = max(0.1, min(child.process.stop_seconds, deadline - monotonic()))
        try:
            await asyncio.wait_for(_end_of(running), patience)
        except TimeoutError:
            self.say(f"{child.process.name} did not stop in {patience:.0f} s, ending it by force", "yellow")
            _signal(child, signal.SIGKILL)
            await _end_of(running)


def stop_on_signals(supervisor: Supervisor) -> None:
    """Ctrl-C, SIGTERM and a closed terminal ask for the end."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, supervisor.stop)


def _signal(child: _Child, number: signal.Signals) -> None:
    """Signal a process; when it is the last one, its whole group."""
    if child.running is None or child.running.returncode is not None:
        return
    if number == signal.SIGKILL:
        kill_group(child.running.pid)
    else:
        with contextlib.suppress(ProcessLookupError):
            child.running.send_signal(number)


async def _end_of(running: asyncio.subprocess.Process) -> int:
    """Wait for the end of a process; asyncio's own `wait` waits for all that inherited its output, too."""
    while running.returncode is None:
        await asyncio.sleep(POLL_SECONDS / 2)
    return running.returncode


async def _read(running: asyncio.subprocess.Process, output: Output) -> None:
    assert running.stdout is not None
    while data := await running.stdout.read(65_536):
        output.feed(data)


def _plain(words: str) -> Text:
    return Text(words, overflow="fold")
