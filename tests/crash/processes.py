"""Processes that are killed with -9 and started again; only ever by their own id."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil

from bot.ops.processes import Process
from bot.ops.services import answers
from bot.settings import LOOPBACK, Settings
from tests.crash import child, understanding
from tests.crash.levers import Levers, forks

READY_SECONDS = 60.0
forks.set_forkserver_preload([child.__name__, understanding.__name__])


@dataclass
class Child:
    """One process of a run."""

    name: str
    is_ready: Callable[[], bool]

    @property
    def has_ended(self) -> bool:
        """Whether it ended, by whomever, or never ran."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it; it may not be ready yet."""
        raise NotImplementedError

    def kill(self) -> None:
        """End it with -9, as a power cut would."""
        raise NotImplementedError

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until it serves; one that ends meanwhile is started again, as `jawab up` would."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            assert time.monotonic() < deadline, f"{self.name} was not ready after {seconds:.0f} seconds"
            if self.has_ended:
                self.start()
            time.sleep(0.05)


@dataclass
class Server(Child):
    """PostgreSQL; it must be started from the thread that outlives it, for it dies with that."""

    process: Process
    output: Path
    running: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def has_ended(self) -> bool:
        return self.running is None or self.running.poll() is not None

    def start(self) -> None:
        self.process.prepare()
        with self.output.open("ab") as output:
            options = self.process.popen_options()
            self.running = subprocess.Popen(self.process.argv, stdout=output, stderr=output, **options)

    def kill(self) -> None:
        if self.running is None or self.has_ended:  # Its number may be a stranger's by now.
            return
        leader = psutil.Process(self.running.pid)
        family = [leader, *leader.children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.running.wait(10)
        psutil.wait_procs(family, timeout=10)

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self.running is not None:
            self.running.send_signal(self.process.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.running.wait(5)
        self.kill()


@dataclass
class Fork(Child):
    """One that is forked: `target` with `arguments`, and where its output goes."""

    target: Callable[..., None]
    arguments: tuple[Any, ...]
    output: Path
    running: BaseProcess | None = field(default=None, init=False)

    @property
    def has_ended(self) -> bool:
        return self.running is None or not self.running.is_alive()

    def start(self) -> None:
        arguments = (str(self.output), self.target, *self.arguments)
        self.running = forks.Process(target=child.be, args=arguments, name=self.name, daemon=True)
        self.running.start()

    def kill(self) -> None:
        if self.running is not None and self.running.is_alive():
            self.running.kill()
            self.running.join(10)


def web_child(settings: Settings, environment: Mapping[str, str], folder: Path) -> Child:
    """The web process with the embedded worker, on the port of its public address."""
    arguments = (dict(environment), str(settings.root), int(settings.public_url.rpartition(":")[2]))
    ready = f"{settings.public_url}/health/ready"
    return Fork("web", lambda: answers(ready), child.be_web, arguments, folder / "web.log")


def worker_child(settings: Settings, environment: Mapping[str, str], folder: Path) -> Child:
    """A worker beside the web process, under a name of its own."""
    own = {**environment, "JAWAB_WORKER": "separate", "JAWAB_EXECUTOR_ID": "beside"}
    return Fork("worker", lambda: True, child.be_worker, (own, str(settings.root)), folder / "worker.log")


def rasa_child(port: int, actions_port: int, levers: Levers, folder: Path) -> Child:
    """Rasa's stand-in."""
    arguments = (port, actions_port, levers)
    return Fork("rasa", lambda: _listens(port), understanding.be_rasa, arguments, folder / "rasa.log")


def actions_child(port: int, levers: Levers, folder: Path) -> Child:
    """The stand-in for the action server."""
    return Fork("actions", lambda: _listens(port), understanding.be_actions, (port, levers), folder / "actions.log")


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False
