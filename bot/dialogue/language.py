"""In which variety a citizen writes, and in which one we reply.

A small classifier of character n-grams (logistic regression over hashed counts), kept as plain arrays. The reply
language is sticky: it changes on request or on clear evidence, never for an "ok".
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer

from bot.errors import JawabError
from bot.nlu.languages import Language
from bot.nlu.text import has_arabic, has_latin, normalise, skeleton
from bot.settings import DETECTOR

SIZE = 2**16
FEWEST_WORDS = 3
FEWEST_LETTERS = 9
CLEAR_LEAD = 0.55
ARABIC_LETTERS = (Language.ARABIC, Language.DARIJA)
LATIN_LETTERS = (Language.DARIJA_LATIN, Language.FRENCH, Language.ENGLISH)
DEFAULT = Language.ARABIC

NGRAMS = HashingVectorizer(
    analyzer="char_wb", ngram_range=(1, 4), n_features=SIZE, norm="l2", alternate_sign=False, lowercase=False
)

# How people name a language that they ask for; compared by sound, in any script.
_NAMES: dict[Language, tuple[str, ...]] = {
    Language.FRENCH: (
        "français",
        "francais",
        "french",
        "الفرنسية",
        "بالفرنسية",
        "فرونسي",
        "fransiya",
        "lfransawiya",
        "فرنساوية",
    ),
    Language.ENGLISH: (
        "anglais",
        "english",
        "الإنجليزية",
        "انجليزية",
        "نكليزية",
        "nglizia",
        "negliziya",
        "لونكلي",
    ),
    Language.DARIJA: ("darija", "الدارجة", "بالدارجة", "marocain", "المغربية", "derja", "moroccan"),
    Language.ARABIC: (
        "arabe",
        "arabic",
        "العربية",
        "بالعربية",
        "3arbiya",
        "l3arabiya",
        "عربي",
        "الفصحى",
        "fos7a",
    ),
}
_LATIN_SCRIPT = ("latin", "latine", "latines", "لاتينية", "latiniya", "arabizi")
_ARABIC_SCRIPT = (
    "lettres arabes",
    "arabic letters",
    "arabic script",
    "حروف عربية",
    "الحروف العربية",
    "7rouf 3arbiya",
)


class DetectorError(JawabError):
    """The language detector cannot be trained or loaded."""


@dataclass(frozen=True)
class Detector:
    """Weights of shape (SIZE, languages) and a bias of shape (languages,)."""

    languages: tuple[Language, ...]
    weights: np.ndarray
    bias: np.ndarray

    def chances(self, text: str) -> dict[Language, float]:
        """The probability of each variety; only those of the text's script can have any."""
        row: sparse.csr_matrix = NGRAMS.transform([normalise(text)])
        scores = np.asarray(row @ self.weights).ravel() + self.bias
        allowed = np.array([language in _possible(text) for language in self.languages])
        odds = np.where(allowed, np.exp(scores - scores.max()), 0.0)
        total = float(odds.sum()) or 1.0
        return {language: float(odd) / total for language, odd in zip(self.languages, odds, strict=True)}


def _possible(text: str) -> tuple[Language, ...]:
    """The varieties of the script that most letters are in."""
    arabic = sum(1 for letter in text if has_arabic(letter))
    latin = sum(1 for letter in text if has_latin(letter))
    return ARABIC_LETTERS if arabic >= latin else LATIN_LETTERS


@lru_cache(maxsize=4)
def load_detector(root: Path) -> Detector:
    """The trained detector of a repository; raises DetectorError when there is none."""
    path = root / DETECTOR
    if not path.is_file():
        raise DetectorError(f"{path} is missing: run `jawab train`")
    with np.load(path, allow_pickle=False) as arrays:
        languages = tuple(Language(code) for code in json.loads(str(arrays["languages"])))
        return Detector(languages, arrays["weights"].astype(np.float32), arrays["bias"])


def reply_language(detector: Detector, text: str, previous: Language | None, *, chosen: bool = False) -> Language:
    """The variety to reply in: as before, unless this text clearly is in another (and none was asked for)."""
    if chosen and previous:
        return previous
    folded = normalise(text)
    if not any(letter.isalpha() for letter in folded):
        return previous or DEFAULT
    chances = detector.chances(text)
    best = max(chances, key=lambda language: chances[language])
    if previous is None or previous is best:
        return best
    if len(folded.split()) < FEWEST_WORDS or len(folded) < FEWEST_LETTERS:
        return previous
    return best if chances[best] - chances.get(previous, 0.0) >= CLEAR_LEAD else previous


def has_words(text: str) -> bool:
    """Whether a text tells anything of its variety: /start is what a telephone writes, and a number is a number."""
    return not text.startswith("/") and any(letter.isalpha() for letter in text)


def language_asked_for(text: str) -> Language | None:
    """The variety that a text names ("en français svp", "هضر معايا بالدارجة"), or None."""
    folded = f" {normalise(text)} "
    sounds = f" {' '.join(skeleton(word) for word in folded.split())} "
    named = next((language for language, names in _NAMES.items() if _mentions(folded, sounds, names)), None)
    if _mentions(folded, sounds, _LATIN_SCRIPT):
        return Language.DARIJA_LATIN
    if _mentions(folded, sounds, _ARABIC_SCRIPT):
        return Language.DARIJA if named is Language.DARIJA else Language.ARABIC
    if named is Language.DARIJA and not has_arabic(text):
        return Language.DARIJA_LATIN
    return named


def _mentions(folded: str, sounds: str, names: Iterable[str]) -> bool:
    return any(
        f" {normalise(name)} " in folded or (len(name) > 5 and f" {_sound(name)} " in sounds)  # noqa: PLR2004
        for name in names
    )


def _sound(name: str) -> str:
    return " ".join(skeleton(word) for word in normalise(name).split())
