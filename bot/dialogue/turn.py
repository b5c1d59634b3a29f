"""From a citizen's message to replies: what to ask Rasa, and what its answer means."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.catalogue.offices import REGION
from bot.conversations.models import Conversation
from bot.conversations.schemas import Button, Inbound, Kind, Link
from bot.conversations.states import Outcome
from bot.dialogue.client import Answer, Question

# Rasa's memory is cut off after so many turns: its cost grows with it, and ours does not forget.
SESSION_TURNS = 30
SMALL_TALK = {"greet", "goodbye", "thank", "affirm", "deny", "give_feedback", "take_survey"}
ALWAYS = {"out_of_scope": Outcome.OUT_OF_SCOPE, "nlu_fallback": Outcome.NOT_UNDERSTOOD}
# An act that keeps what was offered before, so that a thank-you between question and choice loses nothing.
KEEPS_PENDING = {"thank", "greet"}
LASTING = ("last_act", "fee", REGION)


@dataclass(frozen=True)
class Said:
    """One reply."""

    text: str
    buttons: Sequence[Button] = ()
    links: Sequence[Link] = ()


@dataclass
class TurnResult:
    """What a turn came to, for the message's row and the conversation's memory."""

    intent: str | None
    confidence: float
    outcome: Outcome
    service_id: str | None
    said: list[Said]
    language: str | None = None
    ranked: list[str] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    acts: list[dict[str, Any]] = field(default_factory=list)
    # That people are to take over, why, and what they should know: see `actions.staff`.
    handoff: dict[str, Any] | None = None
    # What the citizen wants to be reminded of, or no more: see `actions.alerts`.
    alerts: dict[str, Any] | None = None


def question_of(inbound: Inbound, conversation: Conversation, language: str) -> Question:
    """The question to Rasa for a message in a conversation."""
    slots: dict[str, Any] = {}
    payload, text = "", inbound.text
    context = dict(conversation.context)
    match inbound.kind:
        case Kind.BUTTON:
            payload, text = inbound.payload, ""
        case Kind.LOCATION:
            payload, text = "/find_office", ""
            slots = {"latitude": inbound.latitude, "longitude": inbound.longitude}
        case Kind.MEDIA:
            context["media"] = True
        case Kind.CONTACT:
            # What stands on somebody's card is no question of the citizen's.
            context["media"], text = True, ""
        case Kind.TEXT:
            pass
    return Question(
        sender=f"{conversation.id}:{conversation.rasa_session}",
        language=language,
        text=text,
        payload=payload,
        service_id=conversation.service_id,
        slots=slots,
        context=context,
    )


def result_of(answer: Answer, before: dict[str, Any]) -> TurnResult:
    """Read Rasa's messages: texts with buttons and links become replies, the rest is what came of the turn."""
    said: list[Said] = []
    notes: list[dict[str, Any]] = []
    for message in answer.messages:
        if message.get("custom"):
            notes.append(message["custom"])
            if said:
                said[-1] = Said(said[-1].text, said[-1].buttons, _links(message["custom"]))
        elif message.get("text"):
            said.append(Said(message["text"], _buttons(message)))
    top = answer.acts[0]["intent"] if answer.acts else {}
    understood = answer.understood[0] if answer.understood else None
    outcome = notes[0].get("outcome") if notes else None
    return TurnResult(
        intent=top.get("name"),
        confidence=float(top.get("confidence") or 0.0),
        outcome=Outcome(outcome) if outcome else _plain_outcome(understood),
        service_id=next((note["service"] for note in reversed(notes) if note.get("service")), None),
        said=_merge(said),
        language=next((note["language"] for note in notes if note.get("language")), None),
        ranked=list(notes[0].get("ranked") or []) if notes else [],
        context=_context(before, notes, understood),
        acts=answer.acts,
        handoff=next((note["handoff"] for note in notes if note.get("handoff")), None),
        alerts=next((note["alerts"] for note in notes if note.get("alerts")), None),
    )


def _plain_outcome(understood: str | None) -> Outcome:
    if understood in ALWAYS:
        return ALWAYS[understood]
    return Outcome.SMALL_TALK if understood in SMALL_TALK else Outcome.ANSWERED


def _context(before: dict[str, Any], notes: list[dict[str, Any]], understood: str | None) -> dict[str, Any]:
    """What the next turn should know: the last act, amount and town are kept, offers and misses only live one turn."""
    kept = {name: before[name] for name in LASTING if before.get(name)}
    if understood in KEEPS_PENDING:
        kept = dict(before)
    for note in notes:
        kept |= note.get("context") or {}
    return kept


def _buttons(message: dict[str, Any]) -> list[Button]:
    return [Button(button["title"], button["payload"]) for button in message.get("buttons") or []]


def _links(note: dict[str, Any]) -> list[Link]:
    return [Link(link["title"], link["url"]) for link in note.get("links") or []]


def _merge(said: list[Said]) -> list[Said]:
    """Several answers of one turn as one message; the buttons of the last one stay."""
    if len(said) <= 1:
        return said
    links = {link.url: link for one in said for link in one.links}
    return [Said("\n\n".join(one.text for one in said), said[-1].buttons, list(links.values()))]
