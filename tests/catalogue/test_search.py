"""Search in a small catalogue made here: scores, kinds, names, siblings."""

from dataclasses import replace

import numpy as np
import pytest

from bot.catalogue import search
from bot.catalogue.files import read_bundle
from bot.catalogue.phrases import Phrase
from bot.catalogue.schemas import Service
from bot.catalogue.search import SearchIndex
from bot.catalogue.service import phrases_of
from bot.nlu.embedding import DIMENSIONS, embed
from bot.nlu.features import Glossary
from bot.nlu.text import normalise
from tests.catalogue.samples import EVERY_KIND

TEXTS = {
    ("services", "passport"): ["passeport biométrique", "جواز السفر", "passport fee"],
    ("services", "passport_child"): ["passeport de l’enfant", "جواز سفر الطفل", "child passport"],
    ("services", "vignette"): ["vignette automobile", "لافينييت", "car tax"],
    ("topics", "hajj"): ["pèlerinage", "الحج", "hajj"],
}
GLOSSARY = Glossary({"passport": ["passeport", "جواز", "باسبور", "passport"], "car_tax": ["vignette", "لافينييت"]})


def phrase(kind: str, entry_id: str, text: str) -> Phrase:
    return Phrase(kind, entry_id, "fr", "names", text, embed([normalise(text)])[0])


PHRASES = [phrase(kind, entry_id, text) for (kind, entry_id), texts in TEXTS.items() for text in texts]


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex(PHRASES, GLOSSARY)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("vignette", "vignette"),
        ("لافينيييييت", "vignette"),
        ("la vinyet", "vignette"),
        ("الباسبور", "passport"),
        ("PASSEPORT BIOMETRIQUE", "passport"),
        ("passport for my child", "passport_child"),
        ("lhaj", "hajj"),
    ],
)
def test_an_entry_is_found_however_its_name_is_written(index: SearchIndex, text: str, entry: str) -> None:
    assert index.search(text)[0].entry_id == entry


def test_hits_come_best_first_with_the_phrase_that_matched(index: SearchIndex) -> None:
    hits = index.search("car tax", limit=4)
    scores = [hit.score for hit in hits]
    assert (hits[0].entry_id, hits[0].phrase) == ("vignette", "car tax")
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1.01 for score in scores)


def test_each_entry_is_found_once(index: SearchIndex) -> None:
    hits = index.search("passeport", limit=10)
    assert len({(hit.kind, hit.entry_id) for hit in hits}) == len(hits) == 4


def test_only_the_kinds_asked_for_are_given_and_no_more_than_asked_for(index: SearchIndex) -> None:
    assert {hit.kind for hit in index.search("passeport", kinds=("topics",), limit=10)} == {"topics"}
    assert len(index.search("passeport", limit=2)) == 2


def test_an_empty_catalogue_finds_nothing() -> None:
    empty = SearchIndex([], GLOSSARY)
    assert empty.search("passeport") == []
    assert empty.mentions.find("passeport") == {}


@pytest.mark.parametrize("text", ["", "؟", "😀", "x" * 5000])
def test_odd_texts_do_no_harm(index: SearchIndex, text: str) -> None:
    assert all(np.isfinite(hit.score) for hit in index.search(text))


def test_an_index_made_from_the_one_before_scores_as_a_fresh_one(index: SearchIndex) -> None:
    changed = [*PHRASES[3:], phrase("services", "divorce", "divorce"), phrase("services", "vignette", "timbre auto")]
    renewed, fresh = SearchIndex(changed, GLOSSARY, index), SearchIndex(changed, GLOSSARY)
    for text in ("passeport", "divorce", "timbre", "لافينييت"):
        hits, expected = renewed.search(text, limit=9), fresh.search(text, limit=9)
        assert [hit.entry_id for hit in hits] == [hit.entry_id for hit in expected]
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in expected])


def test_every_public_text_of_an_entry_can_be_found_once() -> None:
    service = read_bundle([EVERY_KIND]).entries["services"][0]
    assert isinstance(service, Service)
    phrases = phrases_of("services", service)
    found = {(one.language, one.role, one.text) for one in phrases}
    assert len(found) == len(phrases) == 5 + 3 + 2
    assert ("ary-latn", "phrasings", "chhal permi dyal tayara") in found
    assert ("en", "names", "Kite licence") in found
    assert all(one.vector.shape == (DIMENSIONS,) for one in phrases)
    assert all(np.linalg.norm(one.vector) == pytest.approx(1, abs=1e-3) for one in phrases)


def test_a_large_catalogue_gives_the_same_best_hits_by_its_shortlist(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [phrase("services", f"service_{number}", f"démarche numéro {number}") for number in range(40)]
    small = SearchIndex([*PHRASES, *many], GLOSSARY)
    monkeypatch.setattr(search, "LARGE", 10)
    monkeypatch.setattr(search, "SHORTLIST", 20)
    large = SearchIndex([*PHRASES, *many], GLOSSARY)
    for text in ("passeport", "لافينييت", "démarche numéro 7", "hajj", "child passport"):
        found, expected = large.search(text)[0], small.search(text)[0]
        assert replace(found, score=0) == replace(expected, score=0)
        assert found.score == pytest.approx(expected.score, abs=1e-6)


def test_a_slip_in_the_catalogues_words_is_repaired_and_everyday_words_are_not() -> None:
    index = SearchIndex(PHRASES, GLOSSARY, everyday=frozenset({"vignetta"}))
    assert index.repair("passepport biometriquee") == "passeport biometrique"
    assert index.repair("vignetta") == "vignetta"
