"""The durable workflow `turn`, from a citizen's message to kept replies that are on their way.

Each step may run twice after a crash; each is written so that it counts once.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any, ParamSpec, TypeVar

import structlog
from dbos import DBOS, error
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from bot.citizens.models import Address
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.schemas import Inbound
from bot.conversations.service import (
    ReplyValues,
    TurnRecord,
    keep_replies,
    leave_to_staff,
    record_inbound,
)
from bot.conversations.states import Delivery, Outcome, Owner
from bot.deliveries import service as deliveries
from bot.dialogue.client import DialogueError, Question
from bot.dialogue.language import reply_language
from bot.dialogue.turn import SESSION_TURNS, Said, TurnResult, question_of, result_of
from bot.errors import JawabError
from bot.jobs import arrivals
from bot.jobs.engine import pump_bell, ring
from bot.jobs.services import services
from bot.nlu.languages import Language

log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")

ASK_ATTEMPTS = 4
RECORD_ATTEMPTS = 8
WRITING_AFTER_SECONDS = 1.0


def _record_step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A step in our database alone, tried for a minute while that is away: an accepted message is not lost."""
    return DBOS.step(
        name=name,
        retries_allowed=True,
        max_attempts=RECORD_ATTEMPTS,
        interval_seconds=0.5,
        backoff_rate=2.0,
        should_retry=lambda failure: isinstance(failure, OperationalError | InterfaceError | PoolTimeoutError),
    )


@DBOS.workflow(name="turn")
def turn(inbound: dict[str, Any]) -> list[int]:
    """Answer one message of a citizen; gives the ids of the replies."""
    began = time.monotonic()
    begun = begin(inbound)
    if begun is None:
        return []
    with _writing(inbound):
        result = _ready_result(begun) if begun["ready"] else _asked(begun)
    took_ms = round((time.monotonic() - began) * 1000)
    return keep(begun["message_id"], begun["language"], result, took_ms)


@contextmanager
def _writing(inbound: dict[str, Any]) -> Iterator[None]:
    """Show on a vendor's channel that an answer comes, when it takes more than a moment."""
    timer = threading.Timer(WRITING_AFTER_SECONDS, _show_writing, (inbound,))
    timer.daemon = True
    if inbound.get("sender_id"):
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _show_writing(inbound: dict[str, Any]) -> None:
    box = services()
    try:
        with box.database.transaction() as session:
            account = box.senders.get(session, inbound["sender_id"])
        box.gateway(account).type(box.book.unseal(inbound["address"]), inbound["vendor_id"])
    except (JawabError, SQLAlchemyError) as failure:
        log.debug("writing_not_shown", reason=type(failure).__name__)


def _asked(begun: dict[str, Any]) -> dict[str, Any]:
    try:
        return ask(begun["question"], begun["context"])
    except (DialogueError, error.DBOSMaxStepRetriesExceeded):
        return apologise(begun["language"])


def _ready_result(begun: dict[str, Any]) -> dict[str, Any]:
    """What the gateway itself answers, as Rasa's answers are kept."""
    ready = begun["ready"]
    words = services().responses.get(ready["response"] or "", {})
    said = [Said(words[Language(begun["language"])])] if words else []
    return _packed(TurnResult(None, 1.0, Outcome(ready["outcome"]), None, said, context=ready["context"]))


@_record_step("begin")
def begin(values: dict[str, Any]) -> dict[str, Any] | None:
    """Record the message; None when staff own the conversation."""
    box = services()
    inbound = Inbound.from_json({**values, "address": box.book.unseal(values["address"])})
    channel = box.channels.get(inbound.channel)
    with box.database.transaction() as session:
        recorded = record_inbound(session, box.book, inbound)
        address = session.get_one(Address, recorded.address_id)
        released = arrivals.open_ways(session, address, inbound, channel)
        if recorded.owner is not Owner.BOT:
            leave_to_staff(session, recorded.message_id)
            begun = None
        else:
            conversation = queries.get_conversation(session, recorded.conversation_id)
            ready = arrivals.ready_answer(session, address, conversation, inbound)
            inbound = arrivals.as_pressed(session, conversation, inbound, channel)
            begun = _begun(inbound, conversation, recorded.message_id) | {"ready": _ready(ready)}
    if released:
        ring(pump_bell(inbound.sender_id), box.ringer)
    box.events.publish(recorded.conversation_id, {"message": recorded.message_id})
    if begun is not None:
        box.events.publish(recorded.conversation_id, {"typing": True})
    return begun


def _ready(answer: arrivals.Ready | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {"response": answer.response, "outcome": answer.outcome.value, "context": answer.context}


def _begun(inbound: Inbound, conversation: Conversation, message_id: int) -> dict[str, Any]:
    language = _language(inbound, conversation)
    question = question_of(inbound, conversation, language.value)
    return {
        "message_id": message_id,
        "conversation_id": str(conversation.id),
        "language": language.value,
        "question": asdict(question),
        "context": dict(conversation.context),
    }


def _language(inbound: Inbound, conversation: Conversation) -> Language:
    """The variety to reply in; the page's own language serves until the citizen has written."""
    known = conversation.language or inbound.language
    previous = Language(known) if known in set(Language) else None
    if not inbound.text or inbound.payload:
        return previous or Language.ARABIC
    if conversation.language is None:
        # What the citizen writes tells more than the page that they came by.
        fresh = reply_language(services().detector, inbound.text, None)
        has_words = any(letter.isalpha() for letter in inbound.text)
        return fresh if has_words else previous or fresh
    return reply_language(services().detector, inbound.text, previous, chosen=conversation.language_chosen)


@DBOS.step(
    name="ask",
    retries_allowed=True,
    max_attempts=ASK_ATTEMPTS,
    interval_seconds=0.5,
    backoff_rate=2.0,
)
def ask(question: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """Rasa's answer, read; raises DialogueError after some tries."""
    answer = services().dialogue.ask(Question(**question))
    return _packed(result_of(answer, context))


@DBOS.step(name="apologise")
def apologise(language: str) -> dict[str, Any]:
    """What is said when Rasa cannot be reached at all."""
    log.error("turn_failed")
    text = services().responses["utter_failed"].get(Language(language), "")
    return _packed(TurnResult(None, 0.0, Outcome.FAILED, None, [Said(text)]))


def _packed(result: TurnResult) -> dict[str, Any]:
    return {
        "intent": result.intent,
        "confidence": result.confidence,
        "outcome": result.outcome.value,
        "service_id": result.service_id,
        "language": result.language,
        "ranked": result.ranked,
        "context": result.context,
        "acts": result.acts,
        "said": [
            {
                "text": one.text,
                "buttons": [vars(button) for button in one.buttons],
                "links": [vars(link) for link in one.links],
            }
            for one in result.said
        ],
    }


@_record_step("keep")
def keep(message_id: int, language: str, result: dict[str, Any], took_ms: int) -> list[int]:
    """Keep the turn and its replies, if the bot still owns the conversation, and put them on their way.

    Where a kept reply is a delivered one, its status says so, and the page is told.
    """
    box = services()
    with box.database.transaction() as session:
        message = queries.get_message(session, message_id)
        record = TurnRecord(
            intent=result["intent"],
            confidence=result["confidence"],
            language=language,
            service_id=result["service_id"],
            outcome=Outcome(result["outcome"]),
            took_ms=took_ms,
            details={"acts": result["acts"], "ranked": result["ranked"]},
        )
        spoken = result["language"] or language
        replies = [ReplyValues(**box.unpack(one), language=spoken) for one in result["said"]]
        is_immediate = box.channels.get(message.channel).is_immediate
        status = Delivery.SENT if is_immediate else Delivery.QUEUED
        memory = partial(_memory, language=language, result=result)
        kept = keep_replies(session, message_id, record, replies, memory, status)
        conversation = queries.get_conversation(session, message.conversation_id)
        sender_id = None if is_immediate else put_on_their_way(session, conversation, kept)
    if is_immediate:
        box.tell(message.conversation_id, kept)
    elif sender_id:
        ring(pump_bell(sender_id), box.ringer)
    return kept


def put_on_their_way(session: Session, conversation: Conversation, message_ids: Sequence[int]) -> str | None:
    """Queue kept messages for the sender that the citizen wrote to; gives its id."""
    address = session.get_one(Address, conversation.address_id)
    if address.sender_id is None:
        return None
    for message_id in message_ids:
        deliveries.put_on_its_way(session, message_id, sender_id=address.sender_id, address_id=address.id)
    return address.sender_id


def _memory(conversation: Conversation, *, language: str, result: dict[str, Any]) -> dict[str, Any]:
    turns = conversation.session_turns + 1
    cut = turns >= SESSION_TURNS
    return {
        "language": result["language"] or language,
        "language_chosen": conversation.language_chosen or bool(result["language"]),
        "service_id": result["service_id"] or conversation.service_id,
        "context": result["context"],
        "session_turns": 0 if cut else turns,
        "rasa_session": conversation.rasa_session + 1 if cut else conversation.rasa_session,
    }
