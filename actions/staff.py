"""People and cases: telephone lines that exist, complaints, files already made."""

from actions import aspects, runtime
from actions.handoff import is_insistent, offer_person, pass_on
from actions.phrases import Phrases
from actions.services import answer_aspect, find, payload
from actions.turn import Button, JawabAction, Reply, Turn
from bot.cases.states import Reason
from bot.catalogue.resolve import Found
from bot.catalogue.schemas import Aspect, EmergencyNumber
from bot.catalogue.snapshot import Snapshot
from bot.conversations.states import Outcome

COMPLAINTS = "complaint_chikaya"
CONSUMER_LINE = "consumer"
LINE_MATCH = 0.2
MOST_LINES = 3


def lines_for(snapshot: Snapshot, turn: Turn, service_id: str | None) -> list[EmergencyNumber]:
    """The information lines that a turn is about: named in it, else those of the service."""
    lines = {number.id: number for number in snapshot.numbers if number.priority is None}
    hits = snapshot.index.search(turn.text, kinds=("emergency_numbers",), limit=3) if turn.text else []
    named = [lines[hit.entry_id] for hit in hits if hit.entry_id in lines and hit.score >= LINE_MATCH]
    return named[:1] or [line for line in lines.values() if service_id in line.services][:MOST_LINES]


class ActionExplainStaff(JawabAction):
    """Asked for a person: a telephone line where there is one, and whoever insists is passed on."""

    action_name = "action_explain_staff"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The lines of the subject; the first time they are asked whether they want somebody here."""
        snapshot = runtime.snapshot()
        found = find(turn, snapshot, needs_service=False)
        service_id = found.entry_id if found.found is Found.SERVICE else None
        numbers = lines_for(snapshot, turn, service_id or turn.service_id)
        lines = [phrases("utter_human_lines")] if numbers else []
        lines += [
            phrases("utter_human_line", number=number.number, name=phrases.text(number.names)) for number in numbers
        ]
        if is_insistent(turn):
            return pass_on(turn, phrases, snapshot, lines, found)
        reply = offer_person(phrases, "utter_human_offer", Reason.ASKED, lines)
        reply.buttons.append(Button(phrases("utter_button_find_office"), payload("find_office", service_id)))
        reply.service_id, reply.ranked = service_id, found.ranked
        return reply


class ActionExplainComplaint(JawabAction):
    """Wants to complain: the national portal, as a service of the catalogue."""

    action_name = "action_explain_complaint"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """How and where to file the complaint."""
        snapshot = runtime.snapshot()
        service = snapshot.services.get(COMPLAINTS)
        if service is None:
            return offer_person(phrases, "utter_human_offer", Reason.ASKED, [])
        reply = answer_aspect(turn, phrases, snapshot, service, Aspect.PROCEDURE)
        reply.lines.insert(0, phrases("utter_complaint_lead"))
        consumer = next((line for line in snapshot.numbers if line.id == CONSUMER_LINE), None)
        if consumer:
            reply.lines.append(phrases("utter_complaint_consumer", number=consumer.number))
        named = find(turn, snapshot, needs_service=False)
        others = [one for one in named.ranked if one != COMPLAINTS]
        if named.found is Found.SERVICE and named.entry_id != COMPLAINTS:
            reply.ranked = [*others[:1], COMPLAINTS, *others[1:]]
        else:
            reply.ranked = [COMPLAINTS, *others]
        return reply


class ActionExplainCase(JawabAction):
    """Asks about a file already made: where its state can be learnt."""

    action_name = "action_explain_case"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """Portal, office and usual time of the service."""
        snapshot = runtime.snapshot()
        found = find(turn, snapshot, needs_service=False)
        lines = [phrases("utter_track_not_yet")]
        if found.found is not Found.SERVICE:
            return Reply(lines, Outcome.NOT_YET, ranked=found.ranked)
        service = snapshot.services[found.entry_id or ""]
        lines.append(phrases("utter_title", name=phrases.text(service.names)))
        lines.append(phrases("utter_track_where", office=phrases.text(service.where.office_type)))
        lines += aspects.duration(phrases, service)[:1]
        if service.where.portal:
            lines.append(phrases("utter_portal", url=service.where.portal))
        lines.append(aspects.source_line(phrases, service.sources))
        return Reply(lines + phrases.apology(), Outcome.NOT_YET, service.id, ranked=found.ranked)
