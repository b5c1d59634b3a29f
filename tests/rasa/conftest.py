"""The real Rasa in its own environment: our domain, rules, pipeline and channel, with a model of few examples."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.dialogue.client import DialogueClient
from bot.ops.ports import free_ports
from bot.ops.processes import ONE_THREAD, Process, running
from bot.ops.services import answers, rasa_environment
from bot.ops.train import ENVIRONMENT
from bot.settings import LOOPBACK, REPOSITORY, Settings

# Read now: tests of the settings take it out of the environment for a while.
GIVEN = os.environ.get("RASA_PYTHON")
EXAMPLES_A_FILE = 2
OURS = ("domain.yml", "domain", "config.yml", "credentials.yml", "endpoints.yml")
MODEL = Path("models") / "few.tar.gz"


class RasaEnvironment:
    """Rasa's interpreter, and the environment variables that our configuration files name."""

    def __init__(self, python: Path, settings: Settings) -> None:
        self.python = python
        self.variables = {**ENVIRONMENT, **rasa_environment(settings), **ONE_THREAD}

    def run(self, folder: Path, *arguments: str, seconds: float = 280) -> "subprocess.CompletedProcess[str]":
        """Run the interpreter to its end."""
        return subprocess.run(
            [self.python, "-W", "ignore", *arguments],
            cwd=folder,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def server(self, folder: Path, port: int, *arguments: str, ready: str) -> Process:
        """`rasa run` as `jawab up` runs it."""
        options = ("--port", str(port), "--interface", LOOPBACK)
        files = ("--endpoints", "endpoints.yml", "--credentials", "credentials.yml")
        return Process(
            name="rasa",
            argv=(str(self.python), "-W", "ignore", "-m", "rasa", "run", *options, *files, *arguments),
            cwd=folder,
            env=self.variables,
            is_ready=lambda: answers(ready),
            ready_seconds=240,
            stop_seconds=5,
        )


@pytest.fixture(scope="session")
def rasa_python() -> Path:
    """The interpreter that has Rasa; without one these tests are skipped."""
    python = Path(GIVEN) if GIVEN else REPOSITORY / ".venv-rasa" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no Rasa environment at {python}: run scripts/setup.py rasa, or let RASA_PYTHON name its Python")
    done = subprocess.run([python, "-c", "import rasa"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"{python} has no Rasa: run scripts/setup.py rasa")
    return python


@pytest.fixture(scope="session")
def environment(rasa_python: Path, settings: Settings) -> RasaEnvironment:
    """How to run Rasa."""
    return RasaEnvironment(rasa_python, settings)


@pytest.fixture(scope="session")
def project(environment: RasaEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our project with few examples, and a model trained on them."""
    folder = tmp_path_factory.mktemp("project")
    for name in OURS:
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / "data").mkdir()
    for name in ("rules", "notions.yaml", "catalogue"):
        (folder / "data" / name).symlink_to(REPOSITORY / "data" / name)
    (folder / "data" / "nlu").mkdir()
    (folder / "data" / "nlu" / "few.yml").write_text(few_examples(), "utf-8")
    name = MODEL.name.removesuffix(".tar.gz")
    done = environment.run(
        folder, "-m", "rasa", "train", "--fixed-model-name", name, "--data", "data/nlu", "data/rules"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def few_examples() -> str:
    """The first examples of each act in each file."""
    lines = ['version: "3.1"', "nlu:"]
    for path in sorted((REPOSITORY / "data" / "nlu").glob("*.yml")):
        taken: Counter[str] = Counter()
        for block in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            examples = block["examples"].splitlines()[: EXAMPLES_A_FILE - taken[block["intent"]]]
            taken[block["intent"]] += len(examples)
            if examples:
                lines += [f"- intent: {block['intent']}", "  examples: |", *(f"    {line}" for line in examples)]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def rasa_url(environment: RasaEnvironment, project: Path, settings: Settings) -> Iterator[str]:
    """Rasa with the model, and an action server with the contract's actions."""
    url = f"http://{LOOPBACK}:{settings.rasa_port}"
    rasa = environment.server(project, settings.rasa_port, "--model", str(MODEL), ready=f"{url}/webhooks/jawab/")
    with running(action_server(settings)), running(rasa):
        yield url


def action_server(settings: Settings) -> Process:
    """The SDK's own server with the contract's actions."""
    port = str(settings.actions_port)
    return Process(
        name="actions",
        argv=(sys.executable, "-m", "rasa_sdk", "--actions", "tests.rasa.contract_actions", "--port", port),
        cwd=REPOSITORY,
        env={"SANIC_HOST": LOOPBACK},
        is_ready=lambda: answers(f"{settings.actions_url}/health"),
        ready_seconds=120,
        stop_seconds=5,
    )


@pytest.fixture(scope="session")
def url_without_model(environment: RasaEnvironment, project: Path) -> Iterator[str]:
    """Rasa that could not load its model."""
    broken = project / "models" / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    port = free_ports(1)[0]
    url = f"http://{LOOPBACK}:{port}"
    with running(environment.server(project, port, "--model", str(broken), ready=f"{url}/")):
        yield url


@pytest.fixture(scope="session")
def token(settings: Settings) -> str:
    """What the gateway proves itself with."""
    return settings.rasa_token.get_secret_value()


@pytest.fixture(scope="session")
def client(rasa_url: str, token: str) -> Iterator[DialogueClient]:
    """The gateway's own client."""
    client = DialogueClient(rasa_url, token, timeout_seconds=60)
    yield client
    client.close()
