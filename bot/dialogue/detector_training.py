"""Trains the language detector on our own examples; apart from its use, which then needs less of scikit-learn."""

import json
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from bot.dialogue.language import NGRAMS, DetectorError
from bot.nlu.languages import Language
from bot.nlu.text import normalise
from bot.settings import DETECTOR


def training_texts(root: Path) -> tuple[list[str], list[Language]]:
    """Our examples with the variety that their file is in; mixed messages teach nothing here."""
    texts: list[str] = []
    labels: list[Language] = []
    codes = {language.value: language for language in Language}
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        language = codes.get(path.stem.split(".")[-1])
        if language is None:
            continue
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            found = [line.strip()[2:] for line in block["examples"].splitlines() if line.strip().startswith("- ")]
            texts += found
            labels += [language] * len(found)
    return texts, labels


def train_detector(root: Path) -> Path:
    """Train on data/nlu and write models/language.npz; raises DetectorError without examples."""
    texts, labels = training_texts(root)
    if len(set(labels)) < len(Language):
        raise DetectorError("data/nlu lacks examples of some language variety")
    regression = LogisticRegression(C=20.0, max_iter=300, class_weight="balanced")
    regression.fit(NGRAMS.transform([normalise(text) for text in texts]), [label.value for label in labels])
    path = root / DETECTOR
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        path,
        weights=regression.coef_.T.astype(np.float16),
        bias=regression.intercept_.astype(np.float32),
        languages=np.array(json.dumps(list(regression.classes_))),
    )
    return path
