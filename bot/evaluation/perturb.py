"""A message as another hand would have typed it: one small, realistic change at a time, the same one for the same seed.

Every change takes a source of chance, the message and its variety (the codes of eval/README.md), and gives the changed
message, or the same one when there is nothing in it to change.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise

from bot.nlu.text import has_arabic, has_latin

SMALL_TALK = frozenset({"greet", "goodbye", "thank", "affirm", "deny"})
MIXED = "mix"
DARIJA_LATIN = "ary-latn"

_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u0652\u0670]")
_PLAIN = str.maketrans("أإآٱؤئةى", "ااااويهي", "ء")
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<![^\W\d_])(?<!\d)\d+(?!\d)(?![^\W\d_])")
_SPOKEN = re.compile(r"[^\w\s'’/@%.-]|[.-](?!\w)|(?<!\w)[.-]")
_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_CHAT_WORD = re.compile(r"[^\s]*(?:[A-Za-z][2-9]|[2-9][A-Za-z])[^\s]*")

# The keys as they lie, row under row; a space is a key without one letter of its own.
_KEYBOARDS = {
    "qwerty": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "azerty": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    "arabic": ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤر ىةوزظ"),
}
_SHORTEST_SLIP = 4
_LONG = 8

_EMOJI = ("🙏", "😊", "😅", "🤔", "👍", "❤️", "😢", "🙏🙏", "😂😂😂", "🇲🇦", "👋🏽", "📄")
_GREETINGS = {
    "ar": ("السلام عليكم", "السلام عليكم ورحمة الله وبركاته", "صباح الخير", "تحية طيبة", "مساء الخير"),
    "ary": ("السلام عليكم خويا", "سلام", "صباح الخير", "أهلا", "السلام ختي"),
    "ary-latn": ("salam", "slm khoya", "salam 3alikom", "sba7 lkhir", "ahlan"),
    "fr": ("Bonjour", "Bonsoir", "Salut", "Bonjour Madame, Monsieur", "bjr"),
    "en": ("Hello", "Hi there", "Good morning", "Good evening", "Hey"),
}
_PLEASE = {
    "ar": ("من فضلك", "لو سمحتم", "رجاء"),
    "ary": ("عافاك", "الله يخليك", "الله يرحم الوالدين"),
    "ary-latn": ("3afak", "lah ykhellik", "lah yr7em lwalidin"),
    "fr": ("s'il vous plaît", "svp", "s'il te plaît"),
    "en": ("please", "pls", "if you don't mind"),
}
_THANKS = {
    "ar": ("شكرا جزيلا", "وشكرا مسبقا", "جزاكم الله خيرا"),
    "ary": ("شكرا بزاف", "الله يجازيك بخير", "بارك الله فيك"),
    "ary-latn": ("chokran bzaf", "lah yjazik bikhir", "merci bzaf"),
    "fr": ("merci d'avance", "merci beaucoup", "merci bien"),
    "en": ("thanks in advance", "thank you very much", "thanks"),
}
# One habit of chat spelling for another; the first kind needs a digit that stands for a letter.
_DIGIT_HABITS = (("3", "a"), ("3", "aa"), ("7", "h"), ("9", "q"), ("9", "k"), ("5", "kh"), ("2", "a"), ("8", "h"))
_LETTER_HABITS = (
    ("ch", "sh"),
    ("ch", "x"),
    ("kh", "5"),
    ("kh", "x"),
    ("gh", "4"),
    ("q", "9"),
    ("ou", "o"),
    ("ou", "u"),
)

Change = Callable[[random.Random, str, str], str]


def drop_marks(_chance: random.Random, text: str, _language: str) -> str:
    """No harakat, hamza, dots of ta marbuta or final ya in Arabic letters; no accents in Latin ones."""
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", plain)))


def repeat_letters(chance: random.Random, text: str, _language: str) -> str:
    """One letter held down: three to six of it."""
    places = [match.start() + at for match in _LETTERS.finditer(text) for at in range(1, len(match.group()))]
    if not places:
        return text
    place = chance.choice(places)
    return text[:place] + text[place] * chance.randint(3, 6) + text[place + 1 :]


def drop_spaces(chance: random.Random, text: str, _language: str) -> str:
    """One space missing between words, two in a long message."""
    spaces = [match.start() for match in re.finditer(r"(?<=\w) (?=\w)", text)]
    missing = set(chance.sample(spaces, min(len(spaces), 2 if len(spaces) > _LONG else 1)))
    return "".join(sign for at, sign in enumerate(text) if at not in missing)


def slip(chance: random.Random, text: str, language: str) -> str:
    """One word with the neighbouring key, a letter left out, or two letters in the wrong order; its first one stays."""
    words = [match for match in _LETTERS.finditer(text) if len(match.group()) >= _SHORTEST_SLIP]
    if not words:
        return text
    word = chance.choice(words)
    at = chance.randrange(word.start() + 1, word.end() - 1)
    kind = chance.choice(("neighbour", "neighbour", "left out", "swapped"))
    if kind == "left out":
        return text[:at] + text[at + 1 :]
    near = neighbours(text[at], keyboard(text[at], language))
    if kind == "swapped" or not near:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + chance.choice(near) + text[at + 1 :]


def keyboard(letter: str, language: str) -> str:
    """The keyboard on which a letter is typed: Arabic 101, AZERTY, or QWERTY for English."""
    if has_arabic(letter):
        return "arabic"
    return "qwerty" if language == "en" else "azerty"


def neighbours(letter: str, layout: str) -> list[str]:
    """The letters on the keys that touch a letter's key; none for a letter that is not on the keyboard."""
    found: list[str] = []
    rows = _KEYBOARDS[layout]
    for row in rows:
        found += [other for pair in pairwise(row) for letter_, other in (pair, pair[::-1]) if letter_ == letter.lower()]
    for upper, lower in pairwise(rows):
        for at, key in enumerate(lower):
            above = upper[at : at + 2]
            found += list(above) if key == letter.lower() else []
            found += [key] if letter.lower() in above else []
    return [key for key in found if key != " "]


def eastern_digits(_chance: random.Random, text: str, _language: str) -> str:
    """Numbers in Arabic-Indic digits; a digit that stands for a letter (ch7al) stays."""
    return _NUMBER.sub(lambda match: match.group().translate(_EASTERN), text)


def add_emoji(chance: random.Random, text: str, _language: str) -> str:
    """An emoji or a few, after the message or before it."""
    emoji = chance.choice(_EMOJI)
    return chance.choice((f"{text} {emoji}", f"{text}{emoji}", f"{emoji} {text}"))


def add_greeting(chance: random.Random, text: str, language: str) -> str:
    """A greeting before the message, in its own variety."""
    greeting = chance.choice(_GREETINGS[_variety(text, language)])
    return greeting + chance.choice((" ", _comma(text) + " ", "\n")) + text


def add_politeness(chance: random.Random, text: str, language: str) -> str:
    """A please before or after the message, or thanks after it, in its own variety."""
    variety = _variety(text, language)
    please, thanks = chance.choice(_PLEASE[variety]), chance.choice(_THANKS[variety])
    return chance.choice((f"{please} {text}", f"{text} {please}", f"{text}{_comma(text)} {thanks}"))


def dictate(_chance: random.Random, text: str, _language: str) -> str:
    """As a telephone writes down what is said: no punctuation, no capitals, no lines."""
    return " ".join(_SPOKEN.sub(" ", text.lower()).split())


def respell(chance: random.Random, text: str, language: str) -> str:
    """Latin-letter Darija with one habit of chat spelling for another (7 or h, ch or sh), wherever it occurs."""
    if language not in (DARIJA_LATIN, MIXED):
        return text
    digits = [habit for habit in _DIGIT_HABITS if any(habit[0] in word for word in _CHAT_WORD.findall(text))]
    letters = [habit for habit in _LETTER_HABITS if habit[0] in text] if language == DARIJA_LATIN else []
    if not digits + letters:
        return text
    old, new = habit = chance.choice(digits + letters)
    if habit in digits:
        return _CHAT_WORD.sub(lambda match: match.group().replace(old, new), text)
    return text.replace(old, new)


CHANGES: dict[str, Change] = {
    "marks": drop_marks,
    "repeats": repeat_letters,
    "spaces": drop_spaces,
    "slip": slip,
    "digits": eastern_digits,
    "emoji": add_emoji,
    "greeting": add_greeting,
    "politeness": add_politeness,
    "dictation": dictate,
    "respelling": respell,
}
# After these the message says more than before, so a reply may say more too.
ADDING = frozenset({"greeting", "politeness"})


def variants(text: str, language: str, act: str, seed: str) -> Iterator[tuple[str, str]]:
    """Each kind of change with the changed message; kinds that change nothing, or the act itself, are left out."""
    for kind, change in CHANGES.items():
        if kind in ADDING and act in SMALL_TALK:
            continue
        changed = change(random.Random(f"{seed}:{kind}"), text, language)  # noqa: S311 (a repeatable draw, no secret)
        if changed != text:
            yield kind, changed


def _variety(text: str, language: str) -> str:
    """The variety whose courtesies fit; in a mixed message those of its letters."""
    if language != MIXED:
        return language
    if has_arabic(text):
        return "ary"
    return DARIJA_LATIN if has_latin(text) and _CHAT_WORD.search(text) else "fr"


def _comma(text: str) -> str:
    return "،" if has_arabic(text) else ","
