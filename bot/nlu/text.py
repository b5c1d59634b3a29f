"""Text as citizens type it, made comparable: hygiene at the edge, folding, sound skeletons, Arabic letters for Latin.

Everything here is a pure function of its argument; both Rasa (Python 3.10) and the search use it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Dict, List, Tuple

MAX_CHARACTERS = 2000
# The same words and questions come again and again.
REMEMBERED = 16_384
LONGEST_REMEMBERED = 200

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0640]")
_MARKS = re.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")
_ELONGATION = re.compile(r"([^\W\d_])\1{2,}")
_NO_WORD = re.compile(r"[\W_]+")
_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
_LATIN = re.compile(r"[a-zA-Z\u00c0-\u024f]")

_FOLD = str.maketrans(
    {
        **dict.fromkeys("آأإٱ", "ا"),
        **dict.fromkeys("ىئیې", "ي"),
        **dict.fromkeys("ؤۋ", "و"),
        **dict.fromkeys("ةۃە", "ه"),
        **dict.fromkeys("گڭݣک", "ك"),
        "ء": "",
        "پ": "ب",
        "ڤ": "ف",
        "چ": "ش",
        "œ": "oe",
        "æ": "ae",
        **{chr(base + digit): str(digit) for base in (0x660, 0x6F0) for digit in range(10)},
    }
)


def clean(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Make a vendor's text storable: NFC, no NUL, no controls but newline and tab, no lone surrogates, capped."""
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))[:limit].strip()


def has_arabic(text: str) -> bool:
    """Whether any Arabic letter occurs."""
    return bool(_ARABIC.search(text))


def has_latin(text: str) -> bool:
    """Whether any Latin letter occurs."""
    return bool(_LATIN.search(text))


def normalise(text: str) -> str:
    """Fold spelling: case, accents, harakat, tatweel, hamza seats, ta marbuta, digits, elongation, punctuation."""
    return _normalised(text) if len(text) <= LONGEST_REMEMBERED else _folded(text)


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).lower()
    text = _INVISIBLE.sub("", text).translate(_FOLD)
    text = _MARKS.sub("", unicodedata.normalize("NFD", text)).translate(_FOLD)
    text = _ELONGATION.sub(r"\1", unicodedata.normalize("NFC", text))
    return " ".join(_NO_WORD.sub(" ", text).split())


_normalised = lru_cache(maxsize=REMEMBERED)(_folded)


# Latin-letter Darija: the letters of chat spelling, longest first, in Arabic letters.
_ARABIZI: Tuple[Tuple[str, str], ...] = (
    ("tion", "سيون"),
    ("tch", "تش"),
    ("ch", "ش"),
    ("sh", "ش"),
    ("kh", "خ"),
    ("gh", "غ"),
    ("th", "ت"),
    ("dh", "د"),
    ("ph", "ف"),
    ("qu", "ك"),
    ("ou", "و"),
    ("oo", "و"),
    ("ee", "ي"),
    ("ai", "ي"),
    ("ei", "ي"),
    ("eau", "و"),
    ("au", "و"),
    ("2", ""),
    ("3", "ع"),
    ("4", "غ"),
    ("5", "خ"),
    ("6", "ط"),
    ("7", "ح"),
    ("8", "ه"),
    ("9", "ق"),
    ("a", "ا"),
    ("b", "ب"),
    ("c", "ك"),
    ("d", "د"),
    ("e", ""),
    ("f", "ف"),
    ("g", "ك"),
    ("h", "ه"),
    ("i", "ي"),
    ("j", "ج"),
    ("k", "ك"),
    ("l", "ل"),
    ("m", "م"),
    ("n", "ن"),
    ("o", "و"),
    ("p", "ب"),
    ("q", "ق"),
    ("r", "ر"),
    ("s", "س"),
    ("t", "ت"),
    ("u", "و"),
    ("v", "ف"),
    ("w", "و"),
    ("x", "ش"),
    ("y", "ي"),
    ("z", "ز"),
)
_ARABIZI_FIRST: Dict[str, List[Tuple[str, str]]] = {}
for _latin, _arabic in sorted(_ARABIZI, key=lambda pair: -len(pair[0])):
    _ARABIZI_FIRST.setdefault(_latin[0], []).append((_latin, _arabic))


@lru_cache(maxsize=REMEMBERED)
def transliterate_word(word: str) -> str:
    """A normalised Latin-letter word in Arabic letters, as Darija would be written; other words unchanged."""
    if not _LATIN.search(word):
        return word
    out: List[str] = []
    at = 0
    while at < len(word):
        for latin, arabic in _ARABIZI_FIRST.get(word[at], ()):
            if word.startswith(latin, at):
                out.append("س" if latin == "c" and word[at + 1 : at + 2] in ("e", "i", "y") else arabic)
                at += len(latin)
                break
        else:
            out.append(word[at])
            at += 1
    return re.sub(r"(.)\1+", r"\1", "".join(out)) or word


def transliterate(text: str) -> str:
    """Normalised text with its Latin-letter words in Arabic letters."""
    return " ".join(transliterate_word(word) for word in normalise(text).split())


# The sound skeleton: consonants only, in one alphabet for both scripts, emphatics and look-alikes merged.
_SOUNDS = str.maketrans(
    {
        "ب": "b",
        "ت": "t",
        "ث": "t",
        "ط": "t",
        "ج": "j",
        "ح": "7",
        "خ": "x",
        "د": "d",
        "ذ": "d",
        "ض": "d",
        "ظ": "d",
        "ر": "r",
        "ز": "z",
        "س": "s",
        "ص": "s",
        "ش": "c",
        "ع": "3",
        "غ": "g",
        "ف": "f",
        "ق": "q",
        "ك": "k",
        "ل": "l",
        "م": "m",
        "ن": "n",
        "ه": "h",
        "و": "w",
        "ي": "y",
        "ا": "",
    }
)
_GLIDES = re.compile(r"(?<=.)[wyh]+")


_ARTICLES = re.compile(r"^(?:و?(?:بال|فال|كال|لل|ال)|ول|فل|بل|و|ف|ب|ل)(?=\w{3,})")
_LATIN_ARTICLES = re.compile(r"^(?:wl|fl|bl|el|al|la|le|l)(?=\w{3,})")
# "land" is no "l" before "and".
_NO_STEMS = {"and", "est", "ass", "ist"}


def stem(word: str) -> str:
    """The word without a glued article or preposition."""
    bare = _LATIN_ARTICLES.sub("", _ARTICLES.sub("", word))
    return word if bare in _NO_STEMS else bare


@lru_cache(maxsize=REMEMBERED)
def skeleton(word: str) -> str:
    """The consonants of a normalised word, the same for لوراق, lwra9 and louraq: `lrq`."""
    sounds = transliterate_word(word).translate(_SOUNDS)
    bare = re.sub(r"(.)\1+", r"\1", _GLIDES.sub("", sounds))
    return bare or sounds or word


def vowelled_sound(word: str) -> str:
    """The sound of a normalised word with its long vowels, in one alphabet for both scripts: رباط is `rbat`."""
    sounds = re.sub("ه$", "ا", transliterate_word(word)).replace("ا", "a").translate(_SOUNDS)
    return re.sub(r"(.)\1+", r"\1", sounds)


def skeletons(text: str) -> str:
    """The skeletons of all words of a text, joined by spaces."""
    return " ".join(skeleton(word) for word in normalise(text).split())
