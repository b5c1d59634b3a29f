"""Actions for the contract between Rasa and the SDK: they tell what they were called with, or fail on purpose.

They bear names of the real domain, so that the real rules call them; `action_find_office` is left out.
"""

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.phrases import Phrases
from actions.turn import Button, JawabAction, Reply, Turn
from bot.conversations.states import Outcome

PASSPORT = "passport_adult"


class ActionAnswerService(JawabAction):
    """Tells what it read, with a button and a link; the service becomes the passport."""

    action_name = "action_answer_service"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The turn as JSON, in a response of the domain."""
        read = {
            "text": turn.text,
            "act": turn.act,
            "language": turn.language.value,
            "service": turn.service_id,
            "chosen": turn.chosen,
            "context": dict(turn.context),
            "place": turn.place,
        }
        return Reply(
            [phrases("utter_rumour_answer", text=json.dumps(read, ensure_ascii=False))],
            Outcome.ANSWERED,
            PASSPORT,
            buttons=[Button("Papiers", '/ask_documents{"chosen": "passport_adult"}')],
            links=[("Portail", "https://www.passeport.ma")],
            context={"last_act": turn.act},
        )


class ActionHandleFallback(JawabAction):
    """Says what was not understood, in two paragraphs."""

    action_name = "action_handle_fallback"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The text as it came."""
        return Reply([f"[{turn.text}]\n\n[{turn.place}]"], Outcome.NOT_UNDERSTOOD)


class ActionShowEmergency(JawabAction):
    """Says that there is danger."""

    action_name = "action_show_emergency"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """One word."""
        return Reply(["danger"], Outcome.EMERGENCY)


class ActionExplainStaff(Action):  # type: ignore[misc]
    """Breaks: the SDK answers 500."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_explain_staff"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Never comes to an end."""
        raise RuntimeError("broken on purpose")


class ActionListDeadlines(Action):  # type: ignore[misc]
    """Says nothing."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_list_deadlines"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """No message and no event."""
        return []
