"""Our system, started for the measurement: an installation of its own, on free ports, that citizens never see."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from bot.ops.bench.citizens import Citizen, question
from bot.ops.chat import ChatError
from bot.ops.evaluate import START_SECONDS
from bot.ops.ports import free_ports
from bot.ops.processes import ProcessError
from bot.ops.services import all_answer, jawab_command
from bot.settings import PORTS, SECRETS, Settings, setting_name
from bot.settings_sources import FILE_SUFFIX

POLL_SECONDS = 0.1
# What an installation of the bench's own leaves out: whoever is elsewhere, and the senders that citizens write to.
OUTSIDE = (
    *("given_rasa_url", "given_actions_url", "given_public_url", "given_database_url", "given_redis_url"),
    *("telegram_bot_token", "twilio_account_sid", "twilio_auth_token", "twilio_whatsapp_from"),
    *("telegram_api_url", "twilio_api_url"),
)
STOP_SECONDS = 60


@dataclass(frozen=True)
class Running:
    """A system that answers: its settings and process id, and what its start took."""

    settings: Settings
    pid: int
    ready_seconds: float
    first_answer_seconds: float


def own_installation(settings: Settings) -> Settings:
    """The same code and model with a database, secrets and ports of its own, below var/bench; no sender."""
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    outside = dict.fromkeys(OUTSIDE)
    own = {"var": settings.var / "bench" / "system", "environment": "development", "worker": "embedded"}
    return settings.model_copy(update={**ports, **outside, **own, "executor_id": "local"})


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a child these settings, whatever our own or `.env` says."""
    names = {"var": str(settings.var), "environment": "development", "worker": settings.worker}
    names |= {field: str(getattr(settings, field)) for field in PORTS} | {"executor_id": settings.executor_id}
    names |= {field: _in_words(getattr(settings, field)) for field in (*OUTSIDE, *SECRETS)}
    ours = {setting_name(field): value for field, value in names.items()}
    # What a file would say of the same setting counts no more than our own environment does.
    others = {name: value for name, value in os.environ.items() if name.removesuffix(FILE_SUFFIX) not in ours}
    return {**others, **ours}


def _in_words(value: str | SecretStr | None) -> str:
    """A setting as the environment has it; nothing counts as not set, whatever `.env` says."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""


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
