"""The training examples, and folds of them in which near copies and translations stay together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

FOLDS = 5
NEAR_COPY = 0.8
_ROWS_AT_ONCE = 1500


@dataclass(frozen=True)
class Example:
    """One training example; `line` is its place among those of its topic, act and language."""

    text: str
    intent: str
    lang: str
    topic: str
    line: int


def read_examples(folder: Path) -> list[Example]:
    """All examples of `<topic>.<language>.yml` files, in the order of files and lines."""
    found = []
    for path in sorted(folder.glob("*.*.yml")):
        topic, lang = path.name.removesuffix(".yml").split(".")
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            lines = [line.strip()[2:] for line in block["examples"].splitlines() if line.strip().startswith("- ")]
            found += [Example(text, block["intent"], lang, topic, number) for number, text in enumerate(lines)]
    return found


def groups_of(examples: Sequence[Example], views: Sequence[sparse.csr_matrix]) -> np.ndarray:
    """A group number an example: the same for one line of all languages, and for near copies in one of the views.

    Views have a row an example, of length 1; near copies are those whose cosine is at least NEAR_COPY, and copies of
    copies belong to the same group.
    """
    lines: dict[tuple[str, str, int], int] = {}
    numbers = [lines.setdefault((one.topic, one.intent, one.line), len(lines)) for one in examples]
    down, across = [np.arange(len(examples))], [len(examples) + np.array(numbers)]
    for view in views:
        for start in range(0, len(examples), _ROWS_AT_ONCE):
            alike = (view[start : start + _ROWS_AT_ONCE] @ view.T).tocoo()
            near = alike.data >= NEAR_COPY
            down.append(alike.row[near] + start)
            across.append(alike.col[near])
    rows, columns = np.concatenate(down), np.concatenate(across)
    size = len(examples) + len(lines)
    graph = sparse.csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size))
    groups: np.ndarray = connected_components(graph, directed=False)[1][: len(examples)]
    return groups


def folds_of(targets: Sequence[str], groups: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of (training rows, held-out rows): every row is held out once, no group is in both."""
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    return list(splitter.split(np.zeros(len(targets)), targets, groups))
