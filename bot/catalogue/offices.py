"""Which offices to show: in a named town, or nearest to a place."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from bot.catalogue.schemas import Office
from bot.nlu.features import Glossary
from bot.nlu.languages import Language
from bot.nlu.text import normalise, skeleton, vowelled_sound

# The name by which a talk's context keeps the town that the citizen named.
REGION = "region"
EARTH_RADIUS_KM = 6371.0
SHORTEST_SOUND = 3
_GLUED = ("بال", "فال", "لل", "ال", "ف", "ب", "ل", "f", "b", "l")
# The consonants of a town are those of many a word (ندير, "we do", is Nador): its vowels must be near too.
LEAST_ALIKE = 0.8
# Everyday words that are nearer than that: "ready" (Oujda), "link" (Rabat), a portal's name (Meknès).
_NO_TOWNS = frozenset(
    {
        "واجد",
        "واجده",
        "وجد",
        "wajed",
        "wajd",
        "wajda",
        "wjed",
        "رابط",
        "ربط",
        "rebt",
        "rabit",
        "rabet",
        "repeat",
        "repete",
        "macnss",
    }
)


@dataclass(frozen=True)
class NearOffice:
    """An office, and how far it is from the citizen (None when they named no point)."""

    office: Office
    distance_km: float | None = None


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance of two points given in degrees (haversine formula)."""
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half_turn = math.radians(other_longitude - longitude) / 2
    half_rise = (other_phi - phi) / 2
    chord = math.sin(half_rise) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(half_turn) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, chord)))


def nearest(offices: Iterable[Office], latitude: float, longitude: float, count: int) -> list[NearOffice]:
    """The closest offices that have a place, nearest first."""
    near = [
        NearOffice(office, distance_km(latitude, longitude, office.place.latitude, office.place.longitude))
        for office in offices
        if office.place
    ]
    return sorted(near, key=lambda one: one.distance_km or 0.0)[:count]


def of_kind(offices: Sequence[Office], text: str, glossary: Glossary) -> list[Office]:
    """The offices whose names share a notion with a text ("court", "commune"); none when it names no kind."""
    said = {token for token in glossary.tokens_of(text) if token.startswith("§")}
    return [
        office
        for office in offices
        if any(said & set(glossary.remembered_tokens_of(name)) for name in office.names.values())
    ]


def city_in(text: str, offices: Sequence[Office]) -> dict[Language, str] | None:
    """The town of ours that a text names in any spelling, as its texts by language; None when it names none."""
    words = normalise(text).split()
    names = ((normalise(name).split(), office.city) for office in offices for name in office.city.values())
    towns = [(name, city) for name, city in names if name]
    for name, city in towns:
        if _bare(name) in _written(words, len(name)):
            return city
    heard = [_bare([one]) for one in [*words, *(one + other for one, other in pairwise(words))]]
    heard = [word for word in heard if word not in _NO_TOWNS]
    for name, city in towns:
        if any(_sounds_like(word, _bare(name).replace(" ", "")) for word in heard):
            return city
    return None


def region_of(city: Mapping[Language, str] | Mapping[str, str]) -> str:
    """A town as teams and cases name it: its French name, folded (fes, beni mellal)."""
    names: Mapping[Any, str] = city  # A variety is the same key as its code.
    return normalise(names[Language.FRENCH])


def _sounds_like(word: str, name: str) -> bool:
    """Whether a word is another spelling of a town's name, in any script."""
    sound = skeleton(name)
    if len(sound) < SHORTEST_SOUND or skeleton(word) != sound:
        return False
    one, other = vowelled_sound(word), vowelled_sound(name)
    return one[0] == other[0] and SequenceMatcher(None, one, other).ratio() >= LEAST_ALIKE


def _written(words: Sequence[str], length: int) -> set[str]:
    """Each run of that many words, as it stands and without what is glued to its first word."""
    runs = [words[at : at + length] for at in range(len(words) - length + 1)]
    return {" ".join(run) for run in runs} | {_bare(run) for run in runs}


def _bare(words: Sequence[str]) -> str:
    """Words without a preposition or article glued to the first, so that فأكادير, fagadir and f Agadir are one."""
    first, *rest = words
    for prefix in _GLUED:
        if first.startswith(prefix) and len(first) - len(prefix) >= SHORTEST_SOUND:
            first = first[len(prefix) :]
            break
    return " ".join([first, *rest])
