"""Is this news true, is this message genuine: matched against the corrections that we hold."""

from actions import aspects, runtime
from actions.phrases import Phrases
from actions.services import find, payload
from actions.turn import Button, JawabAction, Reply, Turn
from bot.catalogue.resolve import Found
from bot.catalogue.schemas import Rumour
from bot.conversations.states import Outcome
from bot.insights.service import record_gap

# A rumour must be matched this well; what is not surely the same story gets no verdict.
SAME_STORY = 0.27


class ActionCheckRumour(JawabAction):
    """Answers `check_rumour` and `verify_message`."""

    action_name = "action_check_rumour"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The correction, or how to be careful."""
        snapshot = runtime.snapshot()
        found = find(turn, snapshot, needs_service=False)
        about = found.entry_id if found.found is Found.SERVICE and turn.text else None
        if about is None and (named := snapshot.index.mentions.find(turn.text)):
            about = max(named, key=lambda one: named[one])
        hits = snapshot.index.search(turn.text, kinds=("rumours",), limit=1)
        if hits and hits[0].score >= SAME_STORY:
            reply = self._verdict(phrases, snapshot.rumours[hits[0].entry_id])
        else:
            reply = self._no_verdict(turn, phrases)
        portal = snapshot.services[about].where.portal if about in snapshot.services else None
        if portal and about:
            reply.lines.append(phrases("utter_message_portal", url=portal))
        reply.service_id = about
        reply.ranked = found.ranked
        return reply

    @staticmethod
    def _verdict(phrases: Phrases, rumour: Rumour) -> Reply:
        lines = [
            phrases(f"utter_verdict_{rumour.verdict.value}"),
            phrases("utter_rumour_answer", text=phrases.text(rumour.answer)),
            phrases("utter_rumour_claim", text=phrases.text(rumour.claim)),
            phrases("utter_rumour_corrected_by", text=phrases.text(rumour.corrected_by)),
        ]
        if rumour.warning_signs:
            signs = ", ".join(phrases.text(sign) for sign in rumour.warning_signs)
            lines.append(phrases("utter_rumour_signs", text=signs))
        lines.append(aspects.source_line(phrases, rumour.sources))
        source = aspects.best_source(rumour.sources)
        return Reply(lines + phrases.apology(), Outcome.ANSWERED, links=[aspects.source_link(phrases, source)])

    @staticmethod
    def _no_verdict(turn: Turn, phrases: Phrases) -> Reply:
        with runtime.database().transaction() as session:
            record_gap(session, turn.text, language=turn.language, intent=turn.act, topic_id=None, closest=None)
        name = "utter_message_unknown" if turn.act == "verify_message" else "utter_rumour_unknown"
        human = Button(phrases("utter_button_human"), payload("talk_to_human"))
        return Reply([phrases(name), phrases("utter_rumour_noted")], Outcome.UNKNOWN_FACT, buttons=[human])
