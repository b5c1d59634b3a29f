"""A worker that is told to stop, as a process: what runs is finished or given back, within the time, once."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot.conversations.states import Direction
from bot.db.session import Database
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import State
from bot.senders.service import SenderBook
from bot.settings import Settings
from tests.fakes import telegram_api
from tests.fakes.rasa_stub import echo
from tests.fakes.telegram_api import TelegramApi
from tests.jobs.talk import Talk, message, wait_until
from tests.jobs.test_killed_worker import talk, worker

__all__ = ["talk"]

pytestmark = pytest.mark.slow

HURRIED = "from bot.jobs import worker; worker.GRACE_SECONDS = 2"
TAKEN = text("SELECT count(*) FROM dbos.workflow_status WHERE status = 'PENDING'")
LONG = "\n\n".join(
    f"ligne {number}, assez longue pour que la réponse prenne plusieurs messages " * 30 for number in range(4)
)


@pytest.fixture
def telegram() -> Iterator[TelegramApi]:
    api = TelegramApi()
    api.chats.update({1: "open", 2: "open"})
    with telegram_api.serve(api) as url:
        api.api_url = url
        yield api
        api.released.set()


@pytest.fixture
def bot_id(installed: Settings, empty: Database, telegram: TelegramApi) -> str:
    book = SenderBook(encryption_key=installed.encryption_key.get_secret_value())
    with empty.transaction() as session:
        given = {"account": "7000000001", "address": "", "token": telegram_api.TOKEN}
        return book.add(session, channel="telegram", name="main", **given).id


def ask(talk: Talk, bot_id: str, chat: int, words: str) -> None:
    talk.send(message(words, channel="telegram", sender_id=bot_id, address=str(chat)))


def is_taken(settings: Settings) -> bool:
    """Whether a process holds durable work."""
    tables = create_engine(settings.dbos_database_url)
    with tables.connect() as connection:
        found = bool(connection.execute(TAKEN).scalar())
    tables.dispose()
    return found


def states(talk: Talk) -> list[str]:
    with talk.database.transaction() as session:
        return [row.state for row in session.query(DeliveryRow).order_by(DeliveryRow.message_id)]


def stopped_in(process: "subprocess.Popen[bytes]") -> float:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    return time.monotonic() - began


def test_what_runs_is_finished_and_what_waits_is_left_for_the_next(
    talk: Talk, installed: Settings, telegram: TelegramApi, bot_id: str
) -> None:
    def slowly(body: dict[str, Any]) -> dict[str, Any]:
        threading.Event().wait(1)
        return echo(body)

    with worker(installed, JAWAB_TELEGRAM_API_URL=telegram.api_url) as process:
        ask(talk, bot_id, 1, LONG)
        wait_until(lambda: bool(telegram.sent))
        telegram.slow_next(1)
        talk.rasa.answer = slowly
        ask(talk, bot_id, 2, "bonjour")
        wait_until(lambda: len(talk.rasa.asked) == 2)
        assert stopped_in(process) < 40
    assert (is_taken(installed), State.SENDING in states(talk)) == (False, False)
    assert len(talk.rows(Direction.OUT)) == 2
    with worker(installed, JAWAB_TELEGRAM_API_URL=telegram.api_url, JAWAB_EXECUTOR_ID="another"):
        wait_until(lambda: states(talk) == [State.DONE, State.DONE])
    texts = [one.text for one in telegram.sent]
    assert len(set(texts)) == len(texts)
    assert not [one for one in texts if one.startswith("↻")]
    assert len(talk.rasa.asked) == 2


def test_what_does_not_end_in_time_is_given_back_to_whoever_is_there(
    talk: Talk, installed: Settings, telegram: TelegramApi, bot_id: str
) -> None:
    talk.rasa.answer = talk.rasa.later
    with worker(installed, HURRIED, JAWAB_TELEGRAM_API_URL=telegram.api_url) as process:
        ask(talk, bot_id, 1, "bonjour")
        wait_until(lambda: len(talk.rasa.asked) == 1)
        assert stopped_in(process) < 20
    assert not is_taken(installed)
    talk.rasa.answer = echo
    with worker(installed, JAWAB_TELEGRAM_API_URL=telegram.api_url, JAWAB_EXECUTOR_ID="another"):
        wait_until(lambda: states(talk) == [State.DONE])
    assert [one.text for one in telegram.sent] == ["echo: bonjour"]
