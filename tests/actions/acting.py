"""Turns and replies for tests of actions, and what every reply must keep to."""

import asyncio
import json
import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.alerts import ALL
from actions.turn import JawabAction, Reply, Turn
from bot.nlu.languages import Language
from tests.actions.catalogue import shipped_snapshot

# What the web chat takes from a pressed button; see bot/channels/webchat/schemas.py.
PAYLOAD = re.compile(r"/([a-z_]+)(\{.*\})?")
LONGEST_PAYLOAD = 300
LONGEST_TITLE = 120
UNFILLED = re.compile(r"\{[a-z_]*\}|\bNone\b|utter_|Language\.|<[^>]*>")


def turn(
    text: str = "",
    act: str = "ask_procedure",
    language: Language = Language.FRENCH,
    *,
    service: str | None = None,
    chosen: str | None = None,
    place: tuple[float, float] | None = None,
    **context: Any,
) -> Turn:
    """A turn as an action reads it from Rasa's tracker."""
    return Turn(text, act, language, service, chosen, context, place)


def faults(reply: Reply, domain: dict[str, Any]) -> list[str]:
    """What is wrong with a reply's form: braces, payloads that lead nowhere."""
    found = [f"unfilled: {line}" for line in reply.lines if UNFILLED.search(line)]
    if not any(line.strip() for line in reply.lines):
        found.append("nothing said")
    for button in reply.buttons:
        found += _button_faults(button.title, button.payload, domain)
    found += [f"no address: {link}" for link in reply.links if not (link[0] and link[1].startswith("http"))]
    return found


def _button_faults(title: str, payload: str, domain: dict[str, Any]) -> list[str]:
    matched = PAYLOAD.fullmatch(payload)
    if matched is None or len(payload) > LONGEST_PAYLOAD:
        return [f"payload: {payload}"]
    entities = json.loads(matched[2] or "{}")
    snapshot = shipped_snapshot()
    known = {*snapshot.services, *(one.id for one in snapshot.deadlines), *(one.value for one in Language), ALL}
    found = [] if 0 < len(title) <= LONGEST_TITLE else [f"title: {title!r}"]
    if matched[1] not in domain["intents"]:
        found.append(f"no such act: {payload}")
    if not set(entities) <= {"chosen"} or not set(entities.values()) <= known:
        found.append(f"nothing to choose: {payload}")
    return found


def run(
    action: JawabAction, domain: dict[str, Any], message: dict[str, Any], slots: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Run an action as the SDK does; gives its messages and events."""
    tracker = Tracker(
        "c:0", slots, message, [], paused=False, followup_action=None, active_loop={}, latest_action_name=None
    )
    dispatcher = CollectingDispatcher()
    events = asyncio.run(action.run(dispatcher, tracker, domain))
    return dispatcher.messages, events
