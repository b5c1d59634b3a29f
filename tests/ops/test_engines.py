"""The embedded PostgreSQL and Redis, for real."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from bot.ops import postgres, redis
from bot.ops.postgres import create_databases, postgres_process
from bot.ops.postgres_home import SERVER_UID
from bot.ops.processes import running
from bot.ops.redis import redis_process
from bot.settings import Settings
from tests.installations import is_alive, new_installation, open_folder

HOLDER = """
import sys
from pathlib import Path
from bot.ops.postgres import postgres_process
from bot.ops.processes import running
from bot.settings import load_settings
with running(postgres_process(load_settings(Path(sys.argv[1])))) as pid:
    print(pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    with open_folder() as folder:
        yield new_installation(folder / "it's mine", monkeypatch)


@contextlib.contextmanager
def connected(settings: Settings) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    url = settings.database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_it_starts_in_a_path_with_spaces_and_keeps_its_data(installation: Settings) -> None:
    with running(postgres_process(installation)):
        assert create_databases(installation) == ["jawab", "jawab_dbos"]
        with connected(installation) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('جواب')")
    with running(postgres_process(installation)):
        assert create_databases(installation) == []
        with connected(installation) as connection:
            assert connection.execute("SELECT word FROM kept").fetchall() == [("جواب",)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")
def test_root_runs_it_as_a_user_of_its_own(installation: Settings) -> None:
    with running(postgres_process(installation)) as pid:
        assert psutil.Process(pid).uids().effective == SERVER_UID


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has closed folders that it can use")
def test_a_closed_folder_is_left_for_one_that_the_server_reaches(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.root.chmod(0o700)
    state = installation.root.parent / "state"
    monkeypatch.setattr("bot.ops.postgres_home._state_folder", lambda path: state)
    for _ in range(2):
        with running(postgres_process(installation)):
            assert postgres.answers(installation.database_url)
    assert (state / "postgres" / "18" / "PG_VERSION").exists()
    assert not (installation.var / "postgres" / "18").exists()


def test_it_listens_on_loopback_with_a_password_only(installation: Settings) -> None:
    with running(postgres_process(installation)) as pid:
        addresses = {one.laddr.ip for one in psutil.Process(pid).net_connections("tcp")}
        assert addresses == {"127.0.0.1"}
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://jawab:wrong@127.0.0.1:{installation.postgres_port}/postgres")


def test_after_kill_9_of_everything_it_starts_again(installation: Settings) -> None:
    with running(postgres_process(installation)) as pid:
        for process in [psutil.Process(pid), *psutil.Process(pid).children()]:
            # The first one's death ends some of the others.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
    pid_file = installation.var / "postgres" / "18" / "postmaster.pid"
    assert pid_file.exists()
    # The number was given to a stranger since.
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    with running(postgres_process(installation)):
        assert postgres.answers(installation.database_url)


def test_it_does_not_outlive_a_killed_parent(installation: Settings) -> None:
    command = [sys.executable, "-c", HOLDER, str(installation.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        server.wait(10)
    with running(postgres_process(installation)):
        assert postgres.answers(installation.database_url)


def test_a_server_left_from_an_earlier_life_makes_way(installation: Settings) -> None:
    with running(postgres_process(installation)) as first:
        process = postgres_process(installation)
        process.prepare()
        assert not is_alive(first)
    with running(process):
        assert postgres.answers(installation.database_url)


def test_redis_answers_with_its_password_and_keeps_nothing(installation: Settings) -> None:
    with running(redis_process(installation)):
        assert redis.answers(installation.redis_url)
        assert not redis.answers(f"redis://:wrong@127.0.0.1:{installation.redis_port}/0")
    assert not redis.answers(installation.redis_url)
    assert [path.name for path in (installation.var / "redis").iterdir()] == ["redis.conf"]
