#!/usr/bin/env python3
"""Make all lock files anew from the lists of what we ask for: `python3 scripts/lock.py [--upgrade]`.

Versions that a lock already holds stay, unless `--upgrade` is given.
"""

from __future__ import annotations

import json
import os
import sys

from setup import (
    RASA,
    REQUIREMENTS,
    ROOT,
    SetupError,
    find_npm,
    find_python,
    find_uv,
    one_at_a_time,
    run,
    runs,
    say,
)

# In this order: dev.in and voice.in keep to the versions in app.txt.
UNIVERSAL = {"tools": "3.8", "node": "3.11", "app": "3.11", "dev": "3.11", "voice": "3.11"}
RASA_PYTHON = "3.10"


def main() -> int:
    """Write every lock."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    try:
        with one_at_a_time():
            for name, version in UNIVERSAL.items():
                compile_lock(name, ["--universal", "--python-version", version, *upgrade])
            overrides = ["--override", "requirements/rasa-overrides.txt"]
            compile_lock("rasa", ["--python", rasa_interpreter(), *overrides, *upgrade])
            lock_front_end(bool(upgrade))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def compile_lock(name: str, options: list[str]) -> None:
    """Resolve requirements/<name>.in into <name>.txt, with hashes and without the name of any registry."""
    say(f"requirements/{name}.txt")
    manners = ["--quiet", "--generate-hashes", "--no-emit-index-url", "--custom-compile-command", "make lock"]
    files = [f"requirements/{name}.in", "--output-file", f"requirements/{name}.txt"]
    run([find_uv(), "pip", "compile", *manners, *options, *files], f"{name}.in could not be resolved.")


def rasa_interpreter() -> str:
    """A Python 3.10: this lock is for that one only."""
    python = RASA / "bin" / "python"
    return str(python if runs(python) else find_python((RASA_PYTHON,), find_uv()))


def lock_front_end(upgrade: bool) -> None:
    """Write package-lock.json, without addresses of any kind."""
    if not (ROOT / "package.json").exists():
        return
    say("package-lock.json")
    npm, path = find_npm()
    command = "update" if upgrade else "install"
    run(
        [npm, command, "--package-lock-only", "--no-audit", "--no-fund", "--loglevel=error"],
        "package.json could not be resolved.",
        dict(os.environ, PATH=path),
    )
    lock_path = REQUIREMENTS.parent / "package-lock.json"
    lock = json.loads(lock_path.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    lock_path.write_text(json.dumps(lock, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
