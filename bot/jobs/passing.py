"""What a turn has to do with people: who answers it, when they take over, what the citizen is told of that."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import answers, ratings
from bot.cases import service as cases
from bot.cases.promise import Promise
from bot.cases.service import Opening
from bot.cases.states import Reason
from bot.catalogue.offices import REGION
from bot.channels.base import Channel
from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Inbound, Kind
from bot.conversations.service import Recorded, keep_reply
from bot.conversations.states import Delivery, Outcome, Owner
from bot.jobs.arrivals import Ready, as_pressed
from bot.jobs.services import services
from bot.jobs.wording import RESUME, tell_promise
from bot.nlu.languages import Language

COMMENT_FOR = "comment_for"
# The context's name for the last question, and what turns come to that were one.
ASKED = "asked"
LONGEST_QUESTION = 300
QUESTIONS = {
    *(Outcome.ANSWERED, Outcome.CLARIFIED, Outcome.UNKNOWN_SERVICE, Outcome.UNKNOWN_FACT, Outcome.NOT_UNDERSTOOD),
    *(Outcome.SUBSCRIBED, Outcome.UNSUBSCRIBED),
}
# What is said after a rating is its comment, unless it was understood as something else.
COMMENTS = {Outcome.NOT_UNDERSTOOD, Outcome.OUT_OF_SCOPE, Outcome.SMALL_TALK}


def owner_of_turn(session: Session, recorded: Recorded, inbound: Inbound, channel: Channel) -> Owner:
    """Who answers a message: staff hear of theirs; who waits may go back to the bot, and is helped in danger."""
    if recorded.owner is Owner.BOT:
        return Owner.BOT
    conversation = queries.get_conversation(session, recorded.conversation_id)
    pressed = as_pressed(session, conversation, inbound, channel)
    if pressed.payload == RESUME and cases.resume(session, conversation):
        return Owner.BOT
    _rate(session, conversation, pressed)
    if recorded.is_new:
        answers.note_citizen_message(session, conversation, recorded.message_id)
    is_alone = recorded.owner is Owner.WAITING and services().hearing.is_alarming(inbound.text)
    return Owner.BOT if is_alone else recorded.owner


def ready_answer(session: Session, conversation: Conversation, pressed: Inbound) -> Ready | None:
    """The answer to a button of ours about people; None for any other message."""
    if pressed.payload == RESUME:
        return Ready("utter_handoff_resumed", Outcome.RESUMED, {})
    rated = _rate(session, conversation, pressed)
    return Ready("utter_rating_thanks", Outcome.RATED, {COMMENT_FOR: str(rated)}) if rated else None


def _rate(session: Session, conversation: Conversation, pressed: Inbound) -> uuid.UUID | None:
    """Keep a rating, if the message is one; gives its case."""
    score = ratings.read(pressed.payload)
    return ratings.rate(session, conversation, score) if score is not None else None


def language_before(session: Session, conversation: Conversation) -> str | None:
    """The variety of a talk of which nothing is known yet: that of the one before."""
    if conversation.language is not None or conversation.previous_id is None:
        return conversation.language
    return queries.get_conversation(session, conversation.previous_id).language


def as_comment(begun: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """What a turn came to, or, after a rating, thanks for the sentence that goes with it."""
    case_id = begun["context"].get(COMMENT_FOR)
    if case_id is None:
        return result
    context = {name: value for name, value in result["context"].items() if name != COMMENT_FOR}
    if result["outcome"] not in COMMENTS or not begun["question"]["text"]:
        return result | {"context": context}
    text = services().responses["utter_rating_noted"][Language(begun["language"])]
    said = [{"text": text, "buttons": [], "links": []}]
    return result | {"context": context, "said": said, "outcome": Outcome.RATED.value, COMMENT_FOR: case_id}


def keep_comment(session: Session, message: Message, result: dict[str, Any]) -> None:
    """Keep the sentence that goes with a rating, if a turn was one."""
    if result.get(COMMENT_FOR):
        ratings.add_comment(session, uuid.UUID(result[COMMENT_FOR]), message.body)


def question_in(message: Message, conversation: Conversation, outcome: str) -> dict[str, Any]:
    """The citizen's last question: what staff are told when the next message asks for them."""
    if message.kind == Kind.TEXT and message.body and outcome in QUESTIONS:
        return {ASKED: message.body[:LONGEST_QUESTION]}
    return {ASKED: conversation.context[ASKED]} if conversation.context.get(ASKED) else {}


def hand_off(session: Session, message: Message, result: dict[str, Any], language: str, status: Delivery) -> list[int]:
    """Have people take over where a turn came to that, and tell the citizen when to expect them; gives the message."""
    conversation = queries.get_conversation(session, message.conversation_id)
    opening = _opening(session, conversation, result, language)
    if opening is None or conversation.state != Owner.BOT:
        return []
    case = cases.open_case(session, conversation, opening)
    words = tell_promise(Promise.from_json(case.promised), services().responses, Language(language))
    return [keep_reply(session, message, words, number="handoff", status=status)]


def _opening(session: Session, conversation: Conversation, result: dict[str, Any], language: str) -> Opening | None:
    told = result.get("handoff")
    if told:
        return Opening(
            Reason(told["reason"]),
            language=language,
            question=str(told.get("question") or ""),
            closest=list(told.get("closest") or ()),
            deadline=told.get("deadline"),
            region=told.get(REGION),
        )
    # A promise for tomorrow helps nobody in danger: without staff at the desk the bot stays.
    region = conversation.context.get(REGION)
    if result["outcome"] == Outcome.EMERGENCY and cases.is_somebody_there(session, conversation, language, region):
        return Opening(Reason.EMERGENCY, language=language, region=region)
    return None
