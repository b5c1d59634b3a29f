"""DIET beside our classifier on the same sample of one fold, with and without transliteration."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from scipy import sparse

from bot.evaluation import diet
from bot.evaluation.vectors import Tell
from bot.nlu.softmax import fit
from bot.nlu.text import transliterate

ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "RASA_MAX_CACHE_SIZE": "0",
}


@dataclass(frozen=True)
class Trial:
    """All texts with acts and languages; the rows to learn from, the held-out rows, the development set's rows."""

    texts: Sequence[str]
    intents: np.ndarray
    languages: np.ndarray
    sample: np.ndarray
    held_out: np.ndarray
    development: np.ndarray

    @property
    def asked(self) -> np.ndarray:
        """All rows that are asked."""
        return np.concatenate([self.held_out, self.development])


def sample_of(training: np.ndarray, intents: np.ndarray, size: int) -> np.ndarray:
    """About `size` of the training rows, each act in its share, drawn always the same."""
    order = np.random.default_rng(0).permutation(training)
    by_act = order[np.argsort(intents[order], kind="stable")]
    step = max(len(by_act) / size, 1.0)
    picked: np.ndarray = by_act[np.arange(0, len(by_act), step).astype(int)]
    return picked


Features = tuple[sparse.csr_matrix, np.ndarray]


def compare(trial: Trial, ours: Features, fitting: Mapping[str, float], folder: Path, tell: Tell) -> dict[str, Any]:
    """The rows of the table; `ours` are our features of all texts, `fitting` our classifier's settings."""
    rows = {"DIET": _run_diet(trial, trial.texts, folder, tell)}
    arabic = [transliterate(text) or text for text in trial.texts]
    rows["DIET, in Arabic letters"] = _run_diet(trial, arabic, folder, tell)
    rows["n-grams + patterns + USE, same sample"] = _run_ours(trial, ours, fitting)
    return {"epochs": diet.EPOCHS, "sample": len(trial.sample), "rows": rows}


def _run_ours(trial: Trial, ours: Features, fitting: Mapping[str, float]) -> dict[str, Any]:
    began, (thin, thick) = process_time(), ours
    learnt = thin[trial.sample]
    columns = np.flatnonzero(np.bincount(learnt.indices, minlength=thin.shape[1]) >= 2)  # noqa: PLR2004 (seen twice)
    acts = trial.intents[trial.sample].tolist()
    model = fit(learnt[:, columns], thick[trial.sample], acts, c=fitting["c"], iterations=round(fitting["iterations"]))
    seconds = process_time() - began
    best = model.chances(thin[trial.asked][:, columns], thick[trial.asked]).argmax(axis=1)
    return {**judge(trial, [model.labels[one] for one in best]), "train_seconds": round(seconds, 1)}


def _run_diet(trial: Trial, texts: Sequence[str], folder: Path, tell: Tell) -> dict[str, Any]:
    learnt = [texts[row] for row in trial.sample]
    acts = [str(trial.intents[row]) for row in trial.sample]
    asked = [texts[row] for row in trial.asked]
    mark = hashlib.sha256(json.dumps([learnt, acts, asked, diet.CONFIG]).encode()).hexdigest()[:16]
    home = folder / f"diet-{mark}"
    if not (home / "asked.json").exists():
        diet.write_material(home, learnt, acts, asked)
        for step in ("train", "ask"):
            tell(f"DIET: {step} (minutes)")
            _in_rasa(step, home)
    found = json.loads((home / "asked.json").read_text("utf-8"))
    seconds = json.loads((home / "trained.json").read_text("utf-8"))["train_seconds"]
    costs = {key: found[key] for key in ("milliseconds", "megabytes")}
    return {**judge(trial, found["acts"]), **costs, "train_seconds": seconds}


def _in_rasa(step: str, home: Path) -> None:
    with (home / f"{step}.log").open("wb") as log:
        command = [sys.executable, "-m", "bot.evaluation.diet", step, str(home)]
        subprocess.run(command, check=True, stdout=log, stderr=log, env={**os.environ, **ENVIRONMENT})  # noqa: S603 (ours)


def judge(trial: Trial, predicted: Sequence[str]) -> dict[str, Any]:
    """Shares of acts understood: held out by language and in all, and of the development set."""
    right = np.array(predicted) == trial.intents[trial.asked]
    held_out, development = right[: len(trial.held_out)], right[len(trial.held_out) :]
    languages = trial.languages[trial.held_out]
    return {
        "by_lang": {lang: round(float(held_out[languages == lang].mean()), 4) for lang in sorted(set(languages))},
        "held_out": round(float(held_out.mean()), 4),
        "development": round(float(development.mean()), 4),
    }
