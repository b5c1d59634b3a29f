"""What a new desk has at hand is complete, and a fault in it is told with its line."""

from pathlib import Path

import pytest

from bot.cases.shipped import ShippedError, read_labels, read_replies
from bot.nlu.languages import Language
from tests.actions.catalogue import shipped_snapshot

REPLY = """version: 1
replies:
  - shortcut: salut
    title: Salut
    bodies:
      ar: سلام
      ary: سلام
      ary-latn: salam
      fr: Salut
      en: Hello
"""


def test_the_shipped_replies_are_there_in_every_language() -> None:
    found = read_replies()
    assert len(found) >= 12
    assert len({one.shortcut for one in found}) == len(found)
    assert all(set(one.bodies) == set(Language) for one in found)


def test_the_numbers_to_call_are_those_of_the_catalogue() -> None:
    sure = {one.number for one in shipped_snapshot().numbers if one.priority}
    urgent = next(one for one in read_replies() if one.shortcut == "urgence")
    for body in urgent.bodies.values():
        numbers = {line.split(":")[0].strip() for line in body.splitlines()[1:]}
        assert numbers == {"15", "19", "177"}
        assert numbers <= sure


def test_the_shipped_labels_are_read() -> None:
    assert {"ar", "fr", "en"} == set(read_labels()[0]["names"])


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("shortcut: salut", "shortcut: Mon Salut", 3, "shortcut"),
        ("fr: Salut", "fr: Salut {name}", 9, "{name}"),
        ("      ary: سلام\n", "", 6, "ary"),
        ("title: Salut", "titel: Salut", 4, "titel"),
        ("en: Hello", f"en: {'x' * 1700}", 10, "several messages"),
        ("en: Hello", "en: [Hello", 11, "expected"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, before: str, after: str, line: int, words: str) -> None:
    path = tmp_path / "canned.yaml"
    path.write_text(REPLY.replace(before, after, 1), "utf-8")
    with pytest.raises(ShippedError) as told:
        read_replies(path)
    assert f"line {line}:" in str(told.value)
    assert words in str(told.value)
