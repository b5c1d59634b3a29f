"""What `jawab doctor` looks at, one function each."""

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from bot.db.migrate import is_current
from bot.errors import JawabError
from bot.media import transcriber
from bot.ops import postgres, redis
from bot.ops.environments import differences, is_fresh, python_version
from bot.ops.findings import Finding, Level
from bot.ops.lock import is_held
from bot.ops.ports import busy_ports
from bot.ops.processes import Process
from bot.ops.services import answers, rasa_python
from bot.ops.train import check_model, current_model, is_stale
from bot.settings import Settings, setting_name

GIGABYTE = 1_000_000_000
DISK_NEEDED = GIGABYTE
MEMORY_NEEDED = 2 * GIGABYTE
APP_PYTHONS = ((3, 11), (3, 12))
RASA_PYTHON = (3, 10)
SHOWN_DIFFERENCES = 4


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Settings that are valid but will hurt."""
    yield Finding(Level.OK, "settings", f"{settings.environment}, all names and values are known")
    if settings.twilio_account_sid and not settings.given_public_url:
        advice = f"Set {setting_name('public_url')} to the https address that leads here."
        yield Finding(Level.NOTE, "public address", "WhatsApp cannot reach us; Telegram is polled", advice)
    if settings.voice_model and not transcriber.is_installed():
        yield Finding(Level.NOTE, "voice notes", "speech to text is not installed", "python3 scripts/setup.py voice")
    if settings.is_production and settings.uses_embedded_postgres:
        words = "production on the embedded PostgreSQL: one machine, and backups are yours to arrange"
        yield Finding(Level.NOTE, "database", words, "Set DATABASE_URL to a server that is looked after.")


def check_machine(settings: Settings) -> Iterator[Finding]:
    """Processor, memory and disk."""
    free = shutil.disk_usage(settings.root).free
    level = Level.OK if free > DISK_NEEDED else Level.FAIL
    advice = "" if level is Level.OK else "Free at least 1 GB."
    yield Finding(level, "disk", f"{free / GIGABYTE:.1f} GB free", advice)
    memory = psutil.virtual_memory().available
    level = Level.OK if memory > MEMORY_NEEDED or is_held(settings.var) else Level.NOTE
    advice = "" if level is Level.OK else "Jawab needs about 2 GB: close something."
    yield Finding(level, "memory", f"{memory / GIGABYTE:.1f} GB available", advice)
    if platform.machine() in ("x86_64", "AMD64"):
        yield _processor()


def check_environments(settings: Settings) -> Iterator[Finding]:
    """The two interpreters, and whether what they hold is what the locks say."""
    requirements = settings.root / "requirements"
    version = sys.version_info[:2]
    if version in APP_PYTHONS:
        yield Finding(Level.OK, "app Python", platform.python_version())
    else:
        yield Finding(Level.FAIL, "app Python", platform.python_version(), "Use 3.11 or 3.12: scripts/setup.py")
    wrong = differences(requirements / "app.txt")
    if wrong:
        words = ", ".join(wrong[:SHOWN_DIFFERENCES]) + (" …" if len(wrong) > SHOWN_DIFFERENCES else "")
        yield Finding(Level.FAIL, "app packages", words, "Run: python3 scripts/setup.py app")
    else:
        yield Finding(Level.OK, "app packages", "as locked")
    if settings.starts_rasa:
        yield _rasa_environment(settings, requirements / "rasa.txt")


def check_ports(settings: Settings) -> Iterator[Finding]:
    """Ports that somebody else has."""
    if is_held(settings.var):
        yield Finding(Level.OK, "ports", "Jawab is running and holds them")
        return
    wanted = {"web": "port"}
    wanted |= {"rasa": "rasa_port"} if settings.starts_rasa else {}
    wanted |= {"actions": "actions_port"} if settings.starts_actions else {}
    wanted |= {"postgres": "postgres_port"} if settings.uses_embedded_postgres else {}
    wanted |= {"redis": "redis_port"} if settings.uses_embedded_redis else {}
    processes = [_listener(name, field, settings) for name, field in wanted.items()]
    problems = busy_ports(processes, settings.host)
    for problem in problems:
        words, _, advice = problem.partition(": ")
        yield Finding(Level.FAIL, "port", words, advice)
    if not problems:
        yield Finding(Level.OK, "ports", "free: " + ", ".join(str(getattr(settings, f)) for f in wanted.values()))


def check_database(settings: Settings) -> Iterator[Finding]:
    """PostgreSQL, and whether it has all tables."""
    embedded = settings.uses_embedded_postgres
    try:
        reachable = postgres.answers(settings.database_url)
    except JawabError as error:
        yield Finding(Level.FAIL, "PostgreSQL", str(error), "Put the right password there.")
        return
    if not reachable and embedded:
        yield Finding(Level.OK, "PostgreSQL", "embedded, starts with `jawab up`")
    elif not reachable:
        yield Finding(Level.FAIL, "PostgreSQL", "no answer at DATABASE_URL", "Start it or correct DATABASE_URL.")
    elif is_current(settings.database_url):
        yield Finding(Level.OK, "PostgreSQL", "answers, tables are up to date")
    else:
        advice = "`jawab up` does it, or run: jawab migrate"
        yield Finding(Level.NOTE, "PostgreSQL", "answers, its tables are not up to date", advice)


def check_redis(settings: Settings) -> Iterator[Finding]:
    """Redis."""
    if redis.answers(settings.redis_url):
        yield Finding(Level.OK, "Redis", "answers")
    elif settings.uses_embedded_redis:
        yield Finding(Level.OK, "Redis", "embedded, starts with `jawab up`")
    else:
        yield Finding(Level.FAIL, "Redis", "no answer at REDIS_URL", "Start it or correct REDIS_URL.")


def check_model_file(settings: Settings) -> Iterator[Finding]:
    """The trained model."""
    if not settings.starts_rasa:
        answer = answers(f"{settings.rasa_url}/webhooks/jawab/")
        level, words = (Level.OK, "answers") if answer else (Level.NOTE, "does not answer")
        yield Finding(level, "Rasa", f"{settings.rasa_url} {words}")
        return
    model = current_model(settings.root)
    if model is None:
        yield Finding(Level.NOTE, "language model", "not trained yet", "`jawab up` trains it, or: jawab train")
        return
    check_model(model)
    if is_stale(settings.root):
        yield Finding(Level.NOTE, "language model", "older than its sources", "`jawab up` trains it anew.")
    else:
        yield Finding(Level.OK, "language model", model.name)


ALL = (
    check_settings,
    check_machine,
    check_environments,
    check_ports,
    check_database,
    check_redis,
    check_model_file,
)


def _processor() -> Finding:
    flags = Path("/proc/cpuinfo")
    if not flags.exists() or " avx2 " in flags.read_text("utf-8", "replace").replace("\n", " "):
        return Finding(Level.OK, "processor", f"{psutil.cpu_count()} cores")
    words = "has no AVX2, which the language model's libraries need"
    return Finding(Level.FAIL, "processor", words, "Use another machine, or let the virtual one pass AVX2 on.")


def _rasa_environment(settings: Settings, lock: Path) -> Finding:
    repair = "Run: python3 scripts/setup.py rasa"
    interpreter = rasa_python(settings)
    version = python_version(interpreter)
    if version != RASA_PYTHON:
        words = "the Rasa environment is missing" if version is None else f"has Python {version[0]}.{version[1]}"
        return Finding(Level.FAIL, "Rasa packages", words, repair)
    if is_fresh(interpreter.parents[1], lock):
        return Finding(Level.OK, "Rasa packages", "Python 3.10, as locked")
    return Finding(Level.NOTE, "Rasa packages", "made from another lock than this one", repair)


def _listener(name: str, field: str, settings: Settings) -> Process:
    ports = {setting_name(field): getattr(settings, field)}
    return Process(name=name, argv=(), cwd=settings.root, is_ready=lambda: True, ports=ports)
