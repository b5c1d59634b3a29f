"""Voice notes: what was heard is asked back, and answered only once the citizen says that it is right.

The text heard waits in the conversation's context; a button carries no more than the number of the message.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.conversations.schemas import Button, Inbound, Kind, MediaKind
from bot.conversations.states import Outcome
from bot.db.base import utc_now
from bot.jobs.arrivals import Ready
from bot.media.transcriber import Transcriber
from bot.nlu.courtesies import DANGER, SELF_HARM, Spotter
from bot.nlu.text import normalise

KEY = "heard"
PAYLOAD = "heard:"
SPOKEN = {MediaKind.VOICE, MediaKind.AUDIO}


class Hearing:
    """Who listens, if anybody does, and which words are heeded before any question."""

    def __init__(self, notions: dict[str, list[str]], transcriber: Transcriber | None) -> None:
        self.transcriber = transcriber
        self._alarm = Spotter(notions, (*DANGER, *SELF_HARM))
        self._yes, self._no = (set(map(normalise, notions[kind])) for kind in ("agree", "refuse"))

    def is_alarming(self, text: str) -> bool:
        """Whether words of danger are said: then nobody should have to press a button first."""
        return self._alarm.spots(text)

    def as_meant(self, inbound: Inbound, asked: Mapping[str, Any] | None) -> Inbound | None:
        """A message, or the text that it says was heard right; None when it says that it was not."""
        says_yes = self._says_yes(inbound, asked)
        if says_yes is None:
            return inbound
        return replace(inbound, kind=Kind.TEXT, payload="", text=asked["text"]) if says_yes and asked else None

    def ready_answer(
        self, inbound: Inbound, meant: Inbound | None, context: dict[str, Any], *, has_file: bool
    ) -> Ready | None:
        """What is said at once: to a no, and to a recording that nobody will hear."""
        if meant is None:
            return Ready("utter_voice_rewrite", Outcome.CLARIFIED, context)
        if not is_voice(inbound):
            return None
        if self.transcriber is None:
            return Ready("utter_voice_write", Outcome.NOT_YET, context)
        return None if has_file else Ready("utter_voice_unclear", Outcome.NOT_UNDERSTOOD, context)

    def _says_yes(self, inbound: Inbound, asked: Mapping[str, Any] | None) -> bool | None:
        """The answer to our question; None for a message that is none. A question of before is over."""
        if inbound.kind is Kind.BUTTON and inbound.payload.startswith(PAYLOAD):
            return asked is not None and inbound.payload == _payload(asked["message_id"], "yes")
        said = normalise(inbound.text)
        if inbound.kind is not Kind.TEXT or asked is None or said not in self._yes | self._no:
            return None
        return said in self._yes


def is_voice(inbound: Inbound) -> bool:
    """Whether a message is a recording and nothing else."""
    return inbound.media is not None and inbound.media.kind in SPOKEN and not inbound.text


def question(message_id: int, text: str) -> dict[str, Any]:
    """What the context keeps while we wait for a yes or no."""
    return {KEY: {"message_id": message_id, "text": text, "asked_at": utc_now().isoformat()}}


def choices(message_id: int, titles: Sequence[str]) -> list[Button]:
    """The buttons for yes and no."""
    return [Button(title, _payload(message_id, says)) for title, says in zip(titles, ("yes", "no"), strict=True)]


def split_context(context: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A context without the open question, and that question: whatever the citizen says next ends it."""
    return {name: value for name, value in context.items() if name != KEY}, context.get(KEY)


def asked_since(context: Mapping[str, Any], moment: dt.datetime) -> dict[str, Any]:
    """The question that was asked after a moment, as a part of the context: what came before it does not end it."""
    asked = context.get(KEY)
    return {KEY: asked} if asked and dt.datetime.fromisoformat(asked["asked_at"]) > moment else {}


def _payload(message_id: int, says: str) -> str:
    return f"{PAYLOAD}{says}:{message_id}"
