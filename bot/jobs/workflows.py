"""The durable workflow `turn`, from a citizen's message to kept replies that are on their way.

It is one piece of work (ADR 11): after a crash all of it is done again, and each part of it counts once.
"""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import structlog
from dbos import DBOS
from sqlalchemy.orm import Session
from tenacity import RetryError, retry, stop_after_attempt, wait_exponential

from bot.channels.base import Channel
from bot.citizens.models import Address
from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Inbound, Kind
from bot.conversations.service import (
    Recorded,
    ReplyValues,
    TurnRecord,
    keep_replies,
    leave_to_staff,
    record_inbound,
)
from bot.conversations.states import Delivery, Outcome, Owner
from bot.db.absence import through_absence
from bot.db.base import utc_now
from bot.deliveries import service as deliveries
from bot.dialogue.client import Question
from bot.dialogue.language import has_words
from bot.dialogue.turn import SESSION_TURNS, Said, TurnResult, question_of, result_of
from bot.jobs import arrivals, lateness, passing, reminders
from bot.jobs.engine import fetch_later, pump_bell, ring, unsealed
from bot.jobs.hearing import asked_since, is_voice, split_context
from bot.jobs.services import services
from bot.jobs.signs import writing
from bot.jobs.varieties import language_of, spoken_language_of
from bot.nlu.languages import Language

log = structlog.get_logger()

ASK_ATTEMPTS = 4


@DBOS.workflow(name="turn")
def turn(inbound: dict[str, Any]) -> list[int]:
    """Answer one message of a citizen; gives the ids of the replies."""
    began = time.monotonic()
    begun = begin(inbound)
    if begun is None:
        return []
    spent = {"begin": milliseconds_since(began)}
    kept = [] if begun.get("is_silent") else _answered(begun, inbound, spent)
    if kept:
        lateness.answers.note(_seconds_since_it_came(inbound))
    if begun.get("file"):
        fetch_later(inbound, begun["message_id"], begun["conversation_id"], **begun["file"])
    return kept


def _answered(begun: dict[str, Any], inbound: dict[str, Any], spent: dict[str, int]) -> list[int]:
    began = time.monotonic()
    with writing(inbound):
        result = _ready_result(begun) if begun["ready"] else passing.as_comment(begun, _asked(begun))
    spent["ask"] = milliseconds_since(began)
    return keep(begun["message_id"], begun["language"], result, spent)


def _seconds_since_it_came(inbound: dict[str, Any]) -> float:
    return (utc_now() - dt.datetime.fromisoformat(inbound["came_at"])).total_seconds()


def milliseconds_since(began: float) -> int:
    """How long something took that began at a reading of the monotonic clock."""
    return round((time.monotonic() - began) * 1000)


def _asked(begun: dict[str, Any]) -> dict[str, Any]:
    try:
        return ask(begun["question"], begun["context"])
    except RetryError:
        return apologise(begun["language"])


def _ready_result(begun: dict[str, Any]) -> dict[str, Any]:
    """What the gateway itself answers, as Rasa's answers are kept."""
    ready = begun["ready"]
    words = services().responses.get(ready["response"] or "", {})
    said = [Said(words[Language(begun["language"])])] if words else []
    result = _packed(TurnResult(None, 1.0, Outcome(ready["outcome"]), None, said, context=ready["context"]))
    return result | ({"said": [ready["page"]]} if ready["page"] else {})


@through_absence
def begin(values: dict[str, Any]) -> dict[str, Any] | None:
    """Record the message; None when nothing is left to do, as when staff own the conversation or it was answered."""
    box = services()
    inbound = unsealed(box.book, values)
    channel = box.channels.get(inbound.channel)
    with box.database.transaction() as session:
        recorded = record_inbound(session, box.book, inbound)
        address = session.get_one(Address, recorded.address_id)
        if recorded.left_address_id is not None:
            deliveries.follow(session, recorded.left_address_id, address.id, sender_id=inbound.sender_id)
        released = arrivals.open_ways(session, address, inbound, channel)
        owner = None if recorded.is_over else passing.owner_of_turn(session, recorded, inbound, channel)
        if owner is None:
            begun = _file_only(session, recorded, inbound)
        elif owner is not Owner.BOT:
            leave_to_staff(session, recorded.message_id)
            arrivals.note_wish(session, address, recorded.message_id, inbound)
            begun = _file_only(session, recorded, inbound)
        else:
            begun = _begun(session, address, recorded, inbound, channel)
    if released:
        ring(pump_bell(inbound.sender_id), box.ringer)
    if recorded.previous_id is not None:
        box.events.publish(recorded.previous_id, {"moved": True})
    box.events.publish(recorded.conversation_id, {"message": recorded.message_id})
    if owner is Owner.BOT:
        box.events.publish(recorded.conversation_id, {"typing": True})
    return begun


def _file_only(session: Session, recorded: Recorded, inbound: Inbound) -> dict[str, Any] | None:
    """Nothing is to be said; a file of the message may still have to be fetched."""
    if not arrivals.expects_file(session, recorded.message_id, inbound):
        return None
    ids = {"message_id": recorded.message_id, "conversation_id": str(recorded.conversation_id)}
    return ids | {"is_silent": True, "file": {"is_heard": False}}


def _ready(answer: arrivals.Ready | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    page = _packed_words(answer.page) | {"page": answer.page.page} if answer.page else None
    return {"response": answer.response, "outcome": answer.outcome.value, "context": answer.context, "page": page}


def _begun(
    session: Session, address: Address, recorded: Recorded, inbound: Inbound, channel: Channel
) -> dict[str, Any]:
    conversation, ears = queries.get_conversation(session, recorded.conversation_id), services().hearing
    session.expunge(conversation)  # What this turn changes in it is kept at the turn's end.
    conversation.context, asked = split_context(conversation.context)
    page = arrivals.page_asked(session, conversation, inbound, channel)
    inbound = inbound if page else arrivals.as_pressed(session, conversation, inbound, channel)
    if inbound.kind is Kind.BUTTON:
        conversation.language = passing.language_before(session, conversation)
    meant = ears.as_meant(inbound, asked)
    is_alarming = ears.is_alarming((meant or inbound).text)
    ready = arrivals.ready_answer(
        session, address, conversation, recorded.message_id, meant or inbound, is_alarming=is_alarming
    )
    has_file = arrivals.expects_file(session, recorded.message_id, inbound, ready)
    ready = ready or page or passing.ready_answer(session, conversation, inbound)
    ready = ready or ears.ready_answer(inbound, meant, conversation.context, has_file=has_file)
    is_heard = ready is None and is_voice(inbound)
    choose_language = language_of if meant in (None, inbound) else spoken_language_of
    language = choose_language(services().detector, meant or inbound, conversation)
    return _question(meant or inbound, conversation, language) | {
        "message_id": recorded.message_id,
        "ready": _ready(ready),
        "is_silent": is_heard,
        "file": {"is_heard": is_heard} if has_file else None,
    }


def _question(inbound: Inbound, conversation: Conversation, language: Language) -> dict[str, Any]:
    question = question_of(inbound, conversation, language.value)
    return {
        "conversation_id": str(conversation.id),
        "language": language.value,
        "question": asdict(question),
        "context": dict(conversation.context),
    }


@retry(stop=stop_after_attempt(ASK_ATTEMPTS), wait=wait_exponential(0.5))
def ask(question: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """Rasa's answer, read; raises RetryError after some tries."""
    answer = services().dialogue.ask(Question(**question))
    return _packed(result_of(answer, context))


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
        "handoff": result.handoff,
        "alerts": result.alerts,
        "said": [_packed_words(one) for one in result.said],
    }


def _packed_words(said: Said | ReplyValues) -> dict[str, Any]:
    return {
        "text": said.text,
        "buttons": [vars(button) for button in said.buttons],
        "links": [vars(link) for link in said.links],
    }


@through_absence
def keep(message_id: int, language: str, result: dict[str, Any], spent: dict[str, int]) -> list[int]:
    """Keep the turn and its replies, if the bot still owns the conversation, and put them on their way.

    `spent` tells on what so many milliseconds went. Where a kept reply is a delivered one, its status says so, and the
    page is told.
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
            took_ms=sum(spent.values()),
            details={"acts": result["acts"], "ranked": result["ranked"], "spent_ms": spent},
        )
        spoken = result["language"] or language
        result = reminders.prepared(session, message, result, spoken)
        replies = [ReplyValues(**box.unpack(one), language=spoken) for one in result["said"]]
        is_immediate = box.channels.get(message.channel).is_immediate
        status = Delivery.SENT if is_immediate else Delivery.QUEUED
        # Of a first message without words, a picture say, nothing is learned for the second.
        is_telling = message.kind not in (Kind.TEXT, Kind.MEDIA) or has_words(message.body)
        learned = language if is_telling else None
        memory = partial(_memory, message=message, language=learned, result=result)
        locked = _, conversation = queries.get_message_and_conversation(session, message_id)
        kept = keep_replies(session, locked, record, replies, memory, status)
        if kept:
            passing.keep_comment(session, message, result)
            reminders.keep(session, message, result)
            kept += passing.hand_off(session, message, result, spoken, status)
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


def _memory(
    conversation: Conversation, *, message: Message, language: str | None, result: dict[str, Any]
) -> dict[str, Any]:
    turns = conversation.session_turns + 1
    cut = turns >= SESSION_TURNS
    return {
        "language": result["language"] or language or conversation.language,
        "language_chosen": conversation.language_chosen or bool(result["language"]),
        "service_id": result["service_id"] or conversation.service_id,
        "context": asked_since(conversation.context, message.created_at)
        | passing.question_in(message, conversation, result["outcome"])
        | result["context"],
        "session_turns": 0 if cut else turns,
        "rasa_session": conversation.rasa_session + 1 if cut else conversation.rasa_session,
    }
