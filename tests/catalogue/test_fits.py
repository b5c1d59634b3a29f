"""What a channel has no room for is refused, or taken with a note, by file, line, entry and language."""

from pathlib import Path

import pytest

from bot.catalogue.files import CatalogueError, read_bundle
from bot.catalogue.fits import misfits
from bot.catalogue.schemas import Service
from bot.catalogue.service import import_files, save_entry
from bot.db.session import Database
from tests.catalogue.samples import EVERY_KIND, spoilt
from tests.ops.commands import jawab

KITE = "services: kite_licence:"
PHOTO = "- {ar: صورة, fr: Une photo}"
LONG = "Une phrase qui dit quelque chose. " * 50


def written(folder: Path, old: str, new: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(spoilt(old, new), "utf-8")
    return path


def documents(count: int) -> str:
    return "\n      ".join([f"- {{ar: صورة, fr: {LONG * 2}}}"] * count)


def test_the_sample_fits() -> None:
    assert read_bundle([EVERY_KIND]).notes == []


def test_what_arrives_cut_is_taken_with_a_note(tmp_path: Path) -> None:
    path = written(tmp_path, PHOTO, f"- {{ar: صورة, fr: {LONG}}}")
    assert read_bundle([path]).notes == [
        f"{path}, line 16: {KITE} documents (fr): WhatsApp: longer than the 1600 characters of one message: "
        "it arrives cut into several (several_messages)"
    ]


@pytest.mark.parametrize(
    ("title", "notes"),
    [
        ("t" * 64, []),
        ("t" * 65, ["Telegram: a choice is longer than 64 characters: its button shows it cut (button_title_long)"]),
        (
            "t" * 73,
            [
                "WhatsApp: a choice is longer than 72 characters: a list shows it cut (title_cut)",
                "Telegram: a choice is longer than 64 characters: its button shows it cut (button_title_long)",
            ],
        ),
    ],
)
def test_a_name_is_offered_as_a_choice(tmp_path: Path, title: str, notes: list[str]) -> None:
    path = written(tmp_path, "Permis de cerf-volant", title)
    assert read_bundle([path]).notes == [f"{path}, line 8: {KITE} names (fr): {note}" for note in notes]


def test_a_link_that_is_none_for_a_button_is_named_in_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, 'url: "https://example.org/b"', 'url: "https://intranet/b"')
    (note,) = read_bundle([path]).notes
    assert note == (
        f"{path}, line 40: {KITE} sources: Telegram: a link is no address for a button: it stands in the text "
        "(link_invalid)"
    )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (PHOTO, documents(6), "documents (fr): WhatsApp: more than 10 messages, and a citizen gets no more at once"),
        ("Permis de cerf-volant", '"\\x01"', "names (fr): Telegram: a choice has no words (button_title_empty)"),
    ],
)
def test_what_would_not_arrive_is_refused(
    database: Database, tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(CatalogueError) as caught, database.transaction() as session:
        import_files(session, [path])
    assert any(f": {KITE} {complaint}" in problem for problem in caught.value.problems)
    assert all(problem.startswith(f"{path}, line ") for problem in caught.value.problems)


def test_an_entry_saved_by_itself_is_looked_at_too(database: Database) -> None:
    (kite,) = read_bundle([EVERY_KIND]).entries["services"]
    assert isinstance(kite, Service)
    blank = kite.model_copy(update={"names": {**kite.names, "fr": "\x01"}})
    with pytest.raises(CatalogueError, match="a choice has no words"), database.transaction() as session:
        save_entry(session, "services", blank, 0)


def test_every_kind_that_citizens_read_is_looked_at() -> None:
    bundle = read_bundle([EVERY_KIND])
    silent = {"holidays", "terms"}
    for kind, entries in bundle.entries.items():
        blank = [one.model_copy(update={name: {"fr": "x" * 1601} for name in _texts(one)}) for one in entries]
        assert all(bool(misfits(one)) is (kind not in silent) for one in blank), kind


def _texts(entry: object) -> list[str]:
    return [name for name in ("names", "answer", "label", "use") if hasattr(entry, name)]


def test_the_check_tells_notes_and_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, "Permis de cerf-volant", "t" * 65)
    done = jawab("catalogue", "check", str(path))
    assert done.code == 0
    assert "Note: " in done.output
    assert "line 8: services: kite_licence: names (fr)" in done.output
    assert "Nothing wrong: 1 services" in done.output
