"""Which entry of the catalogue is meant: hybrid search by spelling, sound, notions and sentence meaning.

An index is immutable; a changed catalogue gives a new one. Scores are between 0 and about 1. A large catalogue is
searched in two steps: a shortlist by sounds and by a short form of the meaning, then every view of the shortlist.
"""

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bot.catalogue.mentions import Mentions
from bot.catalogue.phrases import Phrase
from bot.nlu.embedding import DIMENSIONS, embed_queries
from bot.nlu.features import (
    SIZE,
    Glossary,
    inverse_frequency,
    sound_matrix,
    spelling_matrix,
    term_matrix,
    word_matrix,
)
from bot.nlu.spelling import Vocabulary, count_words
from bot.nlu.text import has_latin, normalise, stem, transliterate

# What each view of a text adds to the score; see docs/nlu.md.
VIEW_WEIGHTS = {"spelling": 0.22, "sound": 0.18, "words": 0.18, "terms": 0.24, "meaning": 0.18}
# How much a query must say in a view to be trusted there ("how much is it?" says nothing about a service).
VIEW_DOUBTS = {"spelling": 10.0, "sound": 6.0, "words": 4.0, "terms": 3.0}
# From so many phrases on a shortlist is made first, of so many phrases, by meaning in so many dimensions.
LARGE = 12_000
SHORTLIST = 1_000
SHORT_DIMENSIONS = 48
SHORT_SEED = 7
# A sound that more of the phrases have tells little, and takes long to be counted.
RARE_SHARE = 0.1
# A word shorter than this is too likely to be a word of everyday.
SHORTEST_STRANGE = 4
# "sous-marin" is no slip for anything.
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
# Texts are hashed so many at a time: memory stays level, and progress can be told.
BATCH = 10_000
Tell = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Nobody waits."""


@dataclass(frozen=True)
class Hit:
    """An entry with its score, and the phrase that matched best."""

    kind: str
    entry_id: str
    score: float
    phrase: str


class _View:
    """One way to look at the phrases: dampened counts, the weight of each feature, the length of each row.

    Counts lie by feature where all rows are looked at, so that only the query's features are; else by row.
    """

    def __init__(self, counts: sparse.csr_matrix, groups: np.ndarray, *, is_large: bool) -> None:
        self.weights = inverse_frequency(counts, groups)
        self.counts = counts if is_large else counts.tocsc()
        squares = counts.copy()
        squares.data = (squares.data * self.weights[squares.indices]) ** 2
        lengths = np.sqrt(np.asarray(squares.sum(axis=1)).ravel())
        self.lengths = np.where(lengths == 0, 1, lengths).astype(np.float32)

    def weigh(self, query: sparse.csr_matrix, doubt: float) -> "_Row":
        """A query of one row with dampened counts times weights, of a length below 1 where it says little."""
        values = (1 + np.log(query.data)) * self.weights[query.indices]
        return _Row(query.indices, values / np.sqrt(values @ values + doubt**2) if len(values) else values)

    def scores(self, query: "_Row", rows: np.ndarray | None) -> np.ndarray:
        """The similarity of a weighed query to the given rows (None: all)."""
        values = query.values * self.weights[query.features]
        if rows is None:
            return _columns_times(self.counts, query.features, values) / self.lengths
        dense = np.zeros(SIZE, dtype=np.float32)
        dense[query.features] = values
        near: np.ndarray = (self.counts[rows] @ dense) / self.lengths[rows]
        return near


@dataclass(frozen=True)
class _Row:
    """The features that a query has, and the value of each, shapes (n,)."""

    features: np.ndarray
    values: np.ndarray


def _columns_times(columns: sparse.csc_matrix, chosen: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The chosen columns, each times its value, summed, shape (rows,): SciPy would first make a matrix of them."""
    starts, ends = columns.indptr[chosen], columns.indptr[chosen + 1]
    lengths = ends - starts
    at = np.repeat(ends - np.cumsum(lengths), lengths) + np.arange(lengths.sum())
    found: np.ndarray = np.bincount(
        columns.indices[at], weights=columns.data[at] * np.repeat(values, lengths), minlength=columns.shape[0]
    )
    return found


class _Shortlist:
    """The rows of a large index that may match: by rare sounds, and by a short form of the meaning."""

    def __init__(self, sounds: _View, vectors: np.ndarray) -> None:
        self._columns = sounds.counts.tocsc()
        self._is_rare = np.diff(self._columns.indptr) <= RARE_SHARE * self._columns.shape[0]
        self._sounds = sounds
        projection = np.random.default_rng(SHORT_SEED).standard_normal((DIMENSIONS, SHORT_DIMENSIONS))
        self._projection = (projection / np.sqrt(SHORT_DIMENSIONS)).astype(np.float32)
        self._short = np.ascontiguousarray(vectors @ self._projection)

    def rows(self, sounds: "_Row", vectors: np.ndarray) -> np.ndarray:
        """The rows to look at closely, in order; at most twice SHORTLIST."""
        features, values = sounds.features, sounds.values
        if (rare := self._is_rare[features]).any():
            features, values = features[rare], values[rare]
        values = values * self._sounds.weights[features]
        heard = _columns_times(self._columns, features, values) / self._sounds.lengths
        meant = np.max([self._short @ short for short in vectors @ self._projection], axis=0)
        last = min(SHORTLIST, len(heard)) - 1
        best = [np.argpartition(-scores, last)[: last + 1] for scores in (heard, meant)]
        return np.unique(np.concatenate(best))


class SearchIndex:
    """All phrases of the published entries, ready to be searched.

    `previous` saves hashing what it knew; `everyday` words are never read as slips of the catalogue's.
    `tell` is called with the number of phrases hashed so far, and of all to be hashed.
    """

    def __init__(
        self,
        phrases: Sequence[Phrase],
        glossary: Glossary,
        previous: "SearchIndex | None" = None,
        everyday: Set[str] = frozenset(),
        tell: Tell = _silent,
    ) -> None:
        # An equal glossary of before is kept for what it remembers.
        self.glossary: Glossary = previous.glossary if previous and previous.glossary == glossary else glossary
        self.entries = sorted({(p.kind, p.entry_id) for p in phrases})
        number = {entry: i for i, entry in enumerate(self.entries)}
        # Phrases lie entry by entry, so that an entry's best score is one reduction over its run.
        self.phrases = sorted(phrases, key=lambda p: number[p.kind, p.entry_id])
        self._groups = np.array([number[p.kind, p.entry_id] for p in self.phrases], dtype=np.int64)
        self._vectors = np.array([p.vector for p in self.phrases], dtype=np.float32).reshape(-1, DIMENSIONS)
        self._counts = self._count([p.text for p in self.phrases], previous, tell)
        self._views = {
            name: _View(matrix, self._groups, is_large=self.is_large) for name, matrix in self._counts.items()
        }
        self._shortlist = _Shortlist(self._views["sound"], self._vectors) if self.is_large else None
        self.mentions = Mentions(self.phrases, self.glossary)
        self._vocabulary = self._learn(previous, frozenset(everyday))

    @property
    def is_large(self) -> bool:
        """Whether making it takes so long that nobody should wait for it."""
        return len(self.phrases) >= LARGE

    def _learn(self, previous: "SearchIndex | None", everyday: frozenset[str]) -> Vocabulary:
        """The words of all phrases and of the glossary; each once is enough to be what somebody meant.

        What the previous index learnt stays known: only the words of new phrases are counted.
        """
        known = {phrase.text for phrase in previous.phrases} if previous else frozenset()
        texts = [phrase.text for phrase in self.phrases if phrase.text not in known]
        if previous is None or previous.glossary is not self.glossary:
            texts += [spelling for spellings in self.glossary.terms.values() for spelling in spellings]
        counts = count_words(texts)
        counts.update(counts.keys())
        if previous is None:
            return Vocabulary(counts, everyday)
        previous._vocabulary.learn(counts)
        return previous._vocabulary

    def repair(self, text: str) -> str:
        """The normalised text with slips in the catalogue's words repaired."""
        return self._vocabulary.repair(text)

    def has_strange_word(self, text: str) -> bool:
        """Whether a text has a word of some length that no entry and no term has; within compounds none is repaired."""
        words = [*self.repair(text).split(), *normalise(" ".join(_COMPOUND.findall(text))).split()]
        words = [word for word in words if len(word) >= SHORTEST_STRANGE and word.isalpha()]
        return any(not (self._vocabulary.knows(word) or self._vocabulary.knows(stem(word))) for word in words)

    def _count(self, texts: list[str], previous: "SearchIndex | None", tell: Tell) -> dict[str, sparse.csr_matrix]:
        """Dampened feature counts of all texts; rows of texts that the previous index had are taken over."""
        if previous is None or previous.glossary is not self.glossary or not previous.phrases:
            return self._dampened(texts, tell)
        known = {phrase.text: row for row, phrase in enumerate(previous.phrases)}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        known |= {text: len(previous.phrases) + n for n, text in enumerate(fresh)}
        rows = [known[text] for text in texts]
        if not fresh:
            return {name: matrix[rows] for name, matrix in previous._counts.items()}
        new = self._dampened(fresh, tell)
        return {name: sparse.vstack([previous._counts[name], new[name]]).tocsr()[rows] for name in new}

    def _dampened(self, texts: Sequence[str], tell: Tell) -> dict[str, sparse.csr_matrix]:
        parts: dict[str, list[sparse.csr_matrix]] = {name: [] for name in VIEW_DOUBTS}
        for start in range(0, max(len(texts), 1), BATCH):
            for name, matrix in self._matrices(texts[start : start + BATCH]).items():
                counts = matrix.astype(np.float32)
                counts.data = 1 + np.log(counts.data)
                parts[name].append(counts)
            tell(min(start + BATCH, len(texts)), len(texts))
        return {name: sparse.vstack(found).tocsr() for name, found in parts.items()}

    def _matrices(self, texts: Sequence[str]) -> dict[str, sparse.csr_matrix]:
        if not texts:
            return {name: sparse.csr_matrix((0, SIZE)) for name in VIEW_DOUBTS}
        return {
            "spelling": spelling_matrix(texts),
            "sound": sound_matrix(texts),
            "words": word_matrix(texts),
            "terms": term_matrix(texts, self.glossary),
        }

    def _scored(self, text: str) -> tuple[np.ndarray | None, np.ndarray]:
        """Rows that were looked at (None: all), and the score of each."""
        queries = {
            name: self._views[name].weigh(matrix, VIEW_DOUBTS[name]) for name, matrix in self._matrices([text]).items()
        }
        vectors = embed_queries([text, *([transliterate(text)] if has_latin(text) else [])])
        rows = self._shortlist.rows(queries["sound"], vectors) if self._shortlist else None
        near = self._vectors if rows is None else self._vectors[rows]
        meaning = np.clip(np.max([near @ vector for vector in vectors], axis=0), 0, 1)
        scores = VIEW_WEIGHTS["meaning"] * meaning
        for name, query in queries.items():
            scores = scores + VIEW_WEIGHTS[name] * self._views[name].scores(query, rows)
        return rows, scores

    def search(self, text: str, kinds: Sequence[str] = (), limit: int = 5) -> list[Hit]:
        """The best entries, best first; `kinds` keeps only these kinds."""
        if not self.phrases:
            return []
        rows, scores = self._scored(self.repair(text))
        groups = self._groups if rows is None else self._groups[rows]
        starts = np.flatnonzero(np.diff(groups, prepend=-1))
        best = np.maximum.reduceat(scores, starts)
        ends = np.append(starts[1:], len(scores))
        hits: list[Hit] = []
        for run in np.argsort(-best, kind="stable"):
            kind, entry_id = self.entries[groups[starts[run]]]
            if kinds and kind not in kinds:
                continue
            at = int(starts[run] + np.argmax(scores[starts[run] : ends[run]]))
            phrase = self.phrases[at if rows is None else int(rows[at])]
            hits.append(Hit(kind, entry_id, float(best[run]), phrase.text))
            if len(hits) == limit:
                break
        return hits
