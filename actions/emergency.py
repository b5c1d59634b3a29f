"""Danger to life: the numbers first, in one short message, before anything else."""

from actions import runtime
from actions.phrases import Phrases
from actions.turn import JawabAction, Reply, Turn
from bot.catalogue.schemas import Confidence
from bot.conversations.states import Outcome


class ActionShowEmergency(JawabAction):
    """Gives the numbers to call now."""

    action_name = "action_show_emergency"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The sure numbers, the most general first."""
        numbers = [
            number
            for number in runtime.snapshot().numbers
            if number.priority is not None and number.confidence is not Confidence.LOW
        ]
        numbers.sort(key=lambda number: number.priority or 0)
        lines = [phrases("utter_emergency_lead")]
        lines += [
            phrases("utter_emergency_line", number=number.number, name=phrases.text(number.names)) for number in numbers
        ]
        return Reply([*lines, phrases("utter_emergency_advice")], Outcome.EMERGENCY)
