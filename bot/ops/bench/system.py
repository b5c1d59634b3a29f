"""Our system, started for the measurement: an installation of its own, on free ports, that citizens never see."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.ops.bench.citizens import Citizen, question
from bot.ops.chat import ChatError
from bot.ops.evaluate import START_SECONDS
from bot.ops.ports import free_ports
from bot.ops.processes import ProcessError
from bot.ops.services import all_answer, jawab_command
from bot.settings import PORTS, Settings, setting_name

POLL_SECONDS = 0.1
STOP_SECONDS = 60


@dataclass(frozen=True)
class Running:
    """A system that answers: its settings and process id, and what its start took."""

    settings: Settings
    pid: int
    ready_seconds: float
    first_answer_seconds: float


def own_installation(settings: Settings) -> Settings:
    """The same code and model with a database, secrets and ports of its own, below var/bench."""
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    outside = {f"given_{name}_url": None for name in ("rasa", "actions", "public", "database", "redis")}
    own = {"var": settings.var / "bench" / "system", "environment": "development", "worker": "embedded"}
    return settings.model_copy(update={**ports, **outside, **own, "executor_id": "local"})


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a child these settings, whatever our own or `.env` says."""
    names = {"var": str(settings.var), "environment": "development", "worker": settings.worker}
    names |= {field: str(getattr(settings, field)) for field in PORTS} | {"executor_id": settings.executor_id}
    emptied = {setting_name(f"given_{name}_url"): "" for name in ("rasa", "actions", "public", "database", "redis")}
    ours = {setting_name(field): value for field, value in names.items()}
    secrets = {"rasa_token", "encryption_key", "hash_key", "secret_key"}
    ours |= {setting_name(field): getattr(settings, field).get_secret_value() for field in secrets}
    return {**os.environ, **emptied, **ours}


@contextmanager
def running_system(settings: Settings) -> Iterator[Running]:
    """Start everything with `jawab up`, and stop it at the end; raises ProcessError when it does not start."""
    settings.var.mkdir(parents=True, exist_ok=True)
    log_path = settings.var / "up.log"
    began = time.monotonic()
    with log_path.open("wb") as log:
        child = subprocess.Popen(
            jawab_command("up"), cwd=settings.root, env=environment(settings), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(child, settings)
            ready = time.monotonic() - began
            with Citizen(settings.web_url) as citizen:
                if citizen.seconds_to_answer(question(0)) is None:
                    raise ChatError("The first question was not answered.")
            yield Running(settings, child.pid, ready, time.monotonic() - began)
        finally:
            child.terminate()
            child.wait(STOP_SECONDS)


def _wait(child: "subprocess.Popen[bytes]", settings: Settings) -> None:
    end = time.monotonic() + START_SECONDS
    while not all_answer(settings):
        if child.poll() is not None or time.monotonic() > end:
            raise ProcessError(f"The system did not start; see {settings.var / 'up.log'}")
        time.sleep(POLL_SECONDS)
