"""Put an evaluation set through the running system: single messages to Rasa, dialogues to the web API."""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
from sqlalchemy import select

from bot.conversations.models import Message
from bot.conversations.states import Direction
from bot.db.session import Database
from bot.dialogue.client import DialogueClient, Question
from bot.dialogue.language import Detector, reply_language
from bot.dialogue.turn import result_of
from bot.evaluation.metrics import Row, Turn
from bot.evaluation.sets import Dialogue, DialogueTurn, EvaluationError, Utterance, shows

TURN_SECONDS = 30
PAGE = {"X-Requested-With": "jawab-chat"}
Progress = Callable[[], None]


def run_utterances(
    client: DialogueClient, detector: Detector, utterances: Sequence[Utterance], tick: Progress
) -> list[Row]:
    """Each message alone, in a conversation of its own."""

    def one(utterance: Utterance) -> Row:
        language = reply_language(detector, utterance.text, None)
        answer = client.ask(Question(f"eval-{uuid.uuid4()}:0", language.value, utterance.text))
        result = result_of(answer, {})
        tick()
        return Row(
            utterance.id,
            utterance.lang,
            utterance.text,
            utterance.intent,
            utterance.service,
            result.intent or "",
            result.confidence,
            result.ranked,
            result.outcome.value,
            list(result.context.get("pending") or []),
        )

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(one, utterances))


def run_dialogues(base_url: str, database: Database, dialogues: Sequence[Dialogue], tick: Progress) -> list[Turn]:
    """Each dialogue in one conversation of the web chat, the whole durable way."""
    turns: list[Turn] = []
    for dialogue in dialogues:
        with httpx2.Client(base_url=base_url, headers=PAGE, timeout=TURN_SECONDS, trust_env=False) as page:
            turns += _run_one(page, database, dialogue, tick)
    return turns


def _run_one(page: httpx2.Client, database: Database, dialogue: Dialogue, tick: Progress) -> list[Turn]:
    page_language = dialogue.lang if dialogue.lang in ("ar", "fr", "en") else "ar"
    opened = page.post("/chat/session", json={"language": page_language})
    opened.raise_for_status()
    conversation_id = uuid.UUID(opened.json()["conversation"])
    turns = []
    for number, turn in enumerate(dialogue.turns, start=1):
        page.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": turn.text}).raise_for_status()
        message, reply = _wait(database, conversation_id, number)
        turns.append(_judge(dialogue, number, turn, message, reply))
        tick()
    return turns


def _wait(database: Database, conversation_id: uuid.UUID, number: int) -> tuple[Message, str]:
    """The citizen's message of a turn once it has an outcome, and the text of its replies."""
    end = time.monotonic() + TURN_SECONDS
    query = (
        select(Message).where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
    ).order_by(Message.id)
    while time.monotonic() < end:
        with database.transaction() as session:
            found = session.scalars(query).all()
            if len(found) >= number and found[number - 1].outcome:
                message = found[number - 1]
                replies = session.scalars(select(Message).where(Message.answers_id == message.id).order_by(Message.id))
                return message, "\n".join(_shown(reply) for reply in replies)
        time.sleep(0.02)
    raise EvaluationError("The running system did not answer a turn in time: is `jawab up` running?")


def _shown(reply: Message) -> str:
    """All that the citizen sees of a reply: its text and its buttons."""
    titles = [button["title"] for button in reply.payload.get("buttons", ())]
    return "\n".join([reply.body, *titles])


def _judge(dialogue: Dialogue, number: int, turn: DialogueTurn, message: Message, reply: str) -> Turn:
    missing = [fact for fact in turn.must_contain if not shows(reply, fact)]
    return Turn(
        dialogue.id,
        number,
        dialogue.lang,
        turn.text,
        turn.intent,
        turn.service,
        message.intent or "",
        message.service_id,
        message.outcome or "",
        reply,
        not missing if turn.must_contain else None,
        missing,
    )


def dump(report: dict[str, Any]) -> str:
    """The report as JSON, for people to read too."""
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"
