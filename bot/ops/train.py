"""Train the language model when what it is made of has changed, and keep the last three models."""

import fcntl
import hashlib
import importlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.errors import JawabError
from bot.ops.processes import Process
from bot.settings import DETECTOR

SOURCES = (
    "config.yml",
    "domain.yml",
    "domain",
    "data/nlu",
    "data/rules",
    "data/stories",
    "data/notions.yaml",
    "data/catalogue/glossary.yaml",
    "bot/nlu",
    "requirements/rasa.txt",
)
TRAINING_DATA = ("data/nlu", "data/rules", "data/stories")
KEPT_MODELS = 3
SHOWN_LINES = 25
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # Rasa's cache looks at components only, not at the functions that they call.
    "RASA_MAX_CACHE_SIZE": "0",
}


class TrainingError(JawabError):
    """Rasa did not make a model, or the model at hand is not the one that we made."""


def fingerprint(root: Path) -> str:
    """The SHA-256 over all that a model is made of: names and contents, in order."""
    digest = hashlib.sha256()
    for path in _source_files(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def is_stale(root: Path) -> bool:
    """Whether no model was made of what lies here now, or the language detector is missing."""
    return not (_record_path(root, fingerprint(root)).exists() and (root / DETECTOR).exists())


def current_model(root: Path) -> Path | None:
    """The model made of what lies here now, else the newest that we made; None when there is none."""
    record = _record_path(root, fingerprint(root))
    records = [record] if record.exists() else _records(root)[:1]
    return _archive(records[0]) if records else None


def check_model(archive: Path) -> None:
    """A model is code: raise TrainingError unless the file is, byte for byte, one that we trained."""
    record = json.loads(_record_of(archive).read_text("utf-8"))
    if record["sha256"] != _sha256(archive):
        raise TrainingError(f"{archive} is not the file that we trained: remove it and run `jawab train`.")


def train_if_stale(root: Path, log_folder: Path, console: Console) -> Path:
    """The model of what lies here now, trained if need be; waits for a training that is going on."""
    with _alone(root):
        if is_stale(root):
            return _train(root, log_folder, console)
    archive = _archive(_record_path(root, fingerprint(root)))
    console.print(f"The language model is up to date ({archive.stem.removesuffix('.tar')}).", highlight=False)
    return archive


def train(root: Path, log_folder: Path, console: Console) -> Path:
    """Train a model of what lies here now; raises TrainingError with Rasa's last words."""
    with _alone(root):
        return _train(root, log_folder, console)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One training at a time: two would write the same file."""
    (root / "models").mkdir(exist_ok=True)
    with (root / "models" / "training.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _train(root: Path, log_folder: Path, console: Console) -> Path:
    mark, began = fingerprint(root), monotonic()
    archive = _archive(_record_path(root, mark))
    log_folder.mkdir(parents=True, exist_ok=True)
    if not console.is_terminal:
        console.print("Training the language model …")
    with _progress(console) as progress:
        progress.add_task("Training the language model (a minute or two)")
        _run_rasa(root, archive, log_folder / "train.log")
        progress.add_task("Training the language detector")
        _train_detector(root)
    seconds = monotonic() - began
    record = {
        "fingerprint": mark,
        "sha256": _sha256(archive),
        "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
    }
    _record_path(root, mark).write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    _forget_old_models(root)
    console.print(f"✓ Trained {archive.name} in {seconds:.0f} s", style="green", highlight=False)
    return archive


def _run_rasa(root: Path, archive: Path, log_path: Path) -> None:
    python = root / ".venv-rasa" / "bin" / "python"
    if not python.exists():
        raise TrainingError("The Rasa environment is missing: run `python3 scripts/setup.py rasa`.")
    arguments = ["--fixed-model-name", archive.name.removesuffix(".tar.gz"), "--out", str(archive.parent)]
    arguments += [
        "--skip-validation",
        "--config",
        "config.yml",
        "--domain",
        "domain.yml",
        "--data",
        *TRAINING_DATA,
    ]
    process = Process(
        name="train",
        argv=(str(python), "-m", "rasa", "train", *arguments),
        cwd=root,
        env={**ENVIRONMENT, "PYTHONPATH": str(root), "OMP_NUM_THREADS": str(os.cpu_count() or 1)},
        is_ready=lambda: True,
    )
    with log_path.open("wb") as log:
        done = subprocess.run(
            process.argv, stdout=log, stderr=subprocess.STDOUT, check=False, **process.popen_options()
        )
    if done.returncode or not archive.exists():
        words = log_path.read_text("utf-8", "replace").splitlines()[-SHOWN_LINES:]
        raise TrainingError("\n".join(["Training failed. Rasa's last words:", *words, f"All of them: {log_path}"]))


def _train_detector(root: Path) -> None:
    # Loaded when it is needed: it brings scikit-learn along, which the supervisor can do without.
    importlib.import_module("bot.dialogue.detector_training").train_detector(root)


def _progress(console: Console) -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=console, transient=True)


def _source_files(root: Path) -> Iterator[Path]:
    for source in SOURCES:
        path = root / source
        if path.is_file():
            yield path
        elif path.is_dir():
            found = (file for file in path.rglob("*") if file.suffix in (".yml", ".yaml", ".py"))
            yield from sorted(file for file in found if file.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record_path(root: Path, mark: str) -> Path:
    return root / "models" / f"jawab-{mark[:12]}.json"


def _archive(record: Path) -> Path:
    return record.with_suffix(".tar.gz")


def _record_of(archive: Path) -> Path:
    return archive.with_name(archive.name.removesuffix(".tar.gz") + ".json")


def _records(root: Path) -> list[Path]:
    """The notes beside the models that we made, the newest first."""
    found = [path for path in (root / "models").glob("jawab-*.json") if _archive(path).exists()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _forget_old_models(root: Path) -> None:
    for record in _records(root)[KEPT_MODELS:]:
        _archive(record).unlink()
        record.unlink()
