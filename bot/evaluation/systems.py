"""The classifiers that are compared: which features each sees, and its features as matrices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from scipy import sparse

from bot.evaluation.vectors import Vectors
from bot.nlu.courtesies import read_notions
from bot.nlu.features import Patterns, ngram_views
from bot.nlu.text import normalise, transliterate

SPELLING = 1
ALL_VIEWS = 3


@dataclass(frozen=True)
class System:
    """Features and settings of one classifier.

    Transliterated, it also reads sounds and words by their sound, and embeds the Arabic-letter reading beside the text
    as written; otherwise only the spelling and the text as written. Its `c` and iterations are those of config.yml,
    times the numbers given here; `weight` is how much the n-grams weigh; `patterns` are notions around a subject.
    """

    name: str
    ngrams: bool
    encoders: tuple[str, ...] = ()
    transliterated: bool = True
    c_times: float = 1.0
    iterations_times: float = 1.0
    weight: float = 1.0
    patterns: bool = False

    @property
    def views(self) -> int:
        """How many of the n-gram views are read, the spelling first."""
        return (ALL_VIEWS if self.transliterated else SPELLING) if self.ngrams else 0


def _pair(name: str, *, ngrams: bool, encoders: tuple[str, ...] = ()) -> list[System]:
    return [
        System(name, ngrams, encoders, transliterated=True),
        System(f"{name}, no transliteration", ngrams, encoders, transliterated=False),
    ]


PRESENT = "n-grams + patterns + USE"
SYSTEMS = [
    System(PRESENT, True, ("use",), patterns=True),
    *_pair("n-grams + USE", ngrams=True, encoders=("use",)),
    *_pair("n-grams", ngrams=True),
    *_pair("USE", ngrams=False, encoders=("use",)),
    *_pair("e5", ngrams=False, encoders=("e5",)),
    *_pair("n-grams + e5", ngrams=True, encoders=("e5",)),
    System("n-grams + USE + e5", True, ("use", "e5")),
    System("n-grams + patterns + USE + e5", True, ("use", "e5"), patterns=True),
]
# What might beat the present classifier by its settings alone.
VARIANTS = [
    System("a third of c", True, ("use",), patterns=True, c_times=1 / 3),
    System("three times c", True, ("use",), patterns=True, c_times=3.0),
    System("half the iterations", True, ("use",), patterns=True, iterations_times=0.5),
    System("twice the iterations", True, ("use",), patterns=True, iterations_times=2.0),
    System("n-grams weigh half", True, ("use",), patterns=True, weight=0.5),
]
# Averages of the probabilities of others.
AVERAGES: Mapping[str, tuple[str, ...]] = {
    "average with n-grams": (PRESENT, "n-grams"),
    "average with n-grams and without transliteration": (PRESENT, "n-grams", "n-grams + USE, no transliteration"),
    "average of n-grams and USE, each alone": ("n-grams", "USE"),
    "average with n-grams + e5": (PRESENT, "n-grams + e5"),
}


def features(
    system: System, texts: Sequence[str], views: Sequence[sparse.csr_matrix], vectors: Mapping[str, Vectors]
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """The sparse and the dense block of the texts' features; `views` and `vectors` hold what was computed before."""
    thin = sparse.csr_matrix((len(texts), 0), dtype=np.float32)
    if system.views:
        thin = (sparse.hstack(seen_by(system, views)).tocsr() * system.weight).astype(np.float32)
    blocks = [np.zeros((len(texts), 0), dtype=np.float32)]
    for encoder in system.encoders:
        blocks.append(vectors[encoder].of([normalise(text) for text in texts]))
        if system.transliterated:
            blocks.append(vectors[encoder].of([transliterate(text) for text in texts]))
    return thin, np.hstack(blocks)


def seen_by(system: System, views: Sequence[sparse.csr_matrix]) -> list[sparse.csr_matrix]:
    """The views that a system reads."""
    return [*views[: system.views], *(views[ALL_VIEWS:] if system.patterns else ())]


def views_of(texts: Sequence[str], patterns: Patterns) -> list[sparse.csr_matrix]:
    """The n-gram views and then those of patterns, in single precision."""
    return [view.astype(np.float32) for view in (*ngram_views(texts), *patterns.matrices(texts))]


def read_patterns(data: Path) -> Patterns:
    """The patterns of the notions and subjects that are shipped."""
    terms = yaml.safe_load((data / "catalogue" / "glossary.yaml").read_text("utf-8"))["terms"]
    subjects = [one for term in terms for spellings in term["spellings"].values() for one in spellings]
    return Patterns(read_notions(data / "notions.yaml"), subjects)
