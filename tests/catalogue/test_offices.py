"""Towns in every spelling; offices by distance."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.files import read_bundle
from bot.catalogue.offices import EARTH_RADIUS_KM, city_in, distance_km, nearest, of_kind
from bot.catalogue.schemas import Office
from bot.catalogue.snapshot import Snapshot
from bot.nlu.languages import Language
from tests.conftest import SHIPPED

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
RABAT, CASABLANCA, TANGIER, AGADIR = (34.0209, -6.8416), (33.5731, -7.5898), (35.7595, -5.834), (30.4278, -9.5981)


@pytest.fixture(scope="module")
def offices() -> Sequence[Office]:
    """The shipped offices."""
    return [one for one in read_bundle([SHIPPED / "offices.yaml"]).entries["offices"] if isinstance(one, Office)]


@pytest.mark.parametrize(
    ("one", "other", "km"), [(RABAT, CASABLANCA, 85), (RABAT, TANGIER, 214), (TANGIER, AGADIR, 687), (RABAT, RABAT, 0)]
)
def test_distances_between_towns_are_right_to_a_few_kilometres(
    one: tuple[float, float], other: tuple[float, float], km: int
) -> None:
    assert distance_km(*one, *other) == pytest.approx(km, abs=3)


@given(latitudes, longitudes, latitudes, longitudes)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_earth(a: float, b: float, c: float, d: float) -> None:
    there, back = distance_km(a, b, c, d), distance_km(c, d, a, b)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 3.1416 * EARTH_RADIUS_KM


@given(latitudes, longitudes)
def test_the_other_side_of_the_date_line_is_near(latitude: float, longitude: float) -> None:
    assert distance_km(latitude, 179.999, latitude, -179.999) < 1
    assert distance_km(latitude, longitude, latitude, longitude) == 0


def test_the_nearest_offices_come_first(offices: Sequence[Office]) -> None:
    found = nearest(offices, *TANGIER, count=5)
    distances = [one.distance_km or 0.0 for one in found]
    assert len(found) == 5
    assert all(a <= b for a, b in pairwise(distances))
    assert found[0].office.city[Language.FRENCH] == "Tanger"
    assert distances[0] < 10


def test_an_office_without_a_place_is_not_near_anything(offices: Sequence[Office]) -> None:
    placeless = offices[0].model_copy(update={"id": "nowhere", "place": None})
    assert nearest([placeless], *RABAT, count=3) == []


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("أين أقرب مكتب في الدار البيضاء؟", "Casablanca"),
        ("الدار البيضا", "Casablanca"),
        ("فين كاين المكتب فكازا", "Casablanca"),
        ("fin kayn lmaktab f casa", "Casablanca"),
        ("fcasa 3afak", "Casablanca"),
        ("f dar lbida", "Casablanca"),
        ("un bureau à CASABLANCA svp", "Casablanca"),
        ("فين ندير لاكارط فالرباط", "Rabat"),
        ("فرباط", "Rabat"),
        ("frbat", "Rabat"),
        ("Rabat?", "Rabat"),
        ("ففاس", "Fès"),
        ("بفاس", "Fès"),
        ("f fas", "Fès"),
        ("ffes", "Fès"),
        ("à Fès", "Fès"),
        ("an office in Fez", "Fès"),
        ("طَنْجَة", "Tanger"),
        ("لطنجة", "Tanger"),
        ("f tanja", "Tanger"),
        ("in Tangier", "Tanger"),
        ("فمراكش", "Marrakech"),
        ("mrakch", "Marrakech"),
        ("Marrakesh", "Marrakech"),
        ("بأكادير", "Agadir"),
        ("اكادير", "Agadir"),
        ("f agadir", "Agadir"),
        ("في بني ملال", "Béni Mellal"),
        ("فبني ملال", "Béni Mellal"),
        ("f bni mellal", "Béni Mellal"),
        ("beni mellal", "Béni Mellal"),
        ("وجدة", "Oujda"),
        ("oujda", "Oujda"),
        ("مكنااااس", "Meknès"),
        ("meknes", "Meknès"),
        ("الناضور", "Nador"),
    ],
)
def test_a_town_is_known_in_every_spelling(offices: Sequence[Office], text: str, town: str) -> None:
    city = city_in(text, offices)
    assert city is not None
    assert city[Language.FRENCH] == town


@pytest.mark.parametrize(
    "text",
    [
        "",
        "؟!",
        "شحال التامبر ديال الباسبور",
        "wach wajda la carte dyali",
        "إمتى تكون واجدة",
        "عطيني رابط الموقع",
        "combien coûte le passeport",
        "where do I file a complaint",
        "mon fils a perdu sa carte",
        "f Paris",
        "فين ندير البطاقة؟",
        "fin ndirha 9rib liya",
        "kifach kaydir",
        "la salle d’attente",
        "متى تنتهي",
        "f Taounate",
        "robot wla bnadem",
    ],
)
def test_everyday_words_are_no_towns(offices: Sequence[Office], text: str) -> None:
    assert city_in(text, offices) is None


def test_a_town_written_exactly_wins_over_one_that_sounds_alike(offices: Sequence[Office]) -> None:
    sounds_like_tangier = {Language.ARABIC: "طنجاوة", Language.FRENCH: "Tanjawa"}
    others = [offices[0].model_copy(update={"city": sounds_like_tangier}), *offices]
    assert city_in("tanger", others) != sounds_like_tangier


@pytest.mark.parametrize(
    ("text", "word"),
    [("fin kayna lma7kama", "Tribunal"), ("où est la commune ?", "Commune"), ("nearest land registry", "foncière")],
)
def test_a_kind_that_is_named_narrows_the_offices(shipped: Snapshot, text: str, word: str) -> None:
    found = of_kind(shipped.offices, text, shipped.index.glossary)
    assert any(word in one.names[Language.FRENCH] for one in found)
    assert 0 < len(found) < len(shipped.offices) / 2


def test_no_kind_named_is_no_kind(shipped: Snapshot) -> None:
    assert of_kind(shipped.offices, "le plus proche de moi", shipped.index.glossary) == []
