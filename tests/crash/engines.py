"""PostgreSQL and Redis of the crash suite's own: it kills the one, and nobody else may feel it."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from dbos import run_dbos_database_migrations
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import make_url

from bot.db.migrate import upgrade
from bot.ops.postgres import create_databases, postgres_process
from bot.ops.processes import running
from bot.ops.redis import redis_process
from bot.settings import REPOSITORY, Settings
from tests.crash.ports import lasting_ports
from tests.crash.processes import Server
from tests.fakes.rasa_stub import TOKEN
from tests.installations import new_installation, open_folder

TEMPLATE = "crash_template"
# A killed server loses nothing that it gave to the system, which lives on: to wait for the disk would only take time.
UNHURT = ("-c", "fsync=off")
BOTH = ("", "_dbos")


@dataclass(frozen=True)
class Engines:
    """The server, the address of Redis, and how to get databases that hold nothing but our tables."""

    postgres: Server
    settings: Settings

    def url(self, name: str) -> str:
        """The address of one database, as SQLAlchemy wants it."""
        return make_url(self.settings.database_url).set(database=name).render_as_string(hide_password=False)

    def make(self, name: str) -> None:
        """New databases, the application's and the durable engine's, from the template."""
        if self.postgres.has_ended:  # The run before broke off while it was dead.
            self.postgres.start()
            self.postgres.wait_until_ready()
        with self.server() as server:
            for kind in BOTH:
                names = {"name": sql.Identifier(name + kind), "template": sql.Identifier(TEMPLATE + kind)}
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(**names))
                server.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))

    def drop(self, name: str) -> None:
        """Remove the databases of a run, if the server is there."""
        with contextlib.suppress(psycopg.OperationalError), self.server() as server:
            for kind in BOTH:
                named = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name + kind))
                server.execute(named)

    def server(self) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection to the server itself."""
        url = make_url(self.url("postgres")).set(drivername="postgresql")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=5)


@contextmanager
def running_engines() -> Iterator[Engines]:
    """Both engines in a throwaway folder, with the template."""
    with open_folder() as folder:
        with pytest.MonkeyPatch.context() as patch:
            settings = new_installation(folder, patch)
        changes = {"root": REPOSITORY, "postgres_port": lasting_ports(1)[0]}
        settings = settings.model_copy(update=changes)
        process = postgres_process(settings)
        process = replace(process, argv=(*process.argv, *UNHURT))
        postgres = Server("postgres", process.is_ready, process, folder / "postgres.log")
        with running(redis_process(settings)):
            try:
                postgres.start()
                postgres.wait_until_ready()
                engines = Engines(postgres, settings)
                _make_template(engines)
                yield engines
            finally:
                postgres.stop()


def _make_template(engines: Engines) -> None:
    given = SecretStr(engines.url(TEMPLATE))
    settings = engines.settings.model_copy(update={"given_database_url": given})
    create_databases(settings)
    upgrade(settings.database_url)
    run_dbos_database_migrations(system_database_url=settings.dbos_database_url)
    with engines.server() as server:  # A template is copied only while nobody looks at it.
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE %s", (f"{TEMPLATE}%",)
        )


def run_settings(engines: Engines, folder: Path, root: Path) -> Settings:
    """The settings of one run: its own folder and secrets; the databases come with its name."""
    with pytest.MonkeyPatch.context() as patch:
        own = new_installation(folder, patch)
    changes = {
        "root": root,
        "given_redis_url": SecretStr(engines.settings.redis_url),
        "rasa_token": SecretStr(TOKEN),
    }
    return own.model_copy(update=changes)
