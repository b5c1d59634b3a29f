"""One citizen's turn as an action sees it, and the reply that it gives back."""

import asyncio
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.phrases import Phrases
from bot.cases.states import Reason
from bot.conversations.states import Outcome
from bot.nlu.languages import Language

log = structlog.get_logger()

# How far down the classifier's list an act is still worth a thought, when nothing was sure.
MOST_LIKELY = 4
# Turns that leave a citizen without an answer; after so many in a row a person is offered.
MISSES = {Outcome.CLARIFIED, Outcome.NOT_UNDERSTOOD, Outcome.UNKNOWN_SERVICE, Outcome.UNKNOWN_FACT}
PATIENCE = 2
# Turns that need no offer of a person any more.
PERSONAL = {Outcome.EMERGENCY, Outcome.OFFERED, Outcome.HANDED_OFF}
HUMAN = "/talk_to_human"


@dataclass(frozen=True)
class Turn:
    """What the citizen wrote, what the act was taken for, and what our conversation knew before."""

    text: str
    act: str
    language: Language
    service_id: str | None
    chosen: str | None
    context: Mapping[str, Any]
    place: tuple[float, float] | None = None
    likely_acts: tuple[str, ...] = ()
    is_second_reading: bool = False
    is_following: bool = False
    is_insult: bool = False
    # None where the question comes from no conversation of ours.
    conversation_id: uuid.UUID | None = None

    @classmethod
    def read(cls, tracker: Tracker) -> "Turn":
        """Translate Rasa's tracker; the conversation's context comes as metadata of the message."""
        message = tracker.latest_message
        entities = {entity["entity"]: entity["value"] for entity in message.get("entities") or []}
        metadata = message.get("metadata") or {}
        text = message.get("text") or ""
        return cls(
            text="" if text.startswith("/") else text,
            act=(message.get("intent") or {}).get("name") or "",
            language=Language(tracker.get_slot("language") or Language.ARABIC),
            service_id=tracker.get_slot("service"),
            chosen=entities.get("chosen"),
            context=metadata.get("context") or {},
            place=_place(entities),
            likely_acts=tuple(one["name"] for one in (message.get("intent_ranking") or [])[:MOST_LIKELY]),
            is_second_reading=bool(metadata.get("second_reading")),
            is_following=bool(metadata.get("following")),
            is_insult=bool(metadata.get("insult")),
            conversation_id=_conversation_id(tracker.sender_id),
        )

    def goes_on_about(self, service_id: str) -> bool:
        """Whether the same message was just answered about the same service."""
        return (self.is_second_reading or self.is_following) and self.service_id == service_id

    @property
    def pending(self) -> list[str]:
        """The services that were offered for choice in the turn before."""
        return list(self.context.get("pending") or [])


def _conversation_id(sender: str) -> uuid.UUID | None:
    """Our gateway calls a sender by the conversation and the number of Rasa's session."""
    try:
        return uuid.UUID(sender.partition(":")[0])
    except ValueError:
        return None


def _place(entities: Mapping[str, Any]) -> tuple[float, float] | None:
    try:
        return float(entities["latitude"]), float(entities["longitude"])
    except (KeyError, TypeError, ValueError):
        return None


@dataclass(frozen=True)
class Button:
    """A likely next step: what it says, and what pressing it sends."""

    title: str
    payload: str


@dataclass
class Reply:
    """One message back: lines, buttons, links, and what the turn came to."""

    lines: list[str]
    outcome: Outcome
    service_id: str | None = None
    buttons: list[Button] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    ranked: Sequence[str] = ()
    context: dict[str, Any] = field(default_factory=dict)
    language: Language | None = None
    # That people are to take over: a reason and what they should know.
    handoff: Mapping[str, Any] | None = None
    # The deadlines that the citizen is to be reminded of (`subscribe`), or no more (`unsubscribe`).
    alerts: Mapping[str, Sequence[str]] | None = None

    def send(self, dispatcher: CollectingDispatcher) -> None:
        """Hand the reply to Rasa: text and buttons, and for our gateway what came of the turn."""
        dispatcher.utter_message(
            text="\n".join(line for line in self.lines if line),
            buttons=[{"title": button.title, "payload": button.payload} for button in self.buttons],
            json_message={
                "outcome": self.outcome.value,
                "service": self.service_id,
                "ranked": list(self.ranked),
                "links": [{"title": title, "url": url} for title, url in self.links],
                "context": self.context,
                "language": self.language.value if self.language else None,
                **({"handoff": dict(self.handoff)} if self.handoff else {}),
                **({"alerts": dict(self.alerts)} if self.alerts else {}),
            },
        )


def _offer_human(turn: Turn, phrases: Phrases, reply: Reply) -> None:
    """Count turns that gave no answer; from the second in a row on, and to whoever is angry, a person is offered."""
    misses = int(turn.context.get("misses") or 0) + 1
    if reply.outcome in MISSES:
        reply.context["misses"] = misses
    is_angry = turn.is_insult and reply.outcome not in PERSONAL
    if is_angry:
        reply.context["offered"] = Reason.ANGER.value
    is_needed = is_angry or (reply.outcome in MISSES and misses >= PATIENCE)
    if is_needed and not any(button.payload.startswith(HUMAN) for button in reply.buttons):
        reply.buttons.append(Button(phrases("utter_button_human"), HUMAN))


class JawabAction(Action, ABC):
    """The base of all actions: reads the turn, answers off the event loop, never leaves a citizen without a word."""

    action_name = ""

    def name(self) -> str:
        """The name in the domain."""
        return self.action_name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        """Called by Rasa; the one slot that we hand on is the service, for a second question in the message.

        A reply without lines has nothing to add to the first one. Without a domain in the call the files are read.
        """
        turn = Turn.read(tracker)
        phrases = Phrases(domain or runtime.domain(), turn.language)
        try:
            reply = await asyncio.to_thread(self.answer, turn, phrases)
        except Exception:
            log.exception("action_failed", action=self.action_name)
            reply = Reply([phrases("utter_failed")], Outcome.FAILED)
        if not reply.lines:
            return []
        _offer_human(turn, phrases, reply)
        reply.send(dispatcher)
        if reply.service_id is None:
            return []
        return [{"event": "slot", "timestamp": None, "name": "service", "value": reply.service_id}]

    @abstractmethod
    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The reply to one turn; may block."""
