#!/usr/bin/env python3
"""Make the environments of a clone: `python3 scripts/setup.py [app] [rasa] [dev] [npm] [voice]`.

Without an argument: app, rasa and npm. `dev` is `app` with the tools for tests and checks; `voice` adds speech to text,
which hears voice notes.

Runs on any Python from 3.8 on, with nothing installed. What is there already and made of the same lock stays.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
APP, RASA = ROOT / ".venv", ROOT / ".venv-rasa"
REQUIREMENTS = ROOT / "requirements"
STAMP = "jawab-lock.sha256"
PARTS = ("app", "rasa", "dev", "npm", "voice")
DEFAULT_PARTS = ("app", "rasa", "npm")
NO_NETWORK = re.compile(
    r"connect|dns|network|timed? ?out|resolve host|request failed|unreachable|from versions: none", re.IGNORECASE
)
NO_NETWORK_ADVICE = """\
The package registry could not be reached.
Check the network connection; behind a proxy set HTTPS_PROXY;
with a mirror of your own set UV_DEFAULT_INDEX (Python) or `npm config set registry` (front end)."""


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Make the parts that were asked for; 0 when all is in place."""
    parts = list(arguments) or list(DEFAULT_PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        print(f"{__doc__}\nNot a part: {', '.join(unknown)}", file=sys.stderr)
        return 2
    try:
        with one_at_a_time():
            make(parts)
    except SetupError as error:
        print(f"\nSet-up stopped. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def make(parts: Sequence[str]) -> None:
    """Make each part that is not there yet."""
    if "dev" in parts:
        make_environment(APP, "dev", ("3.11", "3.12"), accepts=("dev",))
    elif "app" in parts or "voice" in parts:
        kind = "dev" if read_stamp(APP, 2) == "dev" else "app"
        make_environment(APP, kind, ("3.11", "3.12"), accepts=("app", "dev"))
    if {"app", "dev", "voice"} & set(parts):
        install_ourselves()
    if "voice" in parts:
        add_voice()
    if "rasa" in parts:
        make_environment(RASA, "rasa", ("3.10",), accepts=("rasa",))
    if "npm" in parts:
        make_front_end()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for another set-up of this clone to end."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up of this clone is running; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_environment(folder: Path, kind: str, versions: Sequence[str], accepts: Sequence[str]) -> None:
    """A virtual environment that holds exactly what the lock says, checked by hash."""
    if is_made(folder, accepts):
        return
    lock = REQUIREMENTS / f"{kind}.txt"
    uv = find_uv()
    if not runs(folder / "bin" / "python") or read_stamp(folder, 1) not in (None, str(folder)):
        interpreter = find_python(versions, uv)
        say(f"{kind}: new environment {folder.name} with {interpreter}")
        run(
            [uv, "venv", "--quiet", "--clear", "--python", interpreter, folder],
            "The environment was not made.",
        )
    say(f"{kind}: installing {count_packages(lock)} packages of requirements/{lock.name}")
    with contextlib.suppress(FileNotFoundError):
        (folder / STAMP).unlink()
    python = folder / "bin" / "python"
    run(
        [uv, "pip", "sync", "--require-hashes", "--python", python, lock],
        f"The packages of requirements/{lock.name} were not installed.",
    )
    (folder / STAMP).write_text(f"{digest(lock)}\n{folder}\n{kind}\n")
    say(f"{kind}: ready")


def add_voice() -> None:
    """Speech to text beside the app; a new app or dev lock takes it out again."""
    lock = REQUIREMENTS / "voice.txt"
    say(f"voice: installing {count_packages(lock)} packages of requirements/{lock.name}")
    run(
        [find_uv(), "pip", "install", "--quiet", "--require-hashes", "--python", APP / "bin" / "python", "-r", lock],
        f"The packages of requirements/{lock.name} were not installed.",
    )
    say("voice: ready; JAWAB_VOICE_MODEL names the folder of a model")


def is_made(folder: Path, accepts: Sequence[str]) -> bool:
    """Whether the environment stands here, works, and was made of today's lock."""
    locks = [digest(REQUIREMENTS / f"{kind}.txt") for kind in accepts if (REQUIREMENTS / f"{kind}.txt").exists()]
    here = read_stamp(folder, 1) == str(folder)
    return here and read_stamp(folder, 0) in locks and runs(folder / "bin" / "python")


def install_ourselves() -> None:
    """Make `import bot` and the command `jawab` work in the app's environment, wherever one stands."""
    python = APP / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    replace(packages / "jawab.pth", f"{ROOT}\n", 0o644)
    command = f'#!/bin/sh\nexec {shlex.quote(str(python))} -P -m bot.cli "$@"\n'
    replace(APP / "bin" / "jawab", command, 0o755)


def make_front_end() -> None:
    """Fonts and test tools of the web pages, from npm by lock file."""
    lock, modules = ROOT / "package-lock.json", ROOT / "node_modules"
    if not lock.exists() or read_stamp(modules, 0) == digest(lock):
        return
    npm, path = find_npm()
    say("npm: installing the packages of package-lock.json")
    environment = dict(tool_environment(), PATH=path)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    run(command, "The packages of package-lock.json were not installed.", environment)
    modules.mkdir(exist_ok=True)
    (modules / STAMP).write_text(digest(lock) + "\n")
    say("npm: ready")


def find_uv() -> Path:
    """Our own copy of uv, installed with pip at first need."""
    for candidate in (TOOLS / "bin" / "uv", TOOLS / "lib" / "bin" / "uv"):
        if runs(candidate, "--version"):
            return candidate
    say("tools: installing uv")
    lock = ["--require-hashes", "--requirement", str(REQUIREMENTS / "tools.txt")]
    pip = [sys.executable, "-m", "pip", "install", "--quiet"]
    if subprocess.run([sys.executable, "-m", "venv", TOOLS], capture_output=True).returncode == 0:
        pip[0] = str(TOOLS / "bin" / "python")
    else:
        if not runs(Path(sys.executable), "-m", "pip", "--version"):
            raise SetupError("This Python has neither venv nor pip: install python3-venv or python3-pip.")
        pip += ["--target", str(TOOLS / "lib")]
    run([*pip, *lock], "uv, the installer, could not be installed.")
    return find_uv()


def find_python(versions: Sequence[str], uv: Path) -> Path:
    """An interpreter of one of the versions that really runs (a shim of pyenv may not)."""
    for candidate in python_candidates(versions):
        if interpreter_version(candidate) in versions:
            return Path(candidate)
    say(f"Python {versions[-1]} is not on this machine; asking uv to fetch it")
    subprocess.run([uv, "python", "install", versions[-1]], env=tool_environment())
    found = subprocess.run(
        [uv, "python", "find", "--managed-python", versions[-1]],
        capture_output=True,
        text=True,
        env=tool_environment(),
    )
    if found.returncode == 0:
        return Path(found.stdout.strip())
    hint = " or set RASA_PYTHON to one (in the environment or .env)" if "3.10" in versions else ""
    wanted = " or ".join(versions)
    raise SetupError(
        f"No Python {wanted} was found, and none could be fetched. Install one (with your system's packages, "
        f"pyenv, or `uv python install {versions[-1]}` where the network allows){hint}; then run this again."
    )


def python_candidates(versions: Sequence[str]) -> Iterator[str]:
    """Where interpreters may be, the best place first."""
    named = os.environ.get("RASA_PYTHON") or dotenv_value("RASA_PYTHON")
    if "3.10" in versions and named:
        if interpreter_version(named) != "3.10":
            raise SetupError(f"RASA_PYTHON is {named}, which is not a Python 3.10 that runs.")
        yield named
    yield sys.executable
    for version in versions:
        found = shutil.which(f"python{version}")
        if found:
            yield found
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        for folder in sorted(pyenv.glob(f"versions/{version}*"), reverse=True):
            yield str(folder / "bin" / f"python{version}")


def find_npm() -> tuple[str, str]:
    """npm and the PATH to run it with: the machine's, else one from a wheel."""
    path = os.environ.get("PATH", os.defpath)
    npm = shutil.which("npm")
    if npm and runs(Path(npm), "--version"):
        return npm, path
    folder = TOOLS / "node"
    if not runs(folder / "bin" / "npm", "--version"):
        uv = find_uv()
        say("tools: installing Node.js")
        run(
            [uv, "venv", "--quiet", "--clear", "--python", APP / "bin" / "python", folder],
            "Node.js has no home.",
        )
        lock = REQUIREMENTS / "node.txt"
        run(
            [uv, "pip", "sync", "--require-hashes", "--python", folder / "bin" / "python", lock],
            "No Node.js.",
        )
    return str(folder / "bin" / "npm"), f"{folder / 'bin'}{os.pathsep}{path}"


def run(command: Sequence[str | Path], failure: str, environment: dict[str, str] | None = None) -> None:
    """Run a tool with its progress on our terminal; tried twice, for the network's sake."""
    words = [str(word) for word in command]
    environment = environment or tool_environment()
    if subprocess.run(words, cwd=ROOT, env=environment).returncode == 0:
        return
    again = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    if again.returncode:
        is_offline = NO_NETWORK.search(again.stderr + again.stdout)
        raise SetupError(f"{failure} {NO_NETWORK_ADVICE if is_offline else 'Why is said above.'}")


def tool_environment() -> dict[str, str]:
    """Our environment, with a cache that can be written to and without the caller's virtual environment."""
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    if not os.access(Path.home(), os.W_OK):
        environment.setdefault("UV_CACHE_DIR", str(TOOLS / "cache"))
        environment.setdefault("UV_PYTHON_INSTALL_DIR", str(TOOLS / "python"))
        environment.setdefault("npm_config_cache", str(TOOLS / "npm-cache"))
    environment.setdefault("UV_HTTP_TIMEOUT", "120")
    return environment


def interpreter_version(python: str) -> str | None:
    """The version of an interpreter as 3.11, or None if it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def runs(program: Path, *arguments: str) -> bool:
    """Whether a program starts and ends well."""
    try:
        done = subprocess.run([program, *(arguments or ("-c", ""))], capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def dotenv_value(name: str) -> str | None:
    """A plain value from `.env`."""
    path = ROOT / ".env"
    found = re.search(rf"^\s*{name}\s*=\s*(.+?)\s*$", path.read_text(), re.MULTILINE) if path.exists() else None
    return found.group(1).strip("'\"") if found else None


def read_stamp(folder: Path, line: int) -> str | None:
    """A line of the note that we leave in what we made: digest of the lock, place, kind."""
    try:
        return (folder / STAMP).read_text().splitlines()[line]
    except (OSError, IndexError):
        return None


def digest(lock: Path) -> str:
    """The SHA-256 of a lock file."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def count_packages(lock: Path) -> int:
    """How many packages a lock names."""
    return len(re.findall(r"^[A-Za-z0-9].*==", lock.read_text(), re.MULTILINE))


def replace(path: Path, content: str, mode: int) -> None:
    """Write a file in one stroke, if it differs."""
    if path.exists() and path.read_text() == content:
        return
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(content)
    fresh.chmod(mode)
    fresh.replace(path)


def say(words: str) -> None:
    """A line of progress."""
    print(f"· {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
