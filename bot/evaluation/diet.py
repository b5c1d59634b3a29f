"""Rasa's own DIET on a sample of the examples, trained and asked through Rasa: `python -m bot.evaluation.diet <step>
<folder>`, in the Rasa environment.

All examples in five folds would take hours, so: one fold, a stratified sample of its training part, a few epochs.
"""

import asyncio
import json
import logging
import statistics
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from time import process_time, time
from typing import Any

import yaml

from bot.evaluation.speed import peak_megabytes

EPOCHS = 20
SAMPLE = 2500
WARM_UP = 10
CONFIG: dict[str, Any] = {
    "recipe": "default.v1",
    "language": "ar",
    "assistant_id": "comparison",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {
            "name": "DIETClassifier",
            "epochs": EPOCHS,
            "entity_recognition": False,
            "constrain_similarities": True,
            "random_seed": 1,
        },
    ],
}


def write_material(folder: Path, texts: Sequence[str], intents: Sequence[str], questions: Sequence[str]) -> None:
    """Training file, configuration and questions for one run of DIET."""
    folder.mkdir(parents=True, exist_ok=True)
    by_intent: dict[str, list[str]] = {}
    for text, intent in zip(texts, intents, strict=True):
        by_intent.setdefault(intent, []).append(" ".join(text.split()))
    blocks = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in found)} for intent, found in by_intent.items()
    ]
    document = {"version": "3.1", "nlu": blocks}
    (folder / "nlu.yml").write_text(yaml.safe_dump(document, allow_unicode=True, width=10_000), "utf-8")
    (folder / "config.yml").write_text(yaml.safe_dump(CONFIG, sort_keys=False), "utf-8")
    (folder / "questions.json").write_text(json.dumps(list(questions), ensure_ascii=False), "utf-8")


def train(folder: Path) -> None:
    """Let Rasa train; keep the processor's seconds."""
    began, started = process_time(), time()
    training = import_module("rasa.model_training")
    made = training.train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder), fixed_model_name="diet")
    if not made:
        raise SystemExit("Rasa made no model of DIET.")
    seconds = {"train_seconds": round(process_time() - began, 1), "train_clock": round(time() - started, 1)}
    (folder / "trained.json").write_text(json.dumps(seconds), "utf-8")


def ask(folder: Path) -> None:
    """Ask the trained model each question; keep its acts, the median milliseconds and the most memory in MB."""
    # Rasa would write every question into the log.
    import_module("rasa.utils.log_utils").configure_structlog(logging.WARNING)
    agent = import_module("rasa.core.agent").Agent.load(str(folder / "diet.tar.gz"))
    questions = json.loads((folder / "questions.json").read_text("utf-8"))
    acts, times = [], []

    async def each() -> None:
        for question in questions:
            began = process_time()
            parsed = await agent.parse_message(question)
            times.append((process_time() - began) * 1000)
            acts.append(parsed["intent"]["name"] or "")

    asyncio.run(each())
    found = {
        "acts": acts,
        "milliseconds": round(statistics.median(times[WARM_UP:] or times), 2),
        "megabytes": peak_megabytes(),
    }
    (folder / "asked.json").write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    {"train": train, "ask": ask}[sys.argv[1]](Path(sys.argv[2]))
