"""One and two Rasa processes, one and two web processes with their workers, on one database and one Redis."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from bot.conversations.models import Message
from bot.db.session import Database
from bot.dialogue.client import DialogueClient, Question
from bot.ops.bench.citizens import QUESTIONS, Citizen
from bot.ops.bench.ours import LANGUAGES, crowd_of_citizens, crowd_of_understanding
from bot.ops.bench.plan import Plan
from bot.ops.bench.system import environment
from bot.ops.ports import free_ports
from bot.ops.processes import Process, running
from bot.ops.services import rasa_process, web_process
from bot.settings import Settings

Advance = Callable[[], None]
IN_A_ROW = 8


def measure(settings: Settings, plan: Plan, advance: Advance) -> dict[str, Any]:
    """Throughput with one and with two, whether both say the same, and whether a talk's order is kept over both."""
    result: dict[str, Any] = {}
    with second(settings, "rasa", rasa_process) as other_rasa:
        urls = [settings.rasa_url, other_rasa.rasa_url]
        result["rasa_1"] = crowd_of_understanding(settings, urls[:1], plan, advance)
        result["rasa_2"] = crowd_of_understanding(settings, urls, plan, advance)
        result["rasa_same_answers"] = _answers_of(settings, urls[0]) == _answers_of(settings, urls[1])
    with second(settings, "web", web_process) as other_web:
        pages = [settings.web_url, other_web.web_url]
        result["web_1"] = crowd_of_citizens(pages[:1], plan, advance)
        result["web_2"] = crowd_of_citizens(pages, plan, advance)
        result["web_order_kept"] = _is_order_kept(settings, pages)
    return result


@contextmanager
def second(settings: Settings, name: str, process: Callable[[Settings], Process]) -> Iterator[Settings]:
    """Another process of a kind beside the running ones: its own port and executor, the same secrets and engines."""
    port = {"rasa": "rasa_port", "web": "port"}[name]
    other = settings.model_copy(update={port: free_ports(1)[0], "executor_id": "second"})
    made = process(other)
    path = settings.var / f"second-{name}.log"
    env = {**environment(other), **made.env}
    with path.open("wb") as log, running(_with(made, env), log):
        yield other


def _with(process: Process, env: dict[str, str]) -> Process:
    return Process(
        name=f"second {process.name}",
        argv=process.argv,
        cwd=process.cwd,
        is_ready=process.is_ready,
        env=env,
        prepare=process.prepare,
        ready_seconds=process.ready_seconds,
        stop_seconds=process.stop_seconds,
    )


def _answers_of(settings: Settings, url: str) -> list[list[str | None]]:
    client = DialogueClient(url, settings.rasa_token.get_secret_value(), timeout_seconds=60)
    said = []
    for language, words in zip(LANGUAGES, QUESTIONS, strict=True):
        answer = client.ask(Question(sender=f"{uuid.uuid4()}:0", language=language, text=words))
        said.append([message.get("text") for message in answer.messages])
    client.close()
    return said


def _is_order_kept(settings: Settings, pages: list[str]) -> bool:
    """One citizen writes through both processes in turn, without waiting; turns end in the order of the messages."""
    with Citizen(pages[0]) as citizen:
        sent = [
            citizen.say(pages[number % len(pages)], QUESTIONS[number % len(QUESTIONS)]) for number in range(IN_A_ROW)
        ]
        if None in [citizen.next_reply() for _ in sent]:
            return False
    database = Database(settings.database_url, pool_size=1)
    with database.transaction() as session:
        asked = session.execute(select(Message.id, Message.vendor_id).where(Message.vendor_id.is_not(None))).all()
        mine = {(vendor_id or "").rpartition(":")[2]: row_id for row_id, vendor_id in asked}
        rows = [mine[one] for one in sent]
        query = select(Message.answers_id).where(Message.answers_id.in_(rows)).order_by(Message.id)
        answered = list(dict.fromkeys(session.scalars(query)))
    database.dispose()
    return rows == sorted(rows) == answered
