"""What an editor publishes is answered in every process, at once; what is not published is not."""

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

import pytest

from bot.catalogue import queries, search
from bot.catalogue.schemas import Entry, Service, Status, Term
from bot.catalogue.search import SearchIndex
from bot.catalogue.service import save_entry
from bot.catalogue.snapshot import CHECK_SECONDS, Catalogue, Snapshot
from bot.db.session import Database
from bot.nlu.languages import Language
from bot.settings import Settings
from tests.conftest import copied

pytestmark = pytest.mark.slow

SECOND = 1.0
NAME = "zorglubimétrie"


@pytest.fixture(scope="module")
def editor(settings: Settings, shipped_template: str) -> Iterator[Database]:
    """The shipped catalogue, for an editor to change."""
    with copied(settings, shipped_template) as database:
        yield database


@pytest.fixture(scope="module")
def reader(editor: Database) -> Iterator[Catalogue]:
    """The same catalogue as another process reads it."""
    database = Database(editor.engine.url.render_as_string(hide_password=False))
    yield Catalogue(database)
    database.dispose()


def save(editor: Database, kind: str, entry: Entry | Term) -> None:
    with editor.transaction() as session:
        save_entry(session, kind, entry, 0)
        queries.raise_version(session)


def wait_until(reader: Catalogue, condition: Callable[[Snapshot], bool]) -> None:
    began = monotonic()
    while not condition(reader.current()):
        assert monotonic() - began < 30 * SECOND
        sleep(0.01)


def knows(name: str) -> Callable[[Snapshot], bool]:
    return lambda snapshot: any(name in service.names.values() for service in snapshot.services.values())


def best(snapshot: Snapshot, text: str) -> str:
    return snapshot.index.search(text, limit=1)[0].entry_id


def named(service: Service, name: str, **changes: Any) -> Service:
    names = dict.fromkeys(Language, name)
    return service.model_copy(update={"names": names, **changes})


def test_an_edited_entry_is_found_by_another_process(editor: Database, reader: Catalogue) -> None:
    """How soon is measured by `jawab bench`."""
    service = reader.current().services["evisa"]
    for ending in ("aa", "bb"):
        save(editor, "services", named(service, f"{NAME} {ending}"))
        wait_until(reader, knows(f"{NAME} {ending}"))
    assert best(reader.current(), NAME) == "evisa"


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ARCHIVED])
def test_what_is_not_published_is_neither_found_nor_shown(editor: Database, reader: Catalogue, status: Status) -> None:
    service = reader.current().services["divorce"]
    assert best(reader.current(), "divorce") == "divorce"
    save(editor, "services", service.model_copy(update={"status": status}))
    wait_until(reader, lambda now: "divorce" not in now.services)
    assert "divorce" not in {hit.entry_id for hit in reader.current().index.search("divorce", limit=500)}
    save(editor, "services", service)
    wait_until(reader, lambda now: "divorce" in now.services)
    assert best(reader.current(), "divorce") == "divorce"


def test_a_new_entry_is_found_in_every_language(editor: Database, reader: Catalogue) -> None:
    names = {
        "ar": "رخصة الطائرة الورقية",
        "fr": "permis de cerf-volant",
        "en": "kite licence",
        "ary": "بيرمي ديال الطيارة",
    }
    texts = {Language(language): name for language, name in names.items()}
    new = reader.current().services["evisa"].model_copy(update={"id": "kite_licence", "names": texts, "aliases": {}})
    save(editor, "services", new)
    wait_until(reader, lambda now: "kite_licence" in now.services)
    questions = ("كيف أحصل على رخصة الطائرة الورقية؟", "un permis de cerf-volant", "kite licence?", "bermi dyal tiyara")
    assert [best(reader.current(), question) for question in questions] == ["kite_licence"] * 4


def test_a_name_taken_away_is_no_longer_found(editor: Database, reader: Catalogue) -> None:
    service = reader.current().services["water_connection"]
    save(editor, "services", named(service, "abracadabrantesque"))
    wait_until(reader, knows("abracadabrantesque"))
    assert best(reader.current(), "abracadabrantesque") == "water_connection"
    save(editor, "services", service)
    wait_until(reader, lambda now: now.services["water_connection"] == service)
    phrases = {phrase.text for phrase in reader.current().index.phrases}
    assert "abracadabrantesque" not in phrases


def test_a_new_term_makes_its_spellings_one_word(editor: Database, reader: Catalogue) -> None:
    term = Term(id="made_up", spellings={Language.FRENCH: ["schtroumpf"], Language.DARIJA: ["الشنتوفة"]})
    save(editor, "terms", term)
    wait_until(reader, lambda now: now.index.glossary.tokens_of("schtroumpf") == ["§made_up"])
    assert reader.current().index.glossary.tokens_of("الشنتوفة") == ["§made_up"]


def test_what_was_not_committed_is_not_seen(editor: Database, reader: Catalogue) -> None:
    before = reader.current()
    with editor.transaction() as session:
        save_entry(session, "services", named(before.services["evisa"], "never said"), 0)
        queries.raise_version(session)
        sleep(0.5)
        assert reader.current() is before
        session.rollback()
    sleep(0.5)
    assert reader.current() is before


def test_an_unchanged_catalogue_is_not_loaded_again(reader: Catalogue) -> None:
    before = reader.current()
    sleep(0.5)
    assert reader.current() is before


def test_a_renewed_index_finds_what_a_fresh_one_finds(reader: Catalogue) -> None:
    index = reader.current().index
    fresh = SearchIndex(index.phrases, index.glossary)
    for text in ("بشحال التامبر ديال الباسبور؟", "date limite vignette ?", NAME):
        hits, expected = index.search(text), fresh.search(text)
        assert [hit.entry_id for hit in hits] == [hit.entry_id for hit in expected]
        assert [hit.score for hit in hits] == pytest.approx([hit.score for hit in expected], abs=1e-5)


def test_a_large_catalogue_answers_as_before_until_it_is_indexed_anew(
    editor: Database, reader: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LARGE", 100)
    before = reader.current()
    service = before.services["vignette_tsav"]
    names = service.names | {Language.FRENCH: "Taxe du grand registre"}
    save(editor, "services", service.model_copy(update={"names": names}))
    sleep(CHECK_SECONDS)
    began = monotonic()
    assert reader.current() is before
    assert monotonic() - began < SECOND
    wait_until(reader, knows("Taxe du grand registre"))


def test_progress_is_told_while_texts_are_hashed(shipped: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BATCH", 50)
    told: list[tuple[int, int]] = []
    phrases = shipped.index.phrases[:120]
    SearchIndex(phrases, shipped.index.glossary, tell=lambda done, total: told.append((done, total)))
    assert told == [(50, 120), (100, 120), (120, 120)]
