"""The installation whose channels are measured: with both stand-ins as vendors, a worker apart, and nothing old."""

import dataclasses
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import create_engine, text

from bot.db.session import Database
from bot.ops.bench.channels.vendors import Vendor
from bot.ops.bench.system import environment, own_installation
from bot.ops.postgres import postgres_process
from bot.ops.processes import Process, ProcessError, running
from bot.ops.redis import redis_process
from bot.ops.services import jawab_command, web_process, worker_process
from bot.senders.service import Account, SenderBook
from bot.settings import Settings

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.2
CANCEL = text("UPDATE dbos.workflow_status SET status = 'CANCELLED' WHERE status = 'ENQUEUED'")
UNDER_WAY = text("SELECT count(*) FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING')")
FINISHED = text("SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS' AND name = 'turn'")


def fresh_installation(settings: Settings, vendors: Mapping[str, Vendor]) -> Settings:
    """Settings of an installation that the stand-ins can reach."""
    own = own_installation(settings)
    telegram, twilio = vendors["telegram"].about(), vendors["whatsapp"].about()
    changes = {
        "var": settings.var / "bench" / "channels",
        "worker": "separate",
        "given_public_url": own.web_url,
        "telegram_bot_token": SecretStr(telegram["token"]),
        "telegram_api_url": vendors["telegram"].url,
        "twilio_account_sid": twilio["account"],
        "twilio_auth_token": SecretStr(twilio["token"]),
        "twilio_whatsapp_from": twilio["sender"].removeprefix("whatsapp:"),
        "twilio_api_url": vendors["whatsapp"].url,
    }
    return own.model_copy(update=changes)


def clear(settings: Settings) -> None:
    """Begin with nothing: what earlier measurements left would be in the figures."""
    shutil.rmtree(settings.var / "bench" / "channels", ignore_errors=True)
    (settings.var / "bench" / "channels").mkdir(parents=True)


@contextmanager
def engines_and_web(own: Settings) -> Iterator[None]:
    """PostgreSQL, Redis and the web process, without anybody who takes work."""
    with ExitStack() as stack:
        for process in (postgres_process(own), redis_process(own)):
            stack.enter_context(_running(own, process))
        done = subprocess.run(
            jawab_command("prepare"), cwd=own.root, env=environment(own), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ProcessError(f"The database could not be prepared:\n{done.stdout[-500:]}{done.stderr[-500:]}")
        stack.enter_context(_running(own, web_process(own)))
        yield


@contextmanager
def worker_beside(own: Settings, *, is_hurried: bool = False) -> Iterator[int]:
    """A worker; one that is hurried keeps no vendor's pace. Gives its process id."""
    process = worker_process(own)
    if is_hurried:
        process = dataclasses.replace(process, argv=(sys.executable, "-m", "bot.ops.bench.channels.hurried"))
    with _running(own, process) as pid:
        yield pid


@contextmanager
def _running(own: Settings, process: Process) -> Iterator[int]:
    own.var.joinpath("log").mkdir(parents=True, exist_ok=True)
    with (own.var / "log" / f"{process.name}.log").open("ab") as log:
        with running(dataclasses.replace(process, env={**environment(own), **process.env}), log) as pid:
            yield pid


@dataclass
class Books:
    """What an installation keeps, from beside it."""

    settings: Settings

    def __post_init__(self) -> None:
        self.database = Database(self.settings.database_url, pool_size=2)
        self._engine = create_engine(self.settings.dbos_database_url, isolation_level="AUTOCOMMIT")

    def accounts(self) -> dict[str, Account]:
        """Our senders, by channel."""
        book = SenderBook(encryption_key=self.settings.encryption_key.get_secret_value())
        with self.database.transaction() as session:
            return {one.channel: one for one in book.list(session)}

    def turns_done(self) -> int:
        """How many turns ended so far."""
        with self._engine.connect() as connection:
            return int(connection.execute(FINISHED).scalar_one())

    def forget_turns(self) -> None:
        """Take back the turns that wait, and let those end that have begun."""
        end = time.monotonic() + PATIENCE_SECONDS
        with self._engine.connect() as connection:
            connection.execute(CANCEL)
            while connection.execute(UNDER_WAY).scalar() and time.monotonic() < end:
                time.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Close the connections."""
        self.database.dispose()
        self._engine.dispose()
