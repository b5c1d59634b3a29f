"""The processes of an installation as `jawab up` runs them: command, environment, sign of health."""

import functools
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

from bot.ops.processes import Process, ProcessError
from bot.ops.train import check_model, current_model
from bot.settings import LOOPBACK, Settings, setting_name

# Seconds after which a process that is not ready yet is taken for stuck: they are long, machines may be slow.
# A vendor waits for its 200 for seconds only; an answer may come a moment later.
GIVING_WAY = 10
READY_SECONDS = 180
RASA_READY_SECONDS = 420


def answers(url: str) -> bool:
    """Whether an address answers a GET with 200."""
    try:
        with urllib.request.urlopen(url, timeout=3) as response:  # noqa: S310
            return bool(response.status == 200)  # noqa: PLR2004
    except (OSError, urllib.error.URLError, ValueError):
        return False


def all_answer(settings: Settings) -> bool:
    """Whether the whole system can answer a citizen: page, language model and actions."""
    addresses = (
        f"{settings.web_url}/health/ready",
        *(f"{url}/webhooks/jawab/" for url in settings.rasa_urls),
        f"{settings.actions_url}/health",
    )
    return all(answers(address) for address in addresses)


def rasa_python(settings: Settings) -> Path:
    """The interpreter of the Rasa environment."""
    return settings.root / ".venv-rasa" / "bin" / "python"


def actions_process(settings: Settings) -> Process:
    """The action server: our decisions and words, asked by Rasa."""
    port = str(settings.actions_port)
    return Process(
        name="actions",
        argv=(sys.executable, "-m", "actions.server", port),
        cwd=settings.root,
        env={"SANIC_HOST": LOOPBACK},
        # It has a child of its own, which it ends when it is asked to.
        death_signal=signal.SIGTERM,
        is_ready=functools.partial(answers, f"{settings.actions_url}/health"),
        ports={setting_name("actions_port"): settings.actions_port},
        ready_seconds=READY_SECONDS,
        stop_seconds=5,
        nice=GIVING_WAY,
    )


def rasa_process(settings: Settings) -> Process:
    """Rasa with our model; its HTTP API stays off, our own channel says whether the model is loaded."""
    model = current_model(settings.root)
    arguments = {
        "--port": str(settings.rasa_port),
        "--interface": LOOPBACK,
        "--model": str(model),
        "--endpoints": "endpoints.yml",
        "--credentials": "credentials.yml",
    }
    words = [word for name, value in arguments.items() for word in (name, value)]
    return Process(
        name="rasa",
        argv=(str(rasa_python(settings)), "-m", "rasa", "run", *words),
        cwd=settings.root,
        env=rasa_environment(settings),
        prepare=functools.partial(_require_model, model),
        is_ready=functools.partial(answers, f"{settings.rasa_url}/webhooks/jawab/"),
        ports={setting_name("rasa_port"): settings.rasa_port},
        ready_seconds=RASA_READY_SECONDS,
        stop_seconds=5,
        nice=GIVING_WAY,
    )


def _require_model(model: Path | None) -> None:
    if model is None:
        raise ProcessError("There is no trained model: run `jawab train`.")
    check_model(model)


def rasa_environment(settings: Settings) -> dict[str, str]:
    """What `endpoints.yml`, `credentials.yml` and Rasa itself read from the environment."""
    return {
        "PYTHONPATH": str(settings.root),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        setting_name("actions_url"): settings.actions_url,
        setting_name("rasa_token"): settings.rasa_token.get_secret_value(),
    }


def web_process(settings: Settings) -> Process:
    """The web server; with JAWAB_WORKER=embedded it does the worker's work too."""
    address = ("--host", settings.host, "--port", str(settings.port))
    manners = ("--no-server-header", "--no-access-log", "--timeout-graceful-shutdown", "8")
    return Process(
        name="web",
        argv=(sys.executable, "-m", "uvicorn", "bot.main:create_app", "--factory", *address, *manners),
        cwd=settings.root,
        is_ready=functools.partial(answers, f"{settings.web_url}/health/ready"),
        ports={setting_name("port"): settings.port},
        ready_seconds=READY_SECONDS,
        # Open connections, then the worker's grace.
        stop_seconds=30 if settings.worker == "embedded" else 12,
    )


def worker_process(settings: Settings) -> Process:
    """The durable engine's executor in a process of its own (JAWAB_WORKER=separate)."""
    return Process(
        name="worker",
        argv=jawab_command("worker"),
        cwd=settings.root,
        is_ready=lambda: True,
        stop_seconds=24,
        nice=GIVING_WAY,
    )


def jawab_command(*arguments: str) -> tuple[str, ...]:
    """The argument list that runs one of our own commands in this very environment."""
    return sys.executable, "-m", "bot.cli", *arguments


def step(settings: Settings, name: str, *arguments: str) -> Process:
    """One of our own commands as a step of the start, on our terminal."""
    return Process(name=name, argv=jawab_command(*arguments), cwd=settings.root, is_ready=lambda: True)
