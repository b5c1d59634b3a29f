"""Cross-validate the classifiers; run by the Rasa environment, whose libraries serve citizens:
`python -m bot.evaluation.compare <root> <folder>`.

Every held-out probability is kept in the folder by a checksum of all that it depends on, so a second run is quick.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import yaml
from scipy import sparse

from bot.evaluation import diet, diet_trial, systems
from bot.evaluation.calibration import bins_of, expected_error, temperature_of, threshold_of, warmed
from bot.evaluation.examples import folds_of, groups_of, read_examples
from bot.evaluation.sets import read_utterances
from bot.evaluation.systems import AVERAGES, PRESENT, SYSTEMS, VARIANTS, System
from bot.evaluation.vectors import Tell, Vectors, vectors_of
from bot.nlu.softmax import fit
from bot.nlu.text import normalise, transliterate

SEEN = 2
SOURCES = (
    "bot/nlu/text.py",
    "bot/nlu/features.py",
    "bot/nlu/softmax.py",
    "bot/nlu/embedding.py",
    "data/notions.yaml",
    "data/catalogue/glossary.yaml",
)


@dataclass(frozen=True)
class Material:
    """Examples first, then the development set: texts, acts, languages, n-gram views, sentence vectors, folds."""

    texts: list[str]
    intents: np.ndarray
    languages: np.ndarray
    examples: int
    views: Sequence[sparse.csr_matrix]
    view_seconds: float
    vectors: Mapping[str, Vectors]
    folds: Sequence[tuple[np.ndarray, np.ndarray]]
    fitting: Mapping[str, float]
    checksum: str


@dataclass(frozen=True)
class Guesses:
    """Probabilities of shape (rows, labels): each example's by the fold that had not seen it, then the development
    set's by a model of all examples; and the processor's seconds for one fit of all examples."""

    labels: list[str]
    chances: np.ndarray
    seconds: float


def gather(root: Path, folder: Path, tell: Tell) -> Material:
    """Read and compute all that the classifiers need."""
    examples = read_examples(root / "data" / "nlu")
    trial = read_utterances(root / "eval" / "utterances.tsv")
    texts = [one.text for one in examples] + [one.text for one in trial]
    began = process_time()
    views = systems.views_of(texts, systems.read_patterns(root / "data"))
    view_seconds = (process_time() - began) / len(texts)
    readings = [normalise(text) for text in texts] + [transliterate(text) for text in texts]
    folder.mkdir(parents=True, exist_ok=True)
    vectors = {name: vectors_of(name, readings, folder, tell) for name in ("use", "e5")}
    intents = [one.intent for one in examples]
    tell("finding near copies")
    groups = groups_of(examples, [view[: len(examples)] for view in views[:2]])
    return Material(
        texts,
        np.array(intents + [one.intent for one in trial]),
        np.array([one.lang for one in examples] + [one.lang for one in trial]),
        len(examples),
        views,
        view_seconds,
        vectors,
        folds_of(intents, groups),
        _fitting(root),
        _checksum(root, texts, intents),
    )


def _fitting(root: Path) -> dict[str, float]:
    """The settings of the classifier that serves citizens."""
    pipeline = yaml.safe_load((root / "config.yml").read_text("utf-8"))["pipeline"]
    given = next(one for one in pipeline if one["name"].endswith("ActClassifier"))
    usual = import_module("bot.nlu.rasa_components").ActClassifier.get_default_config()
    settings = {"weight": 1.0, "temperature": 1.0, **usual, **given}
    return {name: float(settings[name]) for name in ("c", "iterations", "weight", "temperature")}


def _checksum(root: Path, texts: Sequence[str], intents: Sequence[str]) -> str:
    digest = hashlib.sha256(json.dumps([list(texts), list(intents)]).encode())
    for source in SOURCES:
        digest.update((root / source).read_bytes())
    return digest.hexdigest()


def guesses_of(system: System, material: Material, folder: Path, tell: Tell) -> Guesses:
    """Cross-validate one system, or read what an earlier run of the same found."""
    depends = [material.checksum, sorted(material.fitting.items()), sorted(asdict(system).items())]
    mark = hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:16]
    path = folder / f"guesses-{mark}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as kept:
            return Guesses([str(label) for label in kept["labels"]], kept["chances"], float(kept["seconds"]))
    found = _cross_validate(system, material, tell)
    np.savez(path, labels=np.array(found.labels), chances=found.chances, seconds=np.array(found.seconds))
    return found


def _cross_validate(system: System, material: Material, tell: Tell) -> Guesses:
    thin, thick = systems.features(system, material.texts, material.views, material.vectors)
    fitting = material.fitting
    thin = thin * np.float32(fitting["weight"])
    labels = sorted(set(material.intents[: material.examples].tolist()))
    chances = np.zeros((len(material.texts), len(labels)), dtype=np.float32)
    everything = np.arange(material.examples), np.arange(material.examples, len(material.texts))
    seconds = 0.0
    for number, (training, held_out) in enumerate([*material.folds, everything], start=1):
        began = process_time()
        columns = np.flatnonzero(np.bincount(thin[training].indices, minlength=thin.shape[1]) >= SEEN)
        model = fit(
            thin[training][:, columns],
            thick[training],
            material.intents[training].tolist(),
            c=fitting["c"] * system.c_times,
            iterations=round(fitting["iterations"] * system.iterations_times),
        )
        seconds = process_time() - began
        places = np.searchsorted(labels, model.labels)
        chances[np.ix_(held_out, places)] = model.chances(thin[held_out][:, columns], thick[held_out])
        tell(f"{system.name}: {number} of {len(material.folds) + 1} fits")
    return Guesses(labels, warmed(chances, fitting["temperature"]), seconds)


def measures(guesses: Guesses, material: Material) -> dict[str, Any]:
    """Accuracy by language and macro-F1, of the cross-validation and of the development set."""
    predicted = np.array(guesses.labels)[guesses.chances.argmax(axis=1)]
    rows = np.arange(len(material.texts))
    found = {}
    for name, part in (("folds", rows < material.examples), ("development", rows >= material.examples)):
        right = predicted[part] == material.intents[part]
        found[name] = {
            "by_lang": {lang: _mean(right[material.languages[part] == lang]) for lang in _languages(material)},
            "accuracy": _mean(right),
            "macro_f1": _macro_f1(material.intents[part], predicted[part]),
        }
    return {**found, "fit_seconds": round(guesses.seconds, 2)}


def _languages(material: Material) -> list[str]:
    return sorted(set(material.languages.tolist()))


def _mean(right: np.ndarray) -> float:
    return round(float(right.mean()), 4)


def _macro_f1(expected: np.ndarray, predicted: np.ndarray) -> float:
    scores = []
    for label in np.unique(expected):
        both = ((expected == label) & (predicted == label)).sum()
        scores.append(2 * both / ((expected == label).sum() + (predicted == label).sum()))
    return round(float(np.mean(scores)), 4)


def calibration(guesses: Guesses, material: Material) -> dict[str, Any]:
    """Reliability of the held-out probabilities, overall and by language, before and after one temperature for all."""
    truth = np.searchsorted(guesses.labels, material.intents)
    folds = np.arange(len(material.texts)) < material.examples
    warmth = temperature_of(guesses.chances[folds], truth[folds])
    found: dict[str, Any] = {"temperature": warmth, "by_lang": {}}
    for lang in ["all", *_languages(material)]:
        part = folds & ((material.languages == lang) | (lang == "all"))
        found["by_lang"][lang] = _reliability(guesses.chances[part], truth[part], warmth)
    found["development"] = _reliability(guesses.chances[~folds], truth[~folds], warmth)
    return found


def _reliability(chances: np.ndarray, truth: np.ndarray, warmth: float) -> dict[str, Any]:
    right = (chances.argmax(axis=1) == truth).astype(float)
    before, after = (bins_of(one.max(axis=1), right) for one in (chances, warmed(chances, warmth)))
    return {
        "bins": [asdict(one) for one in before],
        "bins_after": [asdict(one) for one in after],
        "error": round(expected_error(before), 4),
        "error_after": round(expected_error(after), 4),
        "own_temperature": temperature_of(chances, truth),
        "threshold": threshold_of(chances.max(axis=1), right),
    }


def _speed(system: System, root: Path, columns: int, labels: int) -> dict[str, float]:
    """Milliseconds and memory, measured in a process of its own."""
    arguments = [json.dumps(asdict(system)), str(root), str(columns), str(labels)]
    command = [sys.executable, "-m", "bot.evaluation.speed", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=root)  # noqa: S603 (ours)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _columns(system: System, material: Material) -> int:
    """How many sparse features a model of all examples has."""
    views = material.views[: system.views]
    return sum(int((np.bincount(view[: material.examples].indices) >= SEEN).sum()) for view in views)


def _preparation(system: System, material: Material) -> float:
    """Seconds of the processor for the features of all examples."""
    seconds = material.view_seconds * material.examples * system.views / systems.ALL_VIEWS
    texts = material.texts[: material.examples]
    readings = {normalise(text) for text in texts}
    if system.transliterated:
        readings |= {transliterate(text) for text in texts}
    return seconds + sum(material.vectors[name].seconds for name in system.encoders) * len(readings)


def compare(root: Path, folder: Path, tell: Tell) -> dict[str, Any]:
    """The whole comparison as one JSON-ready report."""
    material = gather(root, folder, tell)
    labels = len(set(material.intents[: material.examples].tolist()))
    report: dict[str, Any] = {"examples": material.examples, "development": len(material.texts) - material.examples}
    kept, rows, variants = {}, {}, {}
    for system in SYSTEMS:
        guesses = kept[system.name] = guesses_of(system, material, folder, tell)
        row = {**measures(guesses, material), **_speed(system, root, _columns(system, material), labels)}
        row["train_seconds"] = round(_preparation(system, material) + guesses.seconds, 1)
        rows[system.name] = row
        _write(folder, {**report, "systems": rows})
    for system in VARIANTS:
        variants[system.name] = measures(guesses_of(system, material, folder, tell), material)
    for name, members in AVERAGES.items():
        parts = [kept[member] for member in members]
        mean = np.mean([part.chances for part in parts], axis=0)
        variants[name] = measures(Guesses(parts[0].labels, mean, sum(part.seconds for part in parts)), material)
    report |= {"systems": rows, "variants": variants, "calibration": calibration(kept[PRESENT], material)}
    _write(folder, report)
    return _write(folder, {**report, "diet": _diet(material, folder, tell)})


def _diet(material: Material, folder: Path, tell: Tell) -> dict[str, Any]:
    training, held_out = material.folds[0]
    trial = diet_trial.Trial(
        material.texts,
        material.intents,
        material.languages,
        diet_trial.sample_of(training, material.intents, diet.SAMPLE),
        held_out,
        np.arange(material.examples, len(material.texts)),
    )
    present = next(system for system in SYSTEMS if system.name == PRESENT)
    thin, thick = systems.features(present, material.texts, material.views, material.vectors)
    return diet_trial.compare(
        trial, (thin * np.float32(material.fitting["weight"]), thick), material.fitting, folder, tell
    )


def _write(folder: Path, report: dict[str, Any]) -> dict[str, Any]:
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return report


def main(root: str, folder: str) -> None:
    """Compare, telling each step on a line of its own."""
    compare(Path(root), Path(folder), lambda words: print(words, flush=True))  # noqa: T201 (its output is its progress)


if __name__ == "__main__":
    main(*sys.argv[1:])
