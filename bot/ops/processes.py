"""What a child process of ours is, how it is born, and how those left over from an earlier life are ended."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

import psutil

from bot.errors import JawabError

PR_SET_PDEATHSIG = 1
# Under load the threads of numeric libraries fight each other for the cores: one thread a process.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
AUTOGROUP = Path("/proc/self/autogroup")

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ProcessError(JawabError):
    """A process could not be started or did not become ready."""


@dataclass(frozen=True)
class Process:
    """A child to run: `prepare` runs before each start, `is_ready` may block for a second or two."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    is_ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None
    uid: int | None = None
    # The ports that it listens on, by the setting that changes each.
    ports: Mapping[str, int] = field(default_factory=dict)
    ready_seconds: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10
    # What the kernel sends to the child when we die without having been able to stop it.
    death_signal: signal.Signals = signal.SIGKILL
    # By how much it gives way to others when there is not enough processor for all, from 0 to 19.
    nice: int = 0

    def popen_options(self) -> dict[str, Any]:
        """The keyword arguments for subprocess: own group (Ctrl-C is ours alone), own user, dies with us."""
        user: dict[str, Any] = {}
        if self.uid is not None:
            user = {"user": self.uid, "group": self.uid, "extra_groups": []}
        return {
            "cwd": self.cwd,
            "env": {**os.environ, **ONE_THREAD, **self.env},
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
            "preexec_fn": partial(_be_born, self.nice, _dies_with_parent(self.death_signal)),
            **user,
        }


def _be_born(nice: int, ask_kernel: Callable[[], None]) -> None:
    if nice:
        os.nice(nice)
        with contextlib.suppress(OSError):  # Linux may weigh sessions first, and each of ours is one.
            AUTOGROUP.write_text(str(nice))
    ask_kernel()


def _dies_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    if _libc is None:
        return lambda: None
    parent, libc = os.getpid(), _libc

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


@contextlib.contextmanager
def running(process: Process, output: IO[bytes] | None = None) -> Iterator[int]:
    """Run one process beside the caller, ready from the first line of the block on; gives its id."""
    process.prepare()
    child = subprocess.Popen(
        process.argv,
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        **process.popen_options(),
    )
    try:
        _wait_until_ready(process, child)
        yield child.pid
    finally:
        child.send_signal(process.stop_signal)
        try:
            child.wait(process.stop_seconds)
        except subprocess.TimeoutExpired:
            kill_group(child.pid)
            child.wait()


def _wait_until_ready(process: Process, child: "subprocess.Popen[bytes]") -> None:
    deadline = monotonic() + process.ready_seconds
    while not process.is_ready():
        if child.poll() is not None:
            raise ProcessError(f"{process.name} ended while it was starting (exit code {child.returncode})")
        if monotonic() > deadline:
            raise ProcessError(f"{process.name} was not ready after {process.ready_seconds:.0f} seconds")
        sleep(0.05)


def kill_group(leader: int) -> None:
    """End a process and all that it started, at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def processes_in(folder: Path, program: str) -> list[psutil.Process]:
    """The live processes of that program whose working folder is `folder`: servers of ours, from whenever."""
    found = []
    for candidate in psutil.process_iter(["name"]):
        if candidate.info["name"] != program:
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if Path(candidate.cwd()) == folder.resolve():
                found.append(candidate)
    return found


def end(processes: list[psutil.Process], gently: signal.Signals, seconds: float = 10) -> None:
    """End processes, first with that signal and after some seconds by force."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(gently)
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=seconds)
