"""Where a turn's time goes: what turns note of themselves, and each part asked alone."""

import json
import statistics
import subprocess
import time
import uuid
from collections.abc import Sequence
from typing import Any

import httpx2
from sqlalchemy import Row, TextClause, create_engine, text

from bot.catalogue.snapshot import Catalogue
from bot.db.session import Database
from bot.ops.bench.citizens import question
from bot.ops.bench.plan import Plan
from bot.ops.processes import ONE_THREAD, ProcessError
from bot.ops.services import rasa_environment, rasa_python
from bot.ops.train import current_model
from bot.settings import Settings

Moment = tuple[float, float, float]
PROBE_SECONDS = 300
# Run by Rasa's own interpreter: times the understanding of messages, without the dialogue.
PROBE = """
import asyncio, json, sys, time
from rasa.core.agent import Agent
agent, texts = Agent.load(sys.argv[1]), json.loads(sys.stdin.read())
async def main():
    await agent.parse_message(texts[0])
    for text in texts:
        began = time.perf_counter()
        await agent.parse_message(text)
        print("took", time.perf_counter() - began)
asyncio.run(main())
"""
TURNS = text(
    "SELECT started_at_epoch_ms AS claimed, completed_at AS ended FROM dbos.workflow_status "
    "WHERE name = 'turn' AND created_at BETWEEN :first AND :last ORDER BY created_at"
)
SPENT = text(
    "SELECT payload -> 'spent_ms' FROM messages "
    "WHERE payload ? 'spent_ms' AND created_at BETWEEN to_timestamp(:first) AND to_timestamp(:last)"
)


def measure(settings: Settings, moments: Sequence[Moment], plan: Plan) -> dict[str, float]:
    """The parts of a median turn, in milliseconds and in the order in which they happen."""
    steps = _steps(settings, moments)
    whole = statistics.median(replied - sent for sent, _, replied in moments) * 1000
    asked = steps["ask"]
    understood = _understanding_ms(settings, plan)
    searched, read = _search_ms(settings, plan)
    acted = _action_ms(settings, plan)
    inside = {
        "Rasa: understanding": understood,
        "Rasa: rules, memory, HTTP": max(asked - understood - acted, 0.0),
        "action": max(acted - searched - read, 0.0),
        "search": searched,
        "database: is the catalogue new?": read,
    }
    outside = {
        "gateway: take in, make durable, claim": steps["claimed"],
        "database: record the message": steps["begin"],
        **inside,
        "database: keep the reply": steps["keep"],
    }
    rest = whole - sum(outside.values())
    return {name: round(value, 1) for name, value in {**outside, "engine's notes, way to the page": rest}.items()}


def _steps(settings: Settings, moments: Sequence[Moment]) -> dict[str, float]:
    """Medians in milliseconds: from the POST to the claim, and of each part of a turn; `keep` is what is left of it."""
    first, last = min(one[0] for one in moments), max(one[2] for one in moments)
    turns = _rows(settings.dbos_database_url, TURNS, int(first * 1000), int(last * 1000) + 1)
    spent = [row[0] for row in _rows(settings.database_url, SPENT, first, last)]
    sent = sorted(one[0] * 1000 for one in moments)
    waits = [row.claimed - max((one for one in sent if one <= row.claimed), default=row.claimed) for row in turns]
    steps = {name: statistics.median(one[name] for one in spent) for name in ("begin", "ask")}
    whole = statistics.median(row.ended - row.claimed for row in turns if row.ended is not None)
    return {"claimed": statistics.median(waits), **steps, "keep": max(whole - sum(steps.values()), 0.0)}


def _rows(url: str, query: TextClause, first: float, last: float) -> Sequence[Row[Any]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(query, {"first": first, "last": last}).all()
    engine.dispose()
    return rows


def _median_ms(seconds: Sequence[float]) -> float:
    return statistics.median(seconds) * 1000


def _understanding_ms(settings: Settings, plan: Plan) -> float:
    """A message's way through the pipeline, in a process of its own with the same model."""
    done = subprocess.run(
        (str(rasa_python(settings)), "-c", PROBE, str(current_model(settings.root))),
        input=json.dumps([question(number) for number in range(plan.turns)]),
        cwd=settings.root,
        env={**rasa_environment(settings), **ONE_THREAD},
        capture_output=True,
        text=True,
        timeout=PROBE_SECONDS,
        check=False,
    )
    times = [float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("took ")]
    if not times:
        raise ProcessError(f"Rasa's understanding could not be measured:\n{done.stderr[-500:]}")
    return _median_ms(times)


def _search_ms(settings: Settings, plan: Plan) -> tuple[float, float]:
    """A search, and the look whether the catalogue is still the newest, in this process."""
    database = Database(settings.database_url, pool_size=1)
    catalogue = Catalogue(database)
    searches, reads = [], []
    catalogue.current().index.search(question(0))
    for number in range(plan.turns):
        catalogue._checked_at = 0.0
        began = time.perf_counter()
        index = catalogue.current().index
        read = time.perf_counter()
        index.search(question(number))
        searches.append(time.perf_counter() - read)
        reads.append(read - began)
    database.dispose()
    return _median_ms(searches), _median_ms(reads)


def _action_ms(settings: Settings, plan: Plan) -> float:
    """A call of the action that answers about services, as Rasa makes it."""
    times = []
    with httpx2.Client(base_url=settings.actions_url, timeout=30, trust_env=False) as client:
        for number in range(plan.turns):
            body = _call(question(number))
            began = time.perf_counter()
            client.post("/webhook", json=body).raise_for_status()
            times.append(time.perf_counter() - began)
    return _median_ms(times)


def _call(words: str) -> dict[str, Any]:
    intent = {"name": "ask_fee", "confidence": 0.9}
    message = {"text": words, "intent": intent, "intent_ranking": [intent], "entities": [], "metadata": {}}
    tracker = {
        "sender_id": str(uuid.uuid4()),
        "slots": {"language": "fr", "service": None},
        "latest_message": message,
        "latest_event_time": time.time(),
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
        "latest_input_channel": "jawab",
    }
    return {
        "version": "3.6.21",
        "next_action": "action_answer_service",
        "sender_id": tracker["sender_id"],
        "tracker": tracker,
        "domain": {},
    }
