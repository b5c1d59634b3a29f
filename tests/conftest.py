"""Engines for all tests: one PostgreSQL and one Redis a run, in them databases of each worker's own."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import redis
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from bot.catalogue.service import import_files
from bot.catalogue.snapshot import Catalogue, Snapshot
from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.db.tables import metadata
from bot.dialogue.detector_training import train_detector
from bot.nlu.spelling import everyday_words
from bot.ops.postgres import create_databases, postgres_process
from bot.ops.processes import running
from bot.ops.redis import redis_process
from bot.settings import REPOSITORY, Settings
from tests.installations import new_installation, open_folder

TODAY = date(2026, 11, 23)
SHIPPED = REPOSITORY / "data" / "catalogue"
EMPTYINGS = 3
# Whoever makes the copy of the shipped catalogue holds this; the number is arbitrary.
SHIPPED_LOCK = 0x4A617761620F
# Folders of tests that share a running system, or a trained model.
SHARING = ("system", "rasa")
ENGINES = pytest.StashKey[dict[str, str]]()

# The same examples at every run, however slow the machine is.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True, database=None)
# Others each time: pytest --hypothesis-profile=thorough
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=3000, database=None)
hypothesis.settings.load_profile("house")


def _group_of(item: pytest.Item) -> str:
    path = item.path.relative_to(Path(__file__).parent)
    return path.parts[0] if path.parts[0] in SHARING else str(path)


@contextlib.contextmanager
def running_engines() -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis in a throwaway folder; gives their addresses."""
    with open_folder() as folder:
        with pytest.MonkeyPatch.context() as patch:
            settings = new_installation(folder, patch).model_copy(update={"root": REPOSITORY})
        with running(postgres_process(settings)), running(redis_process(settings)):
            yield {"postgres": settings.database_url, "redis": settings.redis_url}


def engines_of(config: pytest.Config) -> dict[str, str]:
    """The engines of this run, started at the first call."""
    if ENGINES not in config.stash:
        stack = contextlib.ExitStack()
        config.stash[ENGINES] = stack.enter_context(running_engines())
        config.add_cleanup(stack.close)
    return config.stash[ENGINES]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares something that takes long to start goes to one worker of pytest-xdist, and is begun first."""
    groups = {item: _group_of(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: SHARING.index(groups[item]) if groups[item] in SHARING else len(SHARING))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under pytest-xdist, start the engines in the process that all workers share."""
    node.workerinput["engines"] = engines_of(node.config)


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where PostgreSQL and Redis listen."""
    workerinput: dict[str, Any] = getattr(request.config, "workerinput", {})
    return workerinput.get("engines") or engines_of(request.config)


@pytest.fixture(scope="session")
def settings(engines: dict[str, str]) -> Iterator[Settings]:
    """The settings of an installation of this worker's own: folder, ports, secrets, databases; the day is fixed."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    postgres = make_url(engines["postgres"]).set(database=f"jawab_{worker}")
    cache = engines["redis"].rpartition("/")[0] + f"/{int(worker.removeprefix('gw')) % 16}"
    changes = {
        "root": REPOSITORY,
        "today": TODAY,
        "given_database_url": SecretStr(postgres.render_as_string(hide_password=False)),
        "given_redis_url": SecretStr(cache),
    }
    with open_folder() as folder:
        with pytest.MonkeyPatch.context() as patch:
            own = new_installation(folder, patch)
        yield own.model_copy(update=changes)


@pytest.fixture(scope="session")
def migrated(settings: Settings) -> Iterator[Database]:
    """This worker's database with all tables; tests take `database`."""
    create_databases(settings)
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    yield database
    database.dispose()


@pytest.fixture
def database(migrated: Database) -> Database:
    """A database with all tables and nothing in them."""
    for attempt in range(1, EMPTYINGS + 1):
        try:
            _empty(migrated)
            break
        except OperationalError:  # A thread of the test before was at its last look: one of the two gives way.
            if attempt == EMPTYINGS:
                raise
    return migrated


def _empty(database: Database) -> None:
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with database.transaction() as session:
        session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@pytest.fixture
def cache(settings: Settings) -> Iterator["redis.Redis"]:
    """An empty Redis of this worker's own."""
    with redis.Redis.from_url(settings.redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def shipped_template(settings: Settings) -> str:
    """The name of a database that holds the shipped catalogue, made once a run; nobody connects to it."""
    create_databases(settings)
    name = "shipped"
    with _server(settings) as server:
        server.execute("SELECT pg_advisory_lock(%s)", (SHIPPED_LOCK,))
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            server.execute("DROP DATABASE IF EXISTS being_shipped")
            server.execute("CREATE DATABASE being_shipped")
            _ship(_url(settings, "being_shipped"))
            server.execute(sql.SQL("ALTER DATABASE being_shipped RENAME TO {}").format(sql.Identifier(name)))
    return name


@pytest.fixture
def shipped_copy(settings: Settings, shipped_template: str) -> Iterator[Database]:
    """A database with the shipped catalogue that a test may change."""
    with copied(settings, shipped_template) as database:
        yield database


@pytest.fixture(scope="session")
def shipped_catalogue(settings: Settings, shipped_template: str) -> Iterator[Catalogue]:
    """The shipped catalogue, to be read only."""
    with copied(settings, shipped_template) as database:
        yield Catalogue(database, everyday_words(REPOSITORY / "data"))


@pytest.fixture(scope="session")
def shipped(shipped_catalogue: Catalogue) -> Snapshot:
    """The snapshot of the shipped catalogue."""
    return shipped_catalogue.current()


@pytest.fixture(scope="session")
def trained_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stand-in for the repository: its data and domain, and a language detector trained on them now."""
    root = tmp_path_factory.mktemp("trained")
    for name in ("data", "domain"):
        (root / name).symlink_to(REPOSITORY / name)
    train_detector(root)
    return root


def _ship(url: str) -> None:
    upgrade(url)
    database = Database(url, pool_size=1)
    try:
        with database.transaction() as session:
            import_files(session, [SHIPPED])
    finally:
        database.dispose()


@contextlib.contextmanager
def copied(settings: Settings, template: str) -> Iterator[Database]:
    """A new database with what the template holds."""
    name = f"{template}_{uuid.uuid4().hex}"
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
    with _server(settings) as server:
        server.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
    database = Database(_url(settings, name), pool_size=2)
    yield database
    database.dispose()


def _server(settings: Settings) -> "psycopg.Connection[tuple[object, ...]]":
    url = make_url(_url(settings, "postgres")).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _url(settings: Settings, name: str) -> str:
    return make_url(settings.database_url).set(database=name).render_as_string(hide_password=False)
