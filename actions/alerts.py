"""Reminders: honest about what is possible today, and useful all the same."""

from actions import runtime
from actions.deadlines import date_lines
from actions.phrases import Phrases
from actions.services import find, payload
from actions.turn import Button, JawabAction, Reply, Turn
from bot.catalogue.resolve import Found
from bot.conversations.states import Outcome


class ActionExplainAlerts(JawabAction):
    """Asked for a reminder: gives the date to note, since reminders cannot be sent yet."""

    action_name = "action_explain_alerts"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The dates of the service meant, if any."""
        snapshot = runtime.snapshot()
        found = find(turn, snapshot, needs_service=False)
        deadlines = snapshot.deadlines_of(found.entry_id or "") if found.found is Found.SERVICE else []
        listing = Button(phrases("utter_button_list_deadlines"), payload("list_deadlines"))
        if not deadlines:
            service_id = found.entry_id if found.found is Found.SERVICE else None
            lines = [phrases("utter_alerts_not_yet_plain")]
            return Reply(lines, Outcome.NOT_YET, service_id, [listing], ranked=found.ranked)
        lines = [phrases("utter_alerts_not_yet")]
        for deadline in deadlines:
            lines += date_lines(phrases, snapshot, deadline)
        return Reply(lines + phrases.apology(), Outcome.NOT_YET, found.entry_id, [listing], ranked=found.ranked)


class ActionStopAlerts(JawabAction):
    """Asked to stop reminders: there are none to stop."""

    action_name = "action_stop_alerts"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """Says so."""
        found = find(turn, runtime.snapshot(), needs_service=False)
        service_id = found.entry_id if found.found is Found.SERVICE else None
        return Reply([phrases("utter_alerts_stop")], Outcome.NOT_YET, service_id, ranked=found.ranked)
