"""A file that cannot be taken says which, where and why; nothing of it is taken."""

from pathlib import Path

import pytest

from bot.catalogue.files import CatalogueError, read_bundle
from bot.catalogue.service import export_file, import_files
from bot.db.session import Database
from tests.catalogue.samples import EVERY_KIND, spoilt

KITE = "services: kite_licence:"
# What is replaced in the sample by what, and the one complaint that follows, after the file's name.
FAULTS = {
    "wrong field": (
        "category: sky",
        "category: sky\n    colour: blue",
        f": {KITE} colour: Extra inputs are not permitted",
    ),
    "missing field": ("type: windy", "status: draft", ": offices: wind_office: type: Field required"),
    "missing language": ("en: Kite licence, ", "", f": {KITE} names: language missing: en"),
    "unknown language": (
        "fr: Une photo",
        "fr: Une photo, xx: a",
        f": {KITE} documents.0.xx.[key]: Input should be 'ar'",
    ),
    "no text": ("fr: Une photo", "fr: ' '", f": {KITE} documents.0.fr: String should have at least 1 character"),
    "no letter": ("fr: Une photo", 'fr: "a\\0b"', f": {KITE} documents.0.fr: String should match pattern"),
    "no id": ("- id: balloons", "- status: draft", ": topics: entry 1: id: Field required"),
    "malformed id": ("id: balloons", "id: Big Balloons", ": topics: Big Balloons: id: String should match pattern"),
    "two amounts": ("percent: 0.125", "percent: 1\n        amount_centimes: 1", f": {KITE} fees.1: exactly one of"),
    "too fine": ("percent: 0.125", "percent: 0.12345", f": {KITE} fees.1.percent: Decimal input should have no more"),
    "negative": (
        "amount_centimes: 7550",
        "amount_centimes: -1",
        f": {KITE} fees.0.amount_centimes: Input should be gr",
    ),
    "min over max": ("min: 2", "min: 20", f": {KITE} processing_time: min is greater than max"),
    "upside down hours": (
        'closes: "16:30"',
        'closes: "06:30"',
        ": offices: wind_office: hours.0: closes must be later",
    ),
    "off the map": (
        "latitude: 31.5084931",
        "latitude: 95",
        ": offices: wind_office: place.latitude: Input should be less",
    ),
    "long telephone": ("+212 524", "+212 524 " * 5, ": offices: wind_office: phone: String should match pattern"),
    "malformed address": ('portal: "https://', 'portal: "www.', f": {KITE} where.portal: String should match pattern"),
    "date that is none": (
        'date: "2026-02-28"',
        'date: "2026-02-29"',
        ": offices: wind_office: sources.0.date: month 2",
    ),
    "unknown rule": (
        "type: annual",
        "type: yearly",
        ": deadlines: kite_tax: rule: Input tag 'yearly' found using 'type'",
    ),
    "broken rule": ("month: 1,", "month: 13,", ": deadlines: kite_tax: rule.annual.month: Input should be less"),
    "31 April": ("month: 1,", "month: 4,", ": deadlines: kite_tax: rule.annual: month 4 has no day 31"),
    "30 February": ("end: 02-29", "end: 02-30", ": deadlines: kite_window: rule.window.end: month 2 has no day 30"),
    "half a window": (", end: 02-29", "", ": deadlines: kite_window: rule.window.end: Field required"),
    "no time at all": (
        "amount: 30",
        "amount: 0",
        ": deadlines: kite_loss: rule.relative.within.amount: Input should be gr",
    ),
    "holiday that never comes": ("day: 29", "day: 30", ": holidays: wind_day: fixed: month 2 has no day 30"),
    "duplicate id": ("id: always_here", "id: wind_office", ": offices: wind_office: id: is used 2 times"),
    "unknown service": (
        "services: [kite_licence]",
        "services: [nobody]",
        ": offices: wind_office: services: no service",
    ),
    "other version": ("version: 1", "version: 2", ": version: Input should be 1"),
    "unknown kind": ("topics:", "subjects:", ": subjects: Extra inputs are not permitted"),
    "malformed YAML": ("category: sky", "category: [sky", ", line 8: did not find expected ',' or ']'"),
    "tabulator": ("    category: sky", "\tcategory: sky", ", line 7: found a tab character that violates indentation"),
    "key given twice": ("category: sky", "category: sky\n    category: sea", ", line 8: key 'category' is given twice"),
    "day that is none": ("review_on: 2027-01-31", "review_on: 2027-02-30", ", line 6: day is out of range for month"),
    "key that is a list": ("category: sky", "[sky]: category", ", line 7: a key must be a word"),
    "object": ("category: sky", "category: !!python/name:os.system x", ", line 7: could not determine a constructor"),
    "control character": ("category: sky", "category: s\x07ky", ": control characters are not allowed (at character"),
}


def complaints(database: Database, *paths: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught, database.transaction() as session:
        import_files(session, paths)
    return caught.value.problems


def exported(database: Database, folder: Path) -> str:
    with database.transaction() as session:
        export_file(session, folder / "out")
    return (folder / "out").read_text("utf-8")


@pytest.mark.parametrize(("old", "new", "complaint"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_file_entry_and_field(
    database: Database, tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(spoilt(old, new), "utf-8")
    found = complaints(database, path)
    assert [line for line in found if not line.startswith(f"{path}{complaint}")] == [] != found


@pytest.mark.parametrize("fault", ["unknown service", "broken rule", "malformed YAML"])
def test_a_bad_file_changes_nothing_and_neither_does_a_good_one_beside_it(
    database: Database, tmp_path: Path, fault: str
) -> None:
    with database.transaction() as session:
        import_files(session, [EVERY_KIND])
    before = exported(database, tmp_path)
    good, bad = tmp_path / "a.yaml", tmp_path / "b.yaml"
    good.write_text(EVERY_KIND.read_text("utf-8").replace("Kite", "Dragon").replace("id: ", "id: other_"), "utf-8")
    bad.write_text(spoilt(*FAULTS[fault][:2]), "utf-8")
    complaints(database, good, bad)
    assert exported(database, tmp_path) == before


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        spoilt("month: 1,", "month: 13,").replace('number: "0199"', "number: call"), "utf-8"
    )
    (tmp_path / "b.yaml").write_text("version: 1\nversion: 1\n", "utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_bundle([tmp_path])
    starts = ["a.yaml: deadlines: kite_tax", "a.yaml: emergency_numbers: wind_help: number", "b.yaml, line 2"]
    for line, start in zip(caught.value.problems, starts, strict=True):
        assert line.startswith(f"{tmp_path}/{start}")


def test_an_id_in_two_files_is_told_with_both(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yml"):
        (tmp_path / name).write_text("version: 1\nterms:\n  - {id: kite, spellings: {en: [kite]}}\n", "utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_bundle([tmp_path])
    fault = "terms: kite: id: is used 2 times"
    assert caught.value.problems == [f"{tmp_path}/a.yaml: {fault}", f"{tmp_path}/b.yml: {fault}"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1256", "utf-16"])
def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "old.yaml"
    path.write_bytes("version: 1 # é à".encode(encoding))
    with pytest.raises(CatalogueError, match=r"old\.yaml: not UTF-8 \(.* at byte \d+\)"):
        read_bundle([path])


@pytest.mark.parametrize("text", ["", "- a list\n", "just words\n"])
def test_a_file_without_fields_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(CatalogueError, match=r"empty\.yaml: Input should be a valid dictionary"):
        read_bundle([path])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"nowhere\.yaml: no such file or folder"):
        read_bundle([tmp_path / "nowhere.yaml"])


def test_notepads_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + EVERY_KIND.read_bytes().replace(b"\n", b"\r\n"))
    assert read_bundle([path]).entries == read_bundle([EVERY_KIND]).entries
