"""Whether the two Python environments are what their lock files say."""

import hashlib
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

STAMP = "jawab-lock.sha256"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==([^ ;\\]+)( *;)?", re.MULTILINE | re.IGNORECASE)


def lock_digest(lock: Path) -> str:
    """The SHA-256 of a lock file, as the set-up script notes it in the environment that it made of it."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def is_fresh(environment: Path, lock: Path) -> bool:
    """Whether the set-up script made that environment of this very lock."""
    try:
        return (environment / STAMP).read_text("utf-8").splitlines()[0] == lock_digest(lock)
    except (FileNotFoundError, IndexError):
        return False


def differences(lock: Path) -> list[str]:
    """What of the lock is missing from, or another version in, the environment that runs us."""
    installed = {_canonical(found.name): found.version for found in distributions()}
    locked: dict[str, list[str]] = {}
    required = set()
    for name, version, condition in PINNED.findall(lock.read_text("utf-8")):
        # A package may stand there twice, with a version for each Python.
        locked.setdefault(_canonical(name), []).append(version)
        if not condition:
            required.add(_canonical(name))
    missing = [f"{name} is missing" for name in required - installed.keys()]
    other = [
        f"{name} is {installed[name]} instead of {' or '.join(versions)}"
        for name, versions in locked.items()
        if name in installed and installed[name] not in versions
    ]
    return sorted(missing) + other


def python_version(interpreter: Path) -> tuple[int, int] | None:
    """The version of an interpreter that really runs; None when it does not."""
    if interpreter == Path(sys.executable):
        return sys.version_info[:2]
    code = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor = done.stdout.split()
    return int(major), int(minor)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
