"""Which of a service's several amounts a question is about: diesel of nine horses, a child of ten years."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.catalogue.schemas import Fee
from bot.nlu.features import Glossary
from bot.nlu.languages import Language
from bot.nlu.text import normalise

# Sounds shorter than this are too often the same for different words.
SHORTEST_SOUND = 4
_RANGES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"moins de (\d+) ([a-z]+)"), "under"),
    (re.compile(r"(\d+) a (\d+) ([a-z]+)"), "between"),
    (re.compile(r"a partir de (\d+) ([a-z]+)"), "from"),
    (re.compile(r"(\d+) ([a-z]+) et plus"), "from"),
)
_NUMBER = re.compile(r"^[a-z]?(\d{1,3})([a-z]*)$")
# What people write behind a number of years; horses are a notion of the glossary.
_YEARS = {
    "ans",
    "an",
    "years",
    "year",
    "yo",
    "سنه",
    "سنوات",
    "سنين",
    "عام",
    "عوام",
    "اعوام",
    "3am",
    "snin",
    "sna",
    "3wam",
}
_HORSES = {"cv", "ch", "hp"}
_AMOUNT = re.compile(
    r"(\d{1,3}(?:[ .,]\d{3})+|\d+)(?:[.,]\d{1,2})?\s*(?:dh|dhs|dhm|mad|dirham|drhm|درهم|دراهم)", re.IGNORECASE
)


@dataclass(frozen=True)
class Range:
    """Numbers that an amount is for, both ends inclusive, in horses or years."""

    first: int
    last: float
    unit: str


@dataclass(frozen=True)
class Meant:
    """The amounts that a question singles out, in the catalogue's order; `sure` when a number of it did."""

    fees: Sequence[Fee] = ()
    sure: bool = False


def fees_meant(fees: Sequence[Fee], text: str, glossary: Glossary) -> Meant:
    """The amounts that the words and numbers of a question are about; none when it tells nothing apart."""
    if len(fees) < 2 or not text:  # noqa: PLR2004 (one amount is the amount)
        return Meant()
    fitting = [fee for fee in fees if _fits(fee, _numbers_said(text, glossary))]
    best = _best_worded(fees, fitting or fees, set(_tokens([text], glossary)), glossary)
    found = best or fitting
    return Meant(found, bool(fitting)) if len(found) < len(fees) else Meant()


def amount_said(text: str) -> int | None:
    """The first amount of dirhams in a text, in centimes."""
    matched = _AMOUNT.search(normalise_digits(text))
    return int(re.sub(r"\D", "", matched[1])) * 100 if matched else None


def without_amounts(text: str) -> str:
    """A text with western digits and without its amounts of dirhams."""
    return _AMOUNT.sub(" ", normalise_digits(text))


def normalise_digits(text: str) -> str:
    """Digits of any script as western ones; everything else stays."""
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)


def _fits(fee: Fee, said: Sequence[tuple[int, str]]) -> bool:
    fitted = range_of(fee)
    return fitted is not None and any(
        fitted.first <= number <= fitted.last and unit == fitted.unit for number, unit in said
    )


def range_of(fee: Fee) -> Range | None:
    """The range of horses or years that an amount is for, read from its French words."""
    texts = [fee.label[Language.FRENCH], (fee.conditions or {}).get(Language.FRENCH, "")]
    for text in (normalise(one) for one in texts):
        for pattern, kind in _RANGES:
            matched = pattern.search(text)
            unit = _unit(matched.groups()[-1]) if matched else ""
            if matched and unit:
                return _range(kind, [int(one) for one in matched.groups()[:-1]], unit)
    return None


def _range(kind: str, numbers: list[int], unit: str) -> Range:
    match kind:
        case "under":
            return Range(0, numbers[0] - 1, unit)
        case "between":
            return Range(numbers[0], numbers[1], unit)
        case _:
            return Range(numbers[0], math.inf, unit)


def _unit(word: str) -> str:
    if word in _HORSES:
        return "horses"
    return "years" if word in _YEARS else ""


def _numbers_said(text: str, glossary: Glossary) -> list[tuple[int, str]]:
    """Each number of a text with the unit behind it."""
    words = normalise(text).split()
    found = []
    for at, word in enumerate(words):
        matched = _NUMBER.match(word)
        if not matched:
            continue
        following = matched[2] or (words[at + 1] if at + 1 < len(words) else "")
        unit = _unit(following)
        if not unit and "§fiscal_power" in glossary.tokens_of(following):
            unit = "horses"
        if unit:
            found.append((int(matched[1]), unit))
    return found


def _tokens(texts: Iterable[str], glossary: Glossary) -> list[str]:
    found = [token for text in texts for token in glossary.remembered_tokens_of(text)]
    return [token for token in found if token.startswith("§") or len(token) >= SHORTEST_SOUND]


def _best_worded(fees: Sequence[Fee], candidates: Sequence[Fee], said: set[str], glossary: Glossary) -> list[Fee]:
    """Those candidates that share the most telling words with a question; none without any."""
    words = {id(fee): set(_tokens(_texts(fee), glossary)) for fee in fees}
    owners = Counter(token for own in words.values() for token in own)
    weights = {token: math.log(len(fees) / count) for token, count in owners.items()}
    scores = [sum(weights[token] for token in words[id(fee)] & said) for fee in candidates]
    best = max(scores)
    return [fee for fee, score in zip(candidates, scores, strict=True) if score == best] if best > 0 else []


def _texts(fee: Fee) -> list[str]:
    return [*fee.label.values(), *(fee.conditions or {}).values()]
