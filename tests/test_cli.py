"""The command line explains itself and tells foreseen errors in plain words."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import REPOSITORY


def jawab(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=REPOSITORY, env=environment, timeout=60
    )


@pytest.mark.parametrize(
    "command",
    [
        "up",
        "doctor",
        "migrate",
        "train",
        "chat",
        "eval",
        "robustness",
        "safety",
        "compare",
        "bench",
        "worker",
        "catalogue import",
    ],
)
def test_every_command_shows_an_example(command: str) -> None:
    done = jawab(*command.split(), "--help")
    assert done.returncode == 0
    assert f"jawab {command}" in done.stdout.split("Example", 1)[1]


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, bot.cli; print(*{'sqlalchemy', 'pydantic', 'sklearn', 'rich'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == ""


def test_a_foreseen_error_is_told_without_a_traceback() -> None:
    done = jawab("up", JAWAB_PORT="eighty")
    assert done.returncode == 2
    assert "JAWAB_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_catalogue_file_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("services: [{id: 1}]\n")
    done = jawab("catalogue", "check", str(wrong))
    assert done.returncode == 2
    assert "wrong.yaml" in done.stderr
