"""Our system's numbers: the whole way of a turn, understanding alone, memory, and an edit's way into answers."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from bot.catalogue import queries as catalogue_queries
from bot.catalogue.service import save_entry
from bot.citizens.service import AddressBook
from bot.db.session import Database
from bot.dialogue.client import DialogueClient, Question
from bot.dialogue.turn import SESSION_TURNS
from bot.jobs.engine import Inbox
from bot.nlu.languages import Language
from bot.ops.bench.citizens import QUESTIONS, Citizen, question
from bot.ops.bench.numbers import cpu_percent, crowd, family, memory, summary
from bot.ops.bench.plan import Plan
from bot.ops.bench.system import Running
from bot.settings import Settings

Advance = Callable[[], None]
EDITED = "passport_adult"
EDIT_PATIENCE_SECONDS = 30
LANGUAGES = ("ary", "ary-latn", "fr", "en", "ar", "fr")


def at_rest(running: Running, plan: Plan) -> dict[str, Any]:
    """Memory and idle processor time of every process, some seconds after the first answer."""
    time.sleep(plan.rest_seconds)
    processes = family(running.pid)
    return {"memory_mb": memory(processes), "idle_cpu_percent": cpu_percent(processes, plan.rest_seconds)}


def address_book(settings: Settings) -> AddressBook:
    """The book with which the running system knows its citizens."""
    return AddressBook(
        hash_key=settings.hash_key.get_secret_value(), encryption_key=settings.encryption_key.get_secret_value()
    )


def turns_after(settings: Settings, history: int, plan: Plan, advance: Advance) -> dict[str, Any]:
    """The whole durable way of one citizen with a past, and the moments of each turn."""
    inbox = Inbox(settings)
    try:
        with Citizen(settings.web_url) as citizen:
            citizen.live_through(inbox, address_book(settings), history)
            citizen.seconds_to_answer(question(0))
            citizen.moments.clear()
            times = []
            for number in range(plan.turns):
                times.append(citizen.seconds_to_answer(question(number)))
                advance()
            return {**summary(times), "moments": citizen.moments}
    finally:
        inbox.close()


def crowd_of_citizens(web_urls: list[str], plan: Plan, advance: Advance) -> dict[str, Any]:
    """Many citizens at once, spread over the web processes."""
    citizens = [Citizen(web_urls[number % len(web_urls)]).__enter__() for number in range(plan.crowd)]
    try:
        asks = [lambda number, one=one: one.seconds_to_answer(question(number)) for one in citizens]
        return crowd(asks, plan.crowd_turns, advance)
    finally:
        for citizen in citizens:
            citizen.__exit__()


class Understanding:
    """Rasa's own door, asked as our gateway asks: no durability, no HTTP of citizens."""

    def __init__(self, settings: Settings, urls: list[str] | None = None) -> None:
        token = settings.rasa_token.get_secret_value()
        self._client = DialogueClient(urls or list(settings.rasa_urls), token, timeout_seconds=60)
        self._talk, self._turns = str(uuid.uuid4()), 0

    def seconds(self, number: int) -> float:
        """One question of a conversation that goes on; its session is cut as the gateway cuts it."""
        asked = Question(
            sender=f"{self._talk}:{self._turns // SESSION_TURNS}",
            language=LANGUAGES[number % len(LANGUAGES)],
            text=question(number),
        )
        self._turns += 1
        began = time.monotonic()
        self._client.ask(asked)
        return time.monotonic() - began

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def understanding_after(settings: Settings, history: int, plan: Plan, advance: Advance) -> dict[str, Any]:
    """Rasa and actions alone, in a conversation with a past."""
    talk = Understanding(settings)
    try:
        for number in range(history):
            talk.seconds(number)
        times: list[float | None] = []
        for number in range(plan.turns):
            times.append(talk.seconds(number))
            advance()
        return summary(times)
    finally:
        talk.close()


def crowd_of_understanding(settings: Settings, urls: list[str], plan: Plan, advance: Advance) -> dict[str, Any]:
    """Many conversations at Rasa's door at once."""
    talks = [Understanding(settings, urls) for _ in range(plan.crowd)]
    try:
        return crowd([talk.seconds for talk in talks], plan.crowd_turns, advance)
    finally:
        for talk in talks:
            talk.close()


def edit_to_answer(settings: Settings, plan: Plan, advance: Advance) -> dict[str, Any]:
    """From the commit of a service's new name, here, to the answer that shows it."""
    database = Database(settings.database_url, pool_size=1)
    client = DialogueClient(list(settings.rasa_urls), settings.rasa_token.get_secret_value())
    times: list[float | None] = []
    for _ in range(plan.edits):
        mark = f"Passeport {uuid.uuid4().hex[:8]}"
        _rename(database, mark)
        began = time.monotonic()
        times.append(_until_answered(client, mark, began))
        advance()
    client.close()
    database.dispose()
    return summary(times)


def _rename(database: Database, name: str) -> None:
    with database.transaction() as session:
        services = catalogue_queries.list_entries(session, "services", published_only=False)
        position, service = next((at, one) for at, one in enumerate(services) if one.id == EDITED)
        names = {**service.names, Language.FRENCH: name}
        save_entry(session, "services", service.model_copy(update={"names": names}), position)
        catalogue_queries.raise_version(session)


def _until_answered(client: DialogueClient, mark: str, began: float) -> float | None:
    payload = f'/ask_fee{{"chosen": "{EDITED}"}}'
    while time.monotonic() - began < EDIT_PATIENCE_SECONDS:
        answer = client.ask(Question(sender=f"{uuid.uuid4()}:0", language="fr", payload=payload))
        if any(mark in (message.get("text") or "") for message in answer.messages):
            return time.monotonic() - began
        time.sleep(0.02)
    return None


def warm(settings: Settings) -> None:
    """Ask each question once: the first of a kind loads what later ones find loaded."""
    talk = Understanding(settings)
    for number in range(2 * len(QUESTIONS)):
        talk.seconds(number)
    talk.close()
