"""What goes in comes out the same; going in again changes nothing; what editors changed stays."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.accounts.permissions import Role
from bot.catalogue import models, queries
from bot.catalogue.faq import add_faq, get_faq, save_faq
from bot.catalogue.files import KINDS, read_bundle
from bot.catalogue.schemas import Faq, Service, Status
from bot.catalogue.service import ImportResult, export_file, import_files, import_shipped, save_entry
from bot.db.session import Database
from bot.nlu.languages import Language
from tests.catalogue.samples import EVERY_KIND, spoilt
from tests.conftest import SHIPPED
from tests.desk.people import hire


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample, as the program's own catalogue."""
    shutil.copy(EVERY_KIND, tmp_path / "shipped.yaml")
    return tmp_path


def take(database: Database, *paths: Path) -> ImportResult:
    with database.transaction() as session:
        return import_files(session, paths)


def ship(database: Database, folder: Path) -> ImportResult | None:
    with database.transaction() as session:
        return import_shipped(session, folder)


def export(database: Database, path: Path) -> Path:
    with database.transaction() as session:
        export_file(session, path)
    return path


def version(database: Database) -> int:
    with database.transaction() as session:
        return queries.get_version(session)


def edit_the_faq(database: Database) -> None:
    with database.transaction() as session:
        entry: Faq = queries.list_entries(session, "faq", published_only=False)[0]
        changed = entry.model_copy(update={"answer": entry.answer | {Language.ENGLISH: "Moving air"}})
        save_entry(session, "faq", changed, 0)
        queries.raise_version(session)


def answer_of_the_faq(database: Database) -> str:
    with database.transaction() as session:
        entry: Faq = queries.list_entries(session, "faq", published_only=False)[0]
    return entry.answer[Language.ENGLISH]


def test_every_field_of_every_kind_comes_back_from_the_database(database: Database) -> None:
    assert take(database, EVERY_KIND) == ImportResult(added=15, changed=0, unchanged=0)
    bundle = read_bundle([EVERY_KIND])
    with database.transaction() as session:
        for kind in KINDS:
            assert queries.list_entries(session, kind, published_only=False) == bundle.entries[kind]


def test_a_second_import_changes_nothing(database: Database) -> None:
    take(database, EVERY_KIND)
    before = version(database)
    assert take(database, EVERY_KIND) == ImportResult(added=0, changed=0, unchanged=15)
    assert version(database) == before


def test_an_export_imports_to_the_same_state(database: Database, tmp_path: Path) -> None:
    take(database, EVERY_KIND)
    first = export(database, tmp_path / "first.yaml")
    assert take(database, first) == ImportResult(added=0, changed=0, unchanged=15)
    assert read_bundle([first]).entries == read_bundle([EVERY_KIND]).entries


@pytest.mark.slow
def test_the_shipped_catalogue_imported_twice_changes_nothing(shipped_copy: Database) -> None:
    before = version(shipped_copy)
    total = sum(len(entries) for entries in read_bundle([SHIPPED]).entries.values())
    assert take(shipped_copy, SHIPPED) == ImportResult(added=0, changed=0, unchanged=total)
    assert version(shipped_copy) == before


@pytest.mark.slow
def test_the_shipped_catalogue_exports_to_a_file_with_the_same_entries(shipped_copy: Database, tmp_path: Path) -> None:
    out = export(shipped_copy, tmp_path / "out.yaml")
    assert read_bundle([out]).entries == read_bundle([SHIPPED]).entries
    assert take(shipped_copy, out).changed == 0


def test_only_what_changed_gets_a_new_revision(database: Database, tmp_path: Path) -> None:
    take(database, EVERY_KIND)
    path = tmp_path / "next.yaml"
    path.write_text(spoilt("amount_centimes: 7550", "amount_centimes: 8000"), "utf-8")
    assert take(database, path) == ImportResult(added=0, changed=1, unchanged=14)
    with database.transaction() as session:
        service: Service = queries.list_entries(session, "services", published_only=False)[0]
        assert [fee.amount_centimes for fee in service.fees] == [8000, None]
        assert session.get_one(models.ServiceRow, "kite_licence").revision == 2
        assert session.get_one(models.FaqRow, "what_is_wind").revision == 1


def test_entries_that_a_file_does_not_mention_stay(database: Database, tmp_path: Path) -> None:
    take(database, EVERY_KIND)
    path = tmp_path / "more.yaml"
    path.write_text("version: 1\nterms:\n  - {id: rope, spellings: {en: [rope]}}\n", "utf-8")
    assert take(database, path) == ImportResult(added=1, changed=0, unchanged=0)
    with database.transaction() as session:
        assert queries.list_ids(session, "terms") == {"kite", "rope"}


def test_a_file_may_refer_to_services_that_are_in_the_database_already(database: Database, tmp_path: Path) -> None:
    take(database, EVERY_KIND)
    path = tmp_path / "more.yaml"
    faq = EVERY_KIND.read_text("utf-8").partition("\nfaq:")[2].partition("\ntopics:")[0]
    faq = faq.replace("*sources", "[{url: 'https://example.org', title: Vents}]").replace("what_is", "why")
    path.write_text(f"version: 1\nfaq:{faq}\n", "utf-8")
    assert take(database, path).added == 1


def test_the_shipped_catalogue_is_taken_once(database: Database, folder: Path) -> None:
    assert ship(database, folder) == ImportResult(added=15, changed=0, unchanged=0)
    assert ship(database, folder) is None


def test_what_an_editor_changed_stays_when_something_else_is_shipped_anew(database: Database, folder: Path) -> None:
    ship(database, folder)
    edit_the_faq(database)
    (folder / "shipped.yaml").write_text(spoilt("amount_centimes: 7550", "amount_centimes: 8000"), "utf-8")
    assert ship(database, folder) == ImportResult(added=0, changed=1, unchanged=14)
    assert answer_of_the_faq(database) == "Moving air"


def test_what_is_shipped_anew_replaces_what_an_editor_changed(database: Database, folder: Path) -> None:
    ship(database, folder)
    edit_the_faq(database)
    (folder / "shipped.yaml").write_text(spoilt("en: Air", "en: Air that moves"), "utf-8")
    assert ship(database, folder) == ImportResult(added=0, changed=1, unchanged=14)
    assert answer_of_the_faq(database) == "Air that moves"


def test_an_entry_that_is_written_otherwise_but_says_the_same_is_not_shipped_anew(
    database: Database, folder: Path
) -> None:
    ship(database, folder)
    edit_the_faq(database)
    (folder / "shipped.yaml").write_text(
        spoilt("{ar: هواء, fr: De l’air, en: Air}", "{en: Air, fr: De l’air, ar: هواء}")
    )
    assert ship(database, folder) == ImportResult(added=0, changed=0, unchanged=15)
    assert answer_of_the_faq(database) == "Moving air"


def test_what_was_edited_at_the_desk_stays_and_is_named_even_when_it_is_shipped_anew(
    database: Database, folder: Path
) -> None:
    ship(database, folder)
    editor = hire(database, Role.EDITOR)
    with database.transaction() as session:
        kept = get_faq(session, "what_is_wind")
        changed = kept.entry.model_copy(update={"answer": kept.entry.answer | {Language.ENGLISH: "Moving air"}})
        save_faq(session, changed, revision=kept.revision, by=editor.id)
    (folder / "shipped.yaml").write_text(spoilt("en: Air", "en: Air that moves"), "utf-8")
    result = ship(database, folder)
    assert result == ImportResult(added=0, changed=0, unchanged=15)
    assert result.left == ("faq: what_is_wind",)
    assert answer_of_the_faq(database) == "Moving air"


def test_an_operator_who_imports_a_file_means_it(database: Database, folder: Path) -> None:
    ship(database, folder)
    editor = hire(database, Role.EDITOR)
    with database.transaction() as session:
        kept = get_faq(session, "what_is_wind")
        save_faq(session, kept.entry.model_copy(update={"status": Status.ARCHIVED}), revision=1, by=editor.id)
    assert take(database, EVERY_KIND) == ImportResult(added=0, changed=1, unchanged=14)
    with database.transaction() as session:
        assert queries.list_edited(session) == set()


def test_an_incomplete_draft_goes_out_and_comes_in_again(database: Database, tmp_path: Path) -> None:
    editor = hire(database, Role.EDITOR)
    said: Any = {"question": {"ary": "علاش؟"}, "answer": {}, "sources": [], "confidence": "low"}
    draft = Faq.model_validate({"id": "draft", "status": "draft"} | said)
    with database.transaction() as session:
        add_faq(session, draft, by=editor.id)
    assert take(database, export(database, tmp_path / "out.yaml")) == ImportResult(added=0, changed=0, unchanged=1)
