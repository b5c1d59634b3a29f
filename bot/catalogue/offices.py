"""Which offices to show: in a named town, or nearest to a place."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.catalogue.schemas import Office
from bot.nlu.languages import Language
from bot.nlu.text import normalise, skeleton

EARTH_RADIUS_KM = 6371.0
SHORTEST_SOUND = 3


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


def city_in(text: str, offices: Sequence[Office]) -> dict[Language, str] | None:
    """The town of ours that a text names in any spelling, as its texts by language; None when it names none."""
    words = normalise(text).split()
    sounds = {_bare(word) for word in words} | {_bare(a + b) for a, b in pairwise(words)}
    exact = set(words)
    for office in offices:
        for name in office.city.values():
            folded = normalise(name)
            sound = _bare(folded.replace(" ", ""))
            if folded in exact or f" {folded} " in f" {' '.join(words)} ":
                return office.city
            if len(sound) >= SHORTEST_SOUND and sound in sounds:
                return office.city
    return None


def _bare(word: str) -> str:
    """A word's sound without a glued preposition or article, so that فأكادير and f Agadir are one."""
    for prefix in ("بال", "فال", "ال", "ف", "ب", "ل"):
        if word.startswith(prefix) and len(word) - len(prefix) >= SHORTEST_SOUND:
            return skeleton(word[len(prefix) :])
    return skeleton(word)
