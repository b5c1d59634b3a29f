"""Where settings come from: the environment, `.env`, files named by `X_FILE`, secrets made in development."""

import base64
import os
import secrets
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

PREFIX = "JAWAB_"
FILE_SUFFIX = "_FILE"


def read_sources(root: Path, environ: Mapping[str, str], known: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The value of each known name that is set, and a list of problems.

    An empty string counts as not set; in the environment it takes away what `.env` says.
    """
    problems: list[str] = []
    values: dict[str, str] = {}
    for source, layer in ((".env", _dotenv(root / ".env", problems)), ("environment", dict(environ))):
        given = {name: value for name, value in layer.items() if value.strip()}
        problems += _unknown(given, known, source)
        emptied = {name.removesuffix(FILE_SUFFIX) for name in layer.keys() - given.keys()}
        values = {name: value for name, value in values.items() if name not in emptied}
        values |= _layer_values(given, known, problems)
    return values, problems


def development_secret(path: Path) -> str:
    """The secret kept in that file, made now if there is none: 32 random bytes in URL-safe base64.

    Processes that start together get the same one: the first link wins.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text("ascii").strip()


def _dotenv(path: Path, problems: list[str]) -> dict[str, str]:
    if not path.is_file():
        return {}
    values = dotenv_values(path, interpolate=False, encoding="utf-8")
    problems += [f"{name} in .env has no value: write {name}=…" for name, value in values.items() if value is None]
    return {name: value for name, value in values.items() if value is not None}


def _unknown(given: Mapping[str, str], known: Collection[str], source: str) -> list[str]:
    problems = []
    for name in sorted(given):
        if not name.startswith(PREFIX) or name in known or name.removesuffix(FILE_SUFFIX) in known:
            continue
        close = get_close_matches(name, known, n=1, cutoff=0.6)
        hint = f"; did you mean {close[0]}?" if close else "; .env.example lists all settings"
        problems.append(f"{name} ({source}) is not a setting{hint}")
    return problems


def _layer_values(given: Mapping[str, str], known: Collection[str], problems: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name in known:
        path = given.get(name + FILE_SUFFIX)
        if name in given and path:
            problems.append(f"{name} and {name}{FILE_SUFFIX} are both set; keep one")
        elif name in given:
            values[name] = given[name].strip()
        elif path:
            content = _file_content(name, Path(path), problems)
            if content:
                values[name] = content
    return values


def _file_content(name: str, path: Path, problems: list[str]) -> str | None:
    try:
        content = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        problems.append(f"{name}{FILE_SUFFIX} names {path}, which cannot be read: {reason}")
        return None
    if not content:
        problems.append(f"{name}{FILE_SUFFIX} names {path}, which is empty")
    return content
