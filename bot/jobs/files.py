"""The durable workflow `file`: a citizen's file is fetched and kept, and a voice note heard, beside all turns.

Each step may run twice after a crash; each is written so that it counts once. Whatever goes wrong, the citizen who
spoke is answered.
"""

import time
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from dbos import DBOS, error
from sqlalchemy.exc import SQLAlchemyError
from tenacity import RetryError

from bot.channels.base import DeliveryError, Gateway
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.schemas import Inbound, Kind
from bot.conversations.service import ReplyValues, TurnRecord, keep_replies
from bot.conversations.states import Outcome
from bot.db.absence import PASSING, through_absence
from bot.errors import JawabError
from bot.jobs import hearing
from bot.jobs.engine import pump_bell, ring, times_begun
from bot.jobs.services import services
from bot.jobs.signs import writing
from bot.jobs.varieties import spoken_language_of
from bot.jobs.workflows import ask, keep, milliseconds_since, put_on_their_way
from bot.media import service as media
from bot.media.states import State
from bot.media.transcriber import HearingError
from bot.nlu.languages import Language

log = structlog.get_logger()

FETCH_ATTEMPTS = 5
DELETE_ATTEMPTS = 4
# A recording that ends the whole process is not listened to for ever.
MOST_STARTS = 3


def _may_pass(failure: BaseException) -> bool:
    return isinstance(failure, (*PASSING, OSError)) or (isinstance(failure, DeliveryError) and not failure.permanent)


@DBOS.workflow(name="file")
def file(inbound: dict[str, Any], message_id: int, conversation_id: str, is_heard: bool) -> list[int]:
    """Fetch and keep the file of a message; ask back with what was heard of it, if it is to be heard."""
    began = time.monotonic()
    state = _fetched(inbound, message_id)
    if state in (State.FETCHED, State.REFUSED):
        _deleted(inbound)
    if not is_heard:
        return []
    with writing(inbound):
        heard = hear(inbound, message_id)
        emergency = look_for_danger(heard, conversation_id)
    if emergency is not None:
        return keep_emergency(message_id, heard["language"], emergency, {"hear": milliseconds_since(began)})
    return ask_back(message_id, heard["language"], heard["text"], milliseconds_since(began))


def _fetched(inbound: dict[str, Any], message_id: int) -> State:
    try:
        return State(fetch(inbound["sender_id"], inbound["media"]["reference"], message_id))
    except (JawabError, OSError, error.DBOSMaxStepRetriesExceeded) as failure:
        return State(give_up(message_id, failure))


@DBOS.step(
    name="fetch",
    retries_allowed=True,
    max_attempts=FETCH_ATTEMPTS,
    interval_seconds=1.0,
    backoff_rate=2.0,
    should_retry=_may_pass,
)
def fetch(sender_id: str, reference: str, message_id: int) -> str:
    """Get a file from its vendor and keep it, unless that was done before; gives its state."""
    box = services()
    with box.database.transaction() as session:
        state = media.state_of(session, message_id)
    if state is State.WAITING:
        content = _gateway(sender_id).fetch_file(reference, media.LARGEST_BYTES)
        with box.database.transaction() as session:
            state = media.keep(session, box.folder, message_id, content)
    log.info("file_taken", message_id=message_id, state=state.value)
    return state.value


@DBOS.step(name="give_up")
@through_absence
def give_up(message_id: int, failure: Exception) -> str:
    """Note that a file cannot be had; gives its state."""
    with services().database.transaction() as session:
        state = media.give_up(session, message_id, failure)
    log.warning("file_not_taken", message_id=message_id, state=state.value, reason=type(failure).__name__)
    return state.value


def _deleted(inbound: dict[str, Any]) -> None:
    try:
        delete(inbound["sender_id"], inbound["media"]["reference"])
    except (JawabError, error.DBOSMaxStepRetriesExceeded) as failure:
        log.warning("file_not_deleted", channel=inbound["channel"], reason=type(failure).__name__)


@DBOS.step(
    name="delete",
    retries_allowed=True,
    max_attempts=DELETE_ATTEMPTS,
    interval_seconds=1.0,
    backoff_rate=3.0,
    should_retry=_may_pass,
)
def delete(sender_id: str, reference: str) -> None:
    """Delete at the vendor what is kept here, or never will be."""
    _gateway(sender_id).delete_file(reference)


def _gateway(sender_id: str) -> Gateway:
    box = services()
    with box.database.transaction() as session:
        account = box.senders.get(session, sender_id)
    return box.gateway(account)


@DBOS.step(name="hear")
@through_absence
def hear(inbound: dict[str, Any], message_id: int) -> dict[str, Any]:
    """What a voice note says ("" when that cannot be told), in which variety, and whether there is danger in it."""
    box = services()
    text = _words_of(message_id) if times_begun() <= MOST_STARTS else ""
    spoken = replace(Inbound.from_json(inbound), kind=Kind.TEXT, text=text, media=None)
    with box.database.transaction() as session:
        message = queries.get_message(session, message_id)
        conversation = queries.get_conversation(session, message.conversation_id)
        language = spoken_language_of(box.detector, spoken, conversation)
    return {"text": text, "language": language.value, "is_alarming": box.hearing.is_alarming(text)}


def _words_of(message_id: int) -> str:
    box = services()
    assert box.hearing.transcriber is not None
    try:
        with box.database.transaction() as session:
            content, mime_type = media.read(session, box.folder, message_id)
        return box.hearing.transcriber.transcribe(content, mime_type)
    except (HearingError, OSError) as failure:
        log.info("voice_not_heard", message_id=message_id, reason=str(failure))
    except SQLAlchemyError:
        raise
    except Exception:
        # Whatever a model or a decoder stumbles over, the citizen is asked to write.
        log.exception("voice_broke", message_id=message_id)
    return ""


keep_emergency = DBOS.step(name="keep")(keep)


@DBOS.step(name="ask")
def look_for_danger(heard: dict[str, Any], conversation_id: str) -> dict[str, Any] | None:
    """The answer to danger, which waits for no confirmation; None when there is none."""
    if not heard["is_alarming"]:
        return None
    # Not as a part of the talk: should it be no danger, nothing was said yet.
    question = {"sender": f"{conversation_id}:heard", "language": heard["language"], "text": heard["text"]}
    try:
        result: dict[str, Any] = ask(question, {})
    except RetryError:
        return None
    return result if result["outcome"] == Outcome.EMERGENCY else None


@DBOS.step(name="ask_back")
@through_absence
def ask_back(message_id: int, language: str, text: str, took_ms: int) -> list[int]:
    """Ask whether that is what was said, or to write when nothing was heard; if the bot still owns the talk."""
    box = services()
    outcome = Outcome.CLARIFIED if text else Outcome.NOT_UNDERSTOOD
    record = TurnRecord(None, 1.0, language, None, outcome, took_ms, {})
    memory = partial(_memory, message_id=message_id, language=language, text=text)
    with box.database.transaction() as session:
        locked = _, conversation = queries.get_message_and_conversation(session, message_id)
        kept = keep_replies(session, locked, record, [_reply(message_id, language, text)], memory)
        sender_id = put_on_their_way(session, conversation, kept)
    if sender_id:
        ring(pump_bell(sender_id), box.ringer)
    return kept


def _reply(message_id: int, language: str, text: str) -> ReplyValues:
    words = {name: found[Language(language)] for name, found in services().responses.items()}
    if not text:
        return ReplyValues(words["utter_voice_unclear"], language, (), ())
    # Isolated, as it may be in the other direction than our words.
    asked = words["utter_voice_heard"].format(text=f"\u2068{text}\u2069")
    titles = words["utter_button_heard_yes"], words["utter_button_heard_no"]
    return ReplyValues(asked, language, hearing.choices(message_id, titles), ())


def _memory(conversation: Conversation, *, message_id: int, language: str, text: str) -> dict[str, Any]:
    """The talk stays as it is, but for the open question, and for the variety where nothing was known of it."""
    context, _ = hearing.split_context(conversation.context)
    return {
        "context": context | (hearing.question(message_id, text) if text else {}),
        "language": conversation.language or (language if text else None),
    }
