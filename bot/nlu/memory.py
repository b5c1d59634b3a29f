"""Rasa's short-term memory, kept in the process: what a next message needs of the last one, and no more.

Our gateway tells the language, the service and the context of the conversation with every message, so a Rasa that
knows nothing of a talk (another process, a restart) answers it just the same, and a message costs the same however
long the talk is.
"""

from collections import OrderedDict
from typing import Any, Optional, Text

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

LISTEN = "action_listen"
SESSION_START = "action_session_start"
KEPT_TALKS = 2000
# What Rasa keeps in slots of its own about the first message or an open form.
OF_ONE_MESSAGE = frozenset({"session_started_metadata", "requested_slot"})


class ShortMemory(TrackerStore):
    """The trackers of the latest talks; each is cut to its slots when a turn ends, unless a form is open."""

    def __init__(
        self, domain: Domain, host: Optional[Text] = None, event_broker: Optional[EventBroker] = None, **kwargs: Any
    ) -> None:
        super().__init__(domain, event_broker)
        self._kept: "OrderedDict[Text, DialogueStateTracker]" = OrderedDict()

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep a tracker, and forget the talk that was silent for longest."""
        ended = tracker.latest_action_name == LISTEN and tracker.active_loop is None
        self._kept[tracker.sender_id] = self._cut(tracker) if ended else tracker
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > KEPT_TALKS:
            self._kept.popitem(last=False)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The live tracker of a talk; Rasa itself lets only one message of a talk at it."""
        return self._kept.get(sender_id)

    def _cut(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        fresh = self.init_tracker(tracker.sender_id)
        fresh.update(ActionExecuted(SESSION_START))
        fresh.update(SessionStarted())
        for slot in tracker.slots.values():
            if slot.has_been_set and slot.name not in OF_ONE_MESSAGE:
                fresh.update(SlotSet(slot.name, slot.value))
        fresh.update(ActionExecuted(LISTEN))
        return fresh
