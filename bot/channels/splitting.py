"""Long texts in parts that a vendor takes, cut where a reader pauses; pure functions of their arguments."""

import re
import unicodedata
from collections.abc import Callable

Length = Callable[[str], int]

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# From the longest pause to the shortest; each matches up to where a part may end.
_SENTENCE = re.compile(r"[.!?؟…۔][\"'»”’)\]\u2069]*(?=\s)")
_WORD = re.compile(r"(?=\s)")
_PAUSES = (re.compile(r"(?=\n\s*\n)"), re.compile(r"(?=\n)"), _SENTENCE, _WORD)

# https://unicode.org/reports/tr29/: what belongs to the letter before it, or to the one after it. Categories tell most.
_JOINS_BEFORE = re.compile("[\u1160-\u11ff\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_JOINS_AFTER = re.compile("[\u0600-\u0605\u06dd\u070f\u08e2\u200d]")
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]+$")
_ELLIPSIS = "…"


def split(text: str, limit: int, length: Length) -> list[str]:
    """The text in parts of at most `limit`, ended at a paragraph, line, sentence or word; nothing but white space goes.

    `length` counts at least one for each character. A URL or a grapheme is cut only if it alone is longer than a part.
    """
    parts, rest = [], text.strip()
    while rest:
        fit = fitting(rest, limit, length)
        end = len(rest) if fit == len(rest) else _end_of_part(rest, fit)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def shorten(text: str, limit: int, length: Length) -> str:
    """The text if it is short enough, else its beginning, cut after a grapheme, with an ellipsis."""
    if length(text) <= limit:
        return text
    fit = fitting(text, limit - length(_ELLIPSIS), length)
    return text[: _grapheme_end(text, fit)].rstrip() + _ELLIPSIS


def utf16_units(text: str) -> int:
    """The length as Telegram and JavaScript count it: two for a character outside the basic plane."""
    return len(text) + sum(character > "\uffff" for character in text)


def fitting(text: str, limit: int, length: Length) -> int:
    """How many characters at the beginning are no longer than the limit; at least one, so that work goes on."""
    low, high = 1, max(1, min(len(text), limit))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= limit else (low, middle - 1)
    return low


def is_grapheme_end(text: str, at: int) -> bool:
    """Whether what a reader takes for one letter, sign or picture ends before this place."""
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return False
    if unicodedata.category(before) in ("Cc", "Zl", "Zp"):
        return True
    if unicodedata.category(after).startswith("M") or _JOINS_BEFORE.match(after) or _JOINS_AFTER.match(before):
        return False
    flags = _FLAG_LETTERS.search(text, 0, at) if _FLAG_LETTERS.match(after) else None
    return not (flags and len(flags.group()) % 2)


def _end_of_part(text: str, fit: int) -> int:
    """Where to cut a text of which only the first `fit` characters have room."""
    for pause in _PAUSES:
        # A pause in the first half would leave a stump; a smaller one further on reads better.
        if end := _last_end(pause, text, fit, at_least=fit // 2):
            return end
    return _last_end(_WORD, text, fit, at_least=0) or _end_inside_word(text, fit)


def _last_end(pause: re.Pattern[str], text: str, fit: int, *, at_least: int) -> int:
    ends = (match.end() for match in pause.finditer(text, 0, fit + 1))
    return max((end for end in ends if at_least < end <= fit), default=0)


def _end_inside_word(text: str, fit: int) -> int:
    end = _grapheme_end(text, fit)
    for url in URL.finditer(text, 0, fit + 1):
        if 0 < url.start() < end < url.end():
            return url.start()
    return end


def _grapheme_end(text: str, fit: int) -> int:
    return next((at for at in range(fit, 0, -1) if is_grapheme_end(text, at)), fit)
