"""A stock Rasa project of the same training data: what `rasa init` gives, trained once for each state of the data."""

import hashlib
import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import yaml

from bot.ops.bench.citizens import question
from bot.ops.bench.numbers import cpu_percent, crowd, family, memory, summary
from bot.ops.bench.plan import Plan
from bot.ops.ports import free_ports
from bot.ops.processes import ONE_THREAD, Process, ProcessError, running
from bot.ops.services import answers, rasa_python
from bot.ops.train import ENVIRONMENT
from bot.settings import LOOPBACK, Settings

PIPELINE = ("WhitespaceTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer")
CHARACTERS = {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
READY_SECONDS = 600
FALLBACK = "nlu_fallback"
# The same as the safe loader, in C where there is one: ten thousand examples take the other half a minute.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Advance = Callable[[], None]


@dataclass(frozen=True)
class Stock:
    """A trained stock project."""

    folder: Path
    model: Path
    training_seconds: float
    examples: int
    intents: int


def default_config(epochs: int) -> dict[str, Any]:
    """The pipeline and policies that Rasa 3.6 suggests in a new project; only the epochs can be fewer."""
    learned = [{"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True}]
    learned += [{"name": "EntitySynonymMapper"}]
    learned += [{"name": "ResponseSelector", "epochs": epochs, "constrain_similarities": True}]
    learned += [{"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1}]
    policies: list[dict[str, Any]] = [{"name": "MemoizationPolicy"}, {"name": "RulePolicy"}]
    policies += [{"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": epochs}]
    policies += [{"name": "TEDPolicy", "max_history": 5, "epochs": epochs, "constrain_similarities": True}]
    pipeline = [*({"name": name} for name in PIPELINE), CHARACTERS, *learned]
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": "en",
        "pipeline": pipeline,
        "policies": policies,
    }


def write_project(settings: Settings, folder: Path, plan: Plan) -> tuple[int, int]:
    """Write the project; gives the numbers of examples and intents."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    examples = _examples(settings.root / "data" / "nlu", plan.stock_examples)
    names = sorted(examples)
    blocks = [{"intent": name, "examples": "".join(f"- {one}\n" for one in examples[name])} for name in names]
    responses = {f"utter_{name}": [{"text": f"This is what we say to {name}."}] for name in [*names, FALLBACK]}
    _write(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": blocks})
    _write(folder / "domain.yml", {"version": "3.1", "intents": names, "responses": responses})
    _write(folder / "config.yml", default_config(plan.stock_epochs))
    _write(folder / "credentials.yml", {"rest": None})
    _write(folder / "endpoints.yml", {})
    rules = [_said(name, "rule") for name in [*names, FALLBACK]]
    _write(folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
    # TED learns from stories alone: some short talks, as a new project has them.
    stories = [_talk(names[at : at + 3]) for at in range(len(names) - 2)]
    _write(folder / "data" / "stories.yml", {"version": "3.1", "stories": stories})
    return sum(len(found) for found in examples.values()), len(names)


def _said(name: str, kind: str) -> dict[str, Any]:
    return {kind: f"say {name}", "steps": [{"intent": name}, {"action": f"utter_{name}"}]}


def _talk(names: list[str]) -> dict[str, Any]:
    steps = [step for name in names for step in ({"intent": name}, {"action": f"utter_{name}"})]
    return {"story": " then ".join(names), "steps": steps}


def _examples(folder: Path, most: int | None) -> dict[str, list[str]]:
    """The training examples by intent; `most` of each, from everywhere in the list."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.yml")):
        for block in (yaml.load(path.read_text("utf-8"), _LOADER) or {}).get("nlu") or []:  # noqa: S506
            if "intent" in block:
                lines = str(block["examples"]).splitlines()
                found.setdefault(block["intent"], []).extend(line.strip().removeprefix("- ") for line in lines if line)
    return {name: own[:: max(1, len(own) // most)][:most] if most else own for name, own in found.items()}


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")


def trained_project(settings: Settings, plan: Plan) -> Stock:
    """The project, trained now or taken from var/bench when the data and the settings are the same."""
    folder = settings.var / "bench" / "stock"
    project = folder / "project"
    examples, intents = write_project(settings, project, plan)
    mark = _fingerprint(project)
    record = folder / f"stock-{mark}.json"
    model = folder / f"stock-{mark}.tar.gz"
    if not (record.exists() and model.exists()):
        began = time.monotonic()
        _train(settings, project, model)
        record.write_text(json.dumps({"seconds": round(time.monotonic() - began, 1)}), "utf-8")
    return Stock(project, model, json.loads(record.read_text("utf-8"))["seconds"], examples, intents)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yml")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _environment(settings: Settings, threads: int) -> dict[str, str]:
    return {**os.environ, **ENVIRONMENT, "PYTHONPATH": "", "OMP_NUM_THREADS": str(threads)}


def _train(settings: Settings, project: Path, model: Path) -> None:
    words = ("--fixed-model-name", model.name.removesuffix(".tar.gz"), "--out", str(model.parent))
    log_path = model.with_name("train.log")
    with log_path.open("wb") as log:
        done = subprocess.run(
            (str(rasa_python(settings)), "-m", "rasa", "train", *words),
            cwd=project,
            env=_environment(settings, os.cpu_count() or 1),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode or not model.exists():
        raise ProcessError(f"The stock project could not be trained; see {log_path}")


@contextmanager
def running_stock(settings: Settings, stock: Stock) -> Iterator[tuple[str, int, float]]:
    """The stock server; gives its address, its process id, and the seconds until its first answer."""
    port = free_ports(1)[0]
    url = f"http://{LOOPBACK}:{port}"
    words = ("--port", str(port), "--interface", LOOPBACK, "--model", str(stock.model))
    process = Process(
        name="stock",
        argv=(str(rasa_python(settings)), "-m", "rasa", "run", *words),
        cwd=stock.folder,
        env={**_environment(settings, 1), **ONE_THREAD},
        is_ready=lambda: answers(url) and Talk(url).seconds(0) is not None,
        ready_seconds=READY_SECONDS,
    )
    began = time.monotonic()
    log_path = stock.model.with_name("run.log")
    with log_path.open("wb") as log, running(process, log) as pid:
        yield url, pid, time.monotonic() - began


class Talk:
    """One conversation with stock Rasa over its REST channel."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.Client(base_url=url, timeout=120, trust_env=False)
        self._sender = str(uuid.uuid4())

    def seconds(self, number: int) -> float | None:
        """The time of one question; None when it was not answered."""
        began = time.monotonic()
        body = {"sender": self._sender, "message": question(number)}
        response = self._client.post("/webhooks/rest/webhook", json=body)
        return time.monotonic() - began if response.is_success and response.json() else None

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def measure(settings: Settings, plan: Plan, advance: Advance) -> dict[str, Any]:
    """The same as is measured of ours."""
    stock = trained_project(settings, plan)
    with running_stock(settings, stock) as (url, pid, first_answer_seconds):
        for number in range(12):
            Talk(url).seconds(number)
        processes = family(pid)
        time.sleep(plan.rest_seconds)
        result: dict[str, Any] = {"memory_mb": memory(processes), "idle_cpu_percent": _idle(processes, plan)}
        result["after"] = {str(history): _after(url, history, plan, advance) for history in plan.histories}
        talks = [Talk(url) for _ in range(plan.crowd)]
        result["crowd"] = crowd([talk.seconds for talk in talks], plan.crowd_turns, advance)
    return result | {
        "examples": stock.examples,
        "intents": stock.intents,
        "epochs": plan.stock_epochs,
        "training_seconds": stock.training_seconds,
        "first_answer_seconds": round(first_answer_seconds, 1),
    }


def _idle(processes: list[psutil.Process], plan: Plan) -> dict[str, float]:
    return cpu_percent(processes, plan.rest_seconds)


def _after(url: str, history: int, plan: Plan, advance: Advance) -> dict[str, Any]:
    talk = Talk(url)
    for number in range(history):
        talk.seconds(number)
    times = []
    for number in range(plan.turns):
        times.append(talk.seconds(number))
        advance()
    talk.close()
    return summary(times)
