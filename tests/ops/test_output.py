"""What reaches the terminal and the files."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from bot.ops.output import MAX_LINE, Output


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def output(tmp_path: Path, screen: io.StringIO) -> Output:
    return Output("rasa", tmp_path, Console(file=screen, width=100))


def test_a_letter_cut_in_two_comes_out_whole(output: Output, screen: io.StringIO) -> None:
    data = "سلام\nkhoya".encode()
    output.feed(data[:3])
    output.feed(data[3:])
    assert screen.getvalue() == "rasa      سلام\n"
    output.finish()
    assert list(output.last) == ["سلام", "khoya"]


def test_a_line_without_end_does_not_fill_the_memory(output: Output) -> None:
    output.feed(b"x" * (MAX_LINE * 3))
    assert [len(line) for line in output.last] == [MAX_LINE]


def test_control_characters_do_not_reach_the_terminal(output: Output, screen: io.StringIO) -> None:
    output.feed(b"\x1b[31mred\x1b[0m \x1b]0;title\x07[bold]plain[/bold]\n")
    assert screen.getvalue() == "rasa      red ]0;title[bold]plain[/bold]\n"


def test_deprecations_stay_in_the_file(output: Output, screen: io.StringIO, tmp_path: Path) -> None:
    output.feed(b"/x/y.py:3: DeprecationWarning: old\n  import old\n  indented news\nTraceback\n")
    assert screen.getvalue() == "rasa        indented news\nrasa      Traceback\n"
    assert "DeprecationWarning" in (tmp_path / "rasa.log").read_text()
