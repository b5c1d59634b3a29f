"""Words that nobody knows, read as the known word that was meant: a slip of the finger, a space left out."""

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Dict, FrozenSet, Iterable, Mapping, Optional, Text

from symspellpy import SymSpell, Verbosity

from bot.nlu.text import has_latin, normalise

SHORTEST_SLIP = 5
SHORTEST_JOINED = 6
SHORTEST_PART = 2
# A word must be known this often to be what was meant, and to be a part of a joined word.
KNOWN_OFTEN = 2
PART_OFTEN = 3
REMEMBERED = 4096
# "And", "so" or "in", "by", "for", "like": one letter, written to the word that follows.
PREFIXES = ("و", "ف", "ب", "ل", "ك")


# Chat spellings of one sound: lwra9, lwraq and louerak are one key.
_SAME_SOUND = (
    *(("5", "kh"), ("4", "gh"), ("sh", "ch"), ("x", "ch"), ("ou", "u"), ("oo", "u"), ("ee", "i")),
    *(("w", "u"), ("o", "u"), ("y", "i"), ("7", "h"), ("8", "h"), ("9", "k"), ("q", "k"), ("3", ""), ("2", "")),
    ("e", ""),
)
_DOUBLED = re.compile(r"(.)\1+")
SHORTEST_KEY = 4


def chat_key(word: Text) -> Text:
    """A Latin-letter word without the choices that people make in chat: digits or letters, ou or w, e or nothing."""
    for one, other in _SAME_SOUND:
        word = word.replace(one, other)
    return _DOUBLED.sub(r"\1", word)


def count_words(texts: Iterable[Text]) -> "Counter[Text]":
    """How often each normalised word occurs."""
    counts: "Counter[Text]" = Counter()
    for text in texts:
        counts.update(normalise(text).split())
    return counts


def everyday_words(data: Path) -> "FrozenSet[Text]":
    """The normalised words of all training examples and notions below a folder: nobody slipped who writes them."""
    files = [*sorted((data / "nlu").glob("*.yml")), data / "notions.yaml"]
    return frozenset(word for file in files for word in normalise(file.read_text(encoding="utf-8")).split())


class Vocabulary:
    """Known words with their counts; unknown ones one slip away from a known one, or two in one, are repaired.

    Everyday words are left alone, and are never what an unknown word is read as.
    """

    def __init__(self, counts: "Mapping[Text, int]", everyday: "FrozenSet[Text]" = frozenset()) -> None:
        self._everyday = everyday
        self._counts: Dict[Text, int] = {}
        self._near = SymSpell(max_dictionary_edit_distance=1, prefix_length=7)
        self._keys: Dict[Text, Text] = {}
        self._repaired = lru_cache(maxsize=REMEMBERED)(self._repair_word)
        self.learn(counts)

    def learn(self, counts: "Mapping[Text, int]") -> None:
        """Know these words too; what was known stays known."""
        for word, count in counts.items():
            if word in self._counts:
                continue
            self._counts[word] = count
            if has_latin(word):
                key = chat_key(word)
                if count > self._counts.get(self._keys.get(key, ""), 0):
                    self._keys[key] = word
            if count >= KNOWN_OFTEN and len(word) >= SHORTEST_SLIP - 1:
                self._near.create_dictionary_entry(word, count)
        self._repaired.cache_clear()

    def repair(self, text: Text) -> Text:
        """The normalised text with unknown words repaired where one known reading is near."""
        return " ".join(self._repaired(word) for word in normalise(text).split())

    def _is_known(self, word: Text) -> bool:
        """Whether a word is known, or is one with "and", "in", "for" … written to it: nobody slipped there."""
        bare = word[1:] if word[:1] in PREFIXES and len(word) >= SHORTEST_SLIP else word
        return any(one in self._counts or one in self._everyday for one in (word, bare))

    def knows(self, word: Text) -> bool:
        """Whether a normalised word is one of those that were learnt."""
        return word in self._counts

    def count_known(self, text: Text) -> int:
        """How many words of a repaired text are known."""
        return sum(map(self._is_known, normalise(text).split()))

    def _repair_word(self, word: Text) -> Text:
        if self._is_known(word):
            return word
        key = chat_key(word) if has_latin(word) else ""
        if len(key) >= SHORTEST_KEY and key in self._keys:
            return self._keys[key]
        if not word.isalpha() or len(word) < SHORTEST_SLIP:
            return word
        return self._nearest(word) or self._parted(word) or word

    def _nearest(self, word: Text) -> Optional[Text]:
        found = self._near.lookup(word, Verbosity.CLOSEST, max_edit_distance=1)
        # People slip inside a word; another first letter is mostly another word.
        return next((one.term for one in found if one.term[0] == word[0]), None)

    def _parted(self, word: Text) -> Optional[Text]:
        if len(word) < SHORTEST_JOINED:
            return None
        best, score = None, 0
        for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            counts = self._counts.get(word[:at], 0), self._counts.get(word[at:], 0)
            if min(counts) >= PART_OFTEN and counts[0] * counts[1] > score:
                best, score = f"{word[:at]} {word[at:]}", counts[0] * counts[1]
        return best
