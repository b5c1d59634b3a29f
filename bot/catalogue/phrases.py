"""What search looks at: the searchable texts of entries."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Phrase:
    """One searchable text of an entry; vector is its unit sentence embedding, shape (512,)."""

    kind: str
    entry_id: str
    language: str
    role: str
    text: str
    vector: np.ndarray
