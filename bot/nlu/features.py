"""Words and sounds as numbers: hashed n-grams of spelling, of sound skeletons, and of known notions.

Hashing needs no vocabulary, so training, serving and search agree in every process without a file.
"""

from typing import Dict, List, Mapping, Sequence, Tuple

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from bot.nlu.text import normalise, skeleton, stem

SIZE = 2**18
LONGEST_TERM = 5
SHORTEST_SOUND = 4


class Glossary:
    """Finds notions ("national ID card") by any of their spellings; spellings map to one term id each."""

    def __init__(self, terms: "Mapping[str, Sequence[str]]") -> None:
        self.terms = terms
        self._exact: Dict[str, str] = {}
        self._sounds: Dict[str, str] = {}
        self._remembered: Dict[str, List[str]] = {}
        for term, spellings in terms.items():
            for spelling in spellings:
                words = normalise(spelling).split()
                if not words:
                    continue
                self._exact.setdefault(" ".join(words), term)
                self._exact.setdefault(" ".join([stem(words[0]), *words[1:]]), term)
                sound = " ".join(skeleton(stem(word)) for word in words)
                if len(sound.replace(" ", "")) >= SHORTEST_SOUND:
                    self._sounds.setdefault(sound, term)

    def __eq__(self, other: object) -> bool:
        """Two glossaries are equal when they were made of the same spellings."""
        return isinstance(other, Glossary) and self.terms == other.terms

    __hash__ = None  # type: ignore[assignment]

    def tokens_of(self, text: str) -> List[str]:
        """A text as notions: `§term` for a known spelling, the sound of the stem for any other word."""
        words = normalise(text).split()
        stems = [stem(word) for word in words]
        sounds = [skeleton(stem) for stem in stems]
        tokens: List[str] = []
        at = 0
        while at < len(words):
            term, length = self._longest(words, stems, sounds, at)
            tokens.append(f"§{term}" if term else sounds[at])
            at += length
        return tokens

    def remembered_tokens_of(self, text: str) -> List[str]:
        """Like tokens_of, for texts that come again: the phrases of the catalogue."""
        tokens = self._remembered.get(text)
        if tokens is None:
            tokens = self._remembered[text] = self.tokens_of(text)
        return tokens

    def _longest(self, words: List[str], stems: List[str], sounds: List[str], at: int) -> "Tuple[str, int]":
        for length in range(min(LONGEST_TERM, len(words) - at), 0, -1):
            rest = words[at + 1 : at + length]
            for first in (words[at], stems[at]):
                term = self._exact.get(" ".join([first, *rest]))
                if term:
                    return term, length
            term = self._sounds.get(" ".join(sounds[at : at + length]))
            if term:
                return term, length
        return "", 1


_SPELLING = HashingVectorizer(
    analyzer="char_wb", ngram_range=(2, 5), n_features=SIZE, norm=None, alternate_sign=False, lowercase=False
)
_SOUND = HashingVectorizer(
    analyzer="char_wb", ngram_range=(2, 4), n_features=SIZE, norm=None, alternate_sign=False, lowercase=False
)
_WORDS = HashingVectorizer(
    token_pattern=r"\S+",  # noqa: S106 (no password: the pattern of a word)
    ngram_range=(1, 2),
    n_features=SIZE,
    norm=None,
    alternate_sign=False,
    lowercase=False,
)


def spelling_matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Character n-grams (2-5, within words) of normalised texts, counts, shape (len(texts), SIZE)."""
    return _SPELLING.transform([normalise(text) for text in texts])


def sound_matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Character n-grams (2-4) of the sound skeletons, the same for both scripts, shape (len(texts), SIZE)."""
    return _SOUND.transform([" ".join(skeleton(word) for word in normalise(text).split()) for text in texts])


def word_matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Words and pairs of words, by their sound skeletons, shape (len(texts), SIZE)."""
    return _WORDS.transform([" ".join(skeleton(stem(w)) for w in normalise(text).split()) for text in texts])


def term_matrix(texts: Sequence[str], glossary: Glossary) -> sparse.csr_matrix:
    """Glossary terms and pairs of neighbouring terms, shape (len(texts), SIZE)."""
    tokens = (glossary.tokens_of(text) for text in texts)
    return _WORDS.transform([" ".join(token for token in one if token.startswith("§")) for one in tokens])


SUBJECT = "§subject"
_PATTERNS = HashingVectorizer(
    token_pattern=r"\S+",  # noqa: S106 (no password: the pattern of a word)
    ngram_range=(1, 3),
    n_features=SIZE,
    norm=None,
    alternate_sign=False,
    lowercase=False,
)


class Patterns:
    """How a message is built, whatever it is about: notions by name, known subjects as one, in all varieties alike."""

    def __init__(self, notions: "Mapping[str, Sequence[str]]", subjects: "Sequence[str]") -> None:
        self._glossary = Glossary({**notions, SUBJECT[1:]: subjects})

    def tokens_of(self, text: str) -> List[str]:
        """Notions as `§name`, subjects as `§subject`, other words as sounds."""
        return self._glossary.tokens_of(text)

    def matrices(self, texts: Sequence[str]) -> List[sparse.csr_matrix]:
        """Runs of 1-3 tokens with other words kept, and with other words as gaps; each of shape (len(texts), SIZE)."""
        found = [self.tokens_of(text) for text in texts]
        views = [" ".join(one) for one in found], [" ".join(_gapped(one)) for one in found]
        return [_unit_rows(_PATTERNS.transform(view)) for view in views]


def _gapped(tokens: Sequence[str]) -> List[str]:
    """Tokens with every run of unknown words, or of subjects, as one."""
    known = [token if token.startswith("§") else "_" for token in tokens]
    before = ["", *known]
    return [token for token, last in zip(known, before, strict=False) if token != last or token not in ("_", SUBJECT)]


def inverse_frequency(matrix: sparse.csr_matrix, groups: np.ndarray) -> np.ndarray:
    """Weight of each feature by how few groups of rows (entries) have it, shape (features,), float32."""
    coo = matrix.tocoo()
    pairs = sparse.csr_matrix(
        (np.ones(len(coo.data), dtype=np.float32), (groups[coo.row], coo.col)),
        shape=(int(groups.max()) + 1 if len(groups) else 1, matrix.shape[1]),
    )
    pairs.data[:] = 1.0
    frequency = np.asarray(pairs.sum(axis=0)).ravel()
    total = pairs.shape[0]
    weights: np.ndarray = np.log1p((total - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    return weights


def weigh(matrix: sparse.csr_matrix, weights: np.ndarray, doubt: float = 0.0) -> sparse.csr_matrix:
    """Rows with dampened counts times weights, unit length; `doubt` shortens rows that say little (a query's)."""
    weighted = matrix.astype(np.float32)
    weighted.data = (1 + np.log(weighted.data)) * weights[weighted.indices]
    return _shortened(weighted, doubt)


def _unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    damped = matrix.astype(np.float32)
    damped.data = np.log1p(damped.data)
    return _shortened(damped, 0.0)


def _shortened(matrix: sparse.csr_matrix, doubt: float) -> sparse.csr_matrix:
    """The matrix itself, each row divided by its length and doubt: for one row quicker than sparse algebra."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    squares = np.bincount(rows, weights=matrix.data**2, minlength=matrix.shape[0])
    norms = np.sqrt(squares + doubt**2).astype(np.float32)
    matrix.data /= norms[rows]
    return matrix


def ngram_views(texts: Sequence[str]) -> List[sparse.csr_matrix]:
    """Spelling, sound and word features with damped counts and unit rows, each of shape (len(texts), SIZE)."""
    return [_unit_rows(view(texts)) for view in (spelling_matrix, sound_matrix, word_matrix)]
