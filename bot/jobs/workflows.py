"""The durable workflows: `turn` from a citizen's message to kept replies, `deliver` from a reply to the vendor.

Each step may run twice after a crash; each is written so that it counts once.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, ParamSpec, TypeVar

import structlog
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID, error
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.channels.base import DeliveryError
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.schemas import Inbound, Kind
from bot.conversations.service import (
    ReplyValues,
    TurnRecord,
    keep_replies,
    leave_to_staff,
    outbound_of,
    record_inbound,
)
from bot.conversations.states import Delivery, Outcome, Owner
from bot.dialogue.client import DialogueError, Question
from bot.dialogue.language import reply_language
from bot.dialogue.turn import SESSION_TURNS, Said, TurnResult, question_of, result_of
from bot.jobs.engine import DELIVERIES, bells
from bot.jobs.services import services
from bot.nlu.languages import Language

log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")

ASK_ATTEMPTS = 4
DELIVER_ATTEMPTS = 8
RECORD_ATTEMPTS = 8


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
    try:
        result = ask(begun["question"], begun["context"])
    except (DialogueError, error.DBOSMaxStepRetriesExceeded):
        result = apologise(begun["language"])
    took_ms = round((time.monotonic() - began) * 1000)
    replies = keep(begun["message_id"], begun["language"], result, took_ms)
    if not services().channels.get(inbound["channel"]).is_immediate:
        for message_id in replies:
            _send(message_id, begun["conversation_id"])
    return replies


def _send(message_id: int, conversation_id: str) -> None:
    """Put the delivery of a kept message into the queue that keeps the vendor's limits."""
    with (
        SetWorkflowID(f"deliver:{conversation_id}:{message_id}"),
        SetEnqueueOptions(queue_partition_key=conversation_id),
    ):
        queue = DBOS.retrieve_queue(DELIVERIES)
        if queue is None:
            raise LookupError(f"the queue {DELIVERIES} is not registered")
        queue.enqueue(deliver, message_id)
    bells.ring(DELIVERIES)


@_record_step("begin")
def begin(values: dict[str, Any]) -> dict[str, Any] | None:
    """Record the message; None when staff own the conversation."""
    inbound = Inbound.from_json(values)
    box = services()
    with box.database.transaction() as session:
        recorded = record_inbound(session, box.book, inbound)
        if recorded.owner is not Owner.BOT:
            leave_to_staff(session, recorded.message_id)
            begun = None
        else:
            conversation = queries.get_conversation(session, recorded.conversation_id)
            if inbound.payload and not queries.has_issued_button(
                session, conversation_id=conversation.id, payload=inbound.payload
            ):
                # Only what we offered is a command; anything else is what the citizen wrote.
                inbound = replace(inbound, kind=Kind.TEXT, payload="", text=inbound.text or inbound.payload)
            begun = _begun(inbound, conversation, recorded.message_id)
    box.events.publish(recorded.conversation_id, {"message": recorded.message_id})
    if begun is not None:
        box.events.publish(recorded.conversation_id, {"typing": True})
    return begun


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
    text = services().apologies.get(Language(language), "")
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
    """Keep the turn and its replies, if the bot still owns the conversation.

    Where a kept reply is a delivered one, its status says so, and the page is told.
    """
    box = services()
    with box.database.transaction() as session:
        message = queries.get_message(session, message_id)
        conversation = queries.get_conversation(session, message.conversation_id)
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
        memory = _memory(conversation, language, result)
        kept = keep_replies(session, message_id, record, replies, memory)
        is_immediate = box.channels.get(message.channel).is_immediate
        for reply_id in kept if is_immediate else []:
            queries.raise_status(session, reply_id, Delivery.SENT)
    if is_immediate:
        _tell(message.conversation_id, kept)
    return kept


def _tell(conversation_id: uuid.UUID, message_ids: Sequence[int]) -> None:
    """Wake whoever looks at a conversation: nobody is typing any more, and there is something to read."""
    services().events.publish(conversation_id, {"typing": False})
    for message_id in message_ids:
        services().events.publish(conversation_id, {"message": message_id})


def _memory(conversation: Conversation, language: str, result: dict[str, Any]) -> dict[str, Any]:
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


@DBOS.workflow(name="deliver")
def deliver(message_id: int) -> None:
    """Send one message; a failure for good is noted, one in passing is tried again."""
    try:
        hand_over(message_id)
    except (DeliveryError, error.DBOSMaxStepRetriesExceeded) as failure:
        log.warning("delivery_failed", message_id=message_id, permanent=getattr(failure, "permanent", False))
        note_failure(message_id)


def _passes(failure: BaseException) -> bool:
    return not (isinstance(failure, DeliveryError) and failure.permanent)


@DBOS.step(
    name="hand_over",
    retries_allowed=True,
    max_attempts=DELIVER_ATTEMPTS,
    interval_seconds=1.0,
    backoff_rate=2.0,
    should_retry=_passes,
)
def hand_over(message_id: int) -> None:
    """Give the message to its channel, and note that it left."""
    box = services()
    with box.database.transaction() as session:
        channel, outbound = outbound_of(session, box.book, message_id)
        conversation_id: uuid.UUID = queries.get_message(session, message_id).conversation_id
    receipt = box.channels.get(channel).deliver(outbound)
    with box.database.transaction() as session:
        queries.raise_status(session, message_id, Delivery.SENT, vendor_id=receipt.vendor_id)
    _tell(conversation_id, [message_id])


@_record_step("note_failure")
def note_failure(message_id: int) -> None:
    """Mark a message that did not leave."""
    with services().database.transaction() as session:
        queries.raise_status(session, message_id, Delivery.FAILED)
