"""Words that say something whatever else is said: courtesies around a question, danger, a wish to die."""

import re
from pathlib import Path
from typing import Dict, List, Sequence, Set, Text, Tuple

import yaml

from bot.nlu.text import normalise, stem

NOTIONS = Path("data/notions.yaml")
KIND = ("hello", "thanks", "please")
AGREEING = (*KIND, "agree", "well")
YES_OR_NO = ("agree", "refuse")
CRY = ("cry",)
DANGER = (*CRY, "danger", "rescue")
SELF_HARM = ("self_harm",)
INSULT = ("insult", "threat")
# What settles an unsure message: asked for our inside, told of a prize, asked for a vote or for a court's judgement.
SETTLED = {
    "ask_capabilities": ("inside",),
    "verify_message": ("prize",),
    "out_of_scope": ("vote_choice", "verdict"),
}
# Notions that ask nothing by themselves.
SILENT = {
    *KIND,
    *AGREEING,
    "lost",
    "want",
    "refuse",
    "foreign",
    "private",
    "bye",
    *CRY,
    "danger",
    "rescue",
    "insult",
    *(kind for kinds in SETTLED.values() for kind in kinds),
}
MOST_WORDS, MOST_LATIN_WORDS = 6, 8
_WORD = re.compile(r"\w+")
_AND = re.compile(r"^(?:(?:et|and|ou|wou|w|o|u)\b|و)", re.IGNORECASE)


def is_elliptic(text: Text, asking: "Spotter") -> bool:
    """Whether a text only names another case of the question before: "et pour un mineur ?", «وللقاصر؟»."""
    begun = _AND.match(text.strip())
    if begun is None:
        return False
    # An Arabic "and" is a letter that many a word begins with: there, only few words are sure to be no sentence.
    most = MOST_WORDS if begun.group() == "و" else MOST_LATIN_WORDS
    return len(_WORD.findall(text)) <= most and not asking.spots(text)


LONGEST = 5
_WORDS = re.compile(r"\S+")


def read_notions(path: Path = NOTIONS) -> Dict[Text, List[Text]]:
    """The spellings of each notion; raises OSError and yaml.YAMLError."""
    found: Dict[Text, List[Text]] = yaml.safe_load(path.read_text(encoding="utf-8"))["notions"]
    return found


class Spotter:
    """Tells whether any spelling of some notions occurs in a text."""

    def __init__(self, notions: "Dict[Text, List[Text]]", kinds: Sequence[Text]) -> None:
        self._phrases = {normalise(phrase) for kind in kinds for phrase in notions[kind]}

    def spots(self, text: Text) -> bool:
        """Whether a spelling stands in the text as whole words, articles and prefixes aside."""
        words = normalise(text).split()
        for first in range(len(words)):
            for length in range(1, min(LONGEST, len(words) - first) + 1):
                run = words[first : first + length]
                if " ".join(run) in self._phrases or " ".join([stem(run[0]), *run[1:]]) in self._phrases:
                    return True
        return False


class Courtesies:
    """Phrases that may stand before or behind a question without changing it."""

    def __init__(self, notions: "Dict[Text, List[Text]]", kinds: Sequence[Text]) -> None:
        self._phrases: Set[Text] = {normalise(phrase) for kind in kinds for phrase in notions[kind]}

    def without(self, text: Text) -> Text:
        """The text without courtesies at either end; the text itself when nothing else is said."""
        words = [(match.start(), match.end(), normalise(match.group())) for match in _WORDS.finditer(text)]
        first, last = 0, len(words)
        end = last
        while first < last and (length := self._leading(words[first:last])):
            first += length
        while first < last and (length := self._trailing(words[first:last])):
            # A question mark by itself is the question's, unless a courtesy stood before it.
            end = last - length if any(word for _, _, word in words[last - length : last]) else end
            last -= length
        return text[words[first][0] : words[end - 1][1]] if first < last else text

    def _leading(self, words: "Sequence[Tuple[int, int, Text]]") -> int:
        for length in range(min(LONGEST, len(words)), 0, -1):
            if self._is_kind(words[:length]):
                return length
        return 0

    def _trailing(self, words: "Sequence[Tuple[int, int, Text]]") -> int:
        for length in range(min(LONGEST, len(words)), 0, -1):
            if self._is_kind(words[-length:]):
                return length
        return 0

    def _is_kind(self, words: "Sequence[Tuple[int, int, Text]]") -> bool:
        said = " ".join(word for _, _, word in words if word)
        if len(words) == 1 and not said:
            return True
        return bool(words[0][2] and words[-1][2]) and said in self._phrases
