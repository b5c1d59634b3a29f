"""Which entry of the catalogue is meant: hybrid search by spelling, sound, notions and sentence meaning.

An index is immutable; a changed catalogue gives a new one. Scores are between 0 and about 1.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bot.nlu.embedding import DIMENSIONS, embed_query
from bot.nlu.features import (
    SIZE,
    Glossary,
    inverse_frequency,
    sound_matrix,
    spelling_matrix,
    term_matrix,
    weigh,
    word_matrix,
)
from bot.nlu.text import has_latin, transliterate

# What each view of a text adds to the score; see docs/nlu.md.
VIEW_WEIGHTS = {"spelling": 0.22, "sound": 0.18, "words": 0.18, "terms": 0.24, "meaning": 0.18}
# How much a query must say in a view to be trusted there ("how much is it?" says nothing about a service).
VIEW_DOUBTS = {"spelling": 10.0, "sound": 6.0, "words": 4.0, "terms": 3.0}


@dataclass(frozen=True)
class Phrase:
    """One searchable text of an entry; vector is its unit sentence embedding, shape (512,)."""

    kind: str
    entry_id: str
    language: str
    role: str
    text: str
    vector: np.ndarray


@dataclass(frozen=True)
class Hit:
    """An entry with its score, and the phrase that matched best."""

    kind: str
    entry_id: str
    score: float
    phrase: str


@dataclass
class _View:
    """One way to look at the phrases: weighted rows of unit length."""

    weights: np.ndarray
    rows: sparse.csr_matrix


class Mentions:
    """Finds services that are called by a name or an alias, and words that tell siblings apart."""

    COVERED = 0.8
    # A name tells a service when its words belong to at most two families of services (passports, ID cards …).
    TELLING = 2.9
    # A word marks a service when this part of its phrases have it, and hardly any of the other's.
    MARKING, FOREIGN = 0.12, 0.04

    def __init__(self, phrases: Sequence[Phrase], glossary: Glossary) -> None:
        self._glossary = glossary
        services = [p for p in phrases if p.kind == "services"]
        named = [p for p in services if p.role in ("names", "aliases")]
        token_lists = [set(glossary.remembered_tokens_of(p.text)) for p in named]
        self._entries = [p.entry_id for p in named]
        owners: dict[str, set[str]] = {}
        for entry_id, tokens in zip(self._entries, token_lists, strict=True):
            for token in tokens:
                owners.setdefault(token, set()).add(family_of(entry_id))
        total = max(len({family_of(entry_id) for entry_id in self._entries}), 1)
        self._numbers = {token: number for number, token in enumerate(owners)}
        weights = [math.log1p(total / len(found)) for found in owners.values()]
        rows = [row for row, tokens in enumerate(token_lists) for _ in tokens]
        columns = [self._numbers[token] for tokens in token_lists for token in tokens]
        shape = (len(named), len(owners))
        self._names = sparse.csr_matrix(([weights[c] for c in columns], (rows, columns)), shape=shape)
        self._totals = np.asarray(self._names.sum(axis=1)).ravel()
        self._shares = _token_shares(services, glossary)
        self._proper = {token for p in services if p.role == "names" for token in glossary.remembered_tokens_of(p.text)}

    def find(self, text: str, said_of_current: Set[str] = frozenset()) -> dict[str, float]:
        """Service ids with the weight of the most telling name found.

        Words that the current service's own facts use say nothing about another, unless they are its proper name.
        """
        tokens = set(self._glossary.tokens_of(text)) - (said_of_current - self._proper)
        known = [self._numbers[token] for token in tokens if token in self._numbers]
        if not known or not len(self._totals):
            return {}
        query = np.zeros(self._names.shape[1])
        query[known] = 1
        matched = self._names @ query
        found: dict[str, float] = {}
        for row in np.flatnonzero((matched >= self.COVERED * self._totals) & (matched >= self.TELLING)):
            entry_id = self._entries[row]
            found[entry_id] = max(found.get(entry_id, 0.0), float(matched[row]))
        return found

    def tokens_of(self, texts: Iterable[str]) -> frozenset[str]:
        """The notions and sounds of some texts together."""
        return frozenset(token for text in texts for token in self._glossary.remembered_tokens_of(text))

    def marks(self, text: str, service_id: str, other_id: str) -> bool:
        """Whether a word of the text is one service's and not the other's."""
        mine, others = self._shares.get(service_id, {}), self._shares.get(other_id, {})
        return any(
            mine.get(token, 0.0) >= self.MARKING and others.get(token, 0.0) <= self.FOREIGN
            for token in set(self._glossary.tokens_of(text))
        )


def family_of(service_id: str) -> str:
    """Services about the same paper have ids that begin with the same word: cnie_renewal, cnie_minor."""
    return service_id.split("_", maxsplit=1)[0]


def _token_shares(phrases: Sequence[Phrase], glossary: Glossary) -> dict[str, dict[str, float]]:
    """For each entry, the part of its phrases that each token is in."""
    counts: dict[str, Counter[str]] = {}
    sizes: Counter[str] = Counter()
    for phrase in phrases:
        sizes[phrase.entry_id] += 1
        counts.setdefault(phrase.entry_id, Counter()).update(set(glossary.remembered_tokens_of(phrase.text)))
    return {
        entry_id: {token: count / sizes[entry_id] for token, count in found.items()}
        for entry_id, found in counts.items()
    }


class SearchIndex:
    """All phrases of the published entries, ready to be searched; `previous` saves hashing what it knew."""

    def __init__(self, phrases: Sequence[Phrase], glossary: Glossary, previous: "SearchIndex | None" = None) -> None:
        # An equal glossary of before is kept for what it remembers.
        self.glossary: Glossary = previous.glossary if previous and previous.glossary == glossary else glossary
        self.phrases = list(phrases)
        self.entries = sorted({(p.kind, p.entry_id) for p in phrases})
        number = {entry: i for i, entry in enumerate(self.entries)}
        self._groups = np.array([number[p.kind, p.entry_id] for p in phrases], dtype=np.int64)
        self._vectors = np.array([p.vector for p in phrases], dtype=np.float32).reshape(len(phrases), DIMENSIONS)
        self._counts = self._count([p.text for p in phrases], previous)
        self._views = {name: self._view(matrix) for name, matrix in self._counts.items()}
        self._starts = self._sort_by_entry()
        self.mentions = Mentions(self.phrases, self.glossary)

    def _count(self, texts: list[str], previous: "SearchIndex | None") -> dict[str, sparse.csr_matrix]:
        """Feature counts of all texts; rows of texts that the previous index had are taken over."""
        if previous is None or previous.glossary is not self.glossary or not previous.phrases:
            return self._matrices(texts)
        known = {phrase.text: row for row, phrase in enumerate(previous.phrases)}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        known |= {text: len(previous.phrases) + n for n, text in enumerate(fresh)}
        rows = [known[text] for text in texts]
        if not fresh:
            return {name: matrix[rows] for name, matrix in previous._counts.items()}
        new = self._matrices(fresh)
        return {name: sparse.vstack([previous._counts[name], new[name]]).tocsr()[rows] for name in new}

    def _matrices(self, texts: Sequence[str]) -> dict[str, sparse.csr_matrix]:
        if not texts:
            return {name: sparse.csr_matrix((0, SIZE)) for name in VIEW_DOUBTS}
        return {
            "spelling": spelling_matrix(texts),
            "sound": sound_matrix(texts),
            "words": word_matrix(texts),
            "terms": term_matrix(texts, self.glossary),
        }

    def _view(self, matrix: sparse.csr_matrix) -> _View:
        weights = inverse_frequency(matrix, self._groups)
        return _View(weights, weigh(matrix, weights))

    def _sort_by_entry(self) -> np.ndarray:
        """Remember where each entry's phrases lie once sorted, so that its best score is one reduction."""
        self._order = np.argsort(self._groups, kind="stable")
        return np.searchsorted(self._groups[self._order], np.arange(len(self.entries)))

    def phrase_scores(self, text: str) -> dict[str, np.ndarray]:
        """The similarity of a text to every phrase, by view, each of shape (phrases,)."""
        scores = {}
        for name, matrix in self._matrices([text]).items():
            query = weigh(matrix, self._views[name].weights, VIEW_DOUBTS[name])
            scores[name] = np.asarray((self._views[name].rows @ query.T).todense()).ravel()
        meaning = self._vectors @ embed_query(text)
        if has_latin(text):
            meaning = np.maximum(meaning, self._vectors @ embed_query(transliterate(text)))
        scores["meaning"] = np.clip(meaning, 0, 1)
        return scores

    def search(self, text: str, kinds: Sequence[str] = (), limit: int = 5) -> list[Hit]:
        """The best entries, best first; `kinds` keeps only these kinds."""
        if not self.phrases:
            return []
        views = self.phrase_scores(text)
        combined = sum(weight * views[name] for name, weight in VIEW_WEIGHTS.items())
        ordered = np.asarray(combined)[self._order]
        best = np.maximum.reduceat(ordered, self._starts)
        hits: list[Hit] = []
        for number in np.argsort(-best):
            kind, entry_id = self.entries[number]
            if kinds and kind not in kinds:
                continue
            end = self._starts[number + 1] if number + 1 < len(self._starts) else len(ordered)
            at = self._order[self._starts[number] + int(np.argmax(ordered[self._starts[number] : end]))]
            hits.append(Hit(kind, entry_id, float(best[number]), self.phrases[at].text))
            if len(hits) == limit:
                break
        return hits
