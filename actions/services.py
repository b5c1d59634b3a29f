"""Questions about a service: which one is meant, what is said about it, what may be asked next."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from actions import aspects, runtime
from actions.deadlines import Late, deadline_lines
from actions.phrases import Phrases
from actions.turn import HUMAN, Button, JawabAction, Reply, Turn
from bot.cases.states import Reason
from bot.catalogue.ceilings import measure_said
from bot.catalogue.fees import Meant, amount_said, fees_meant
from bot.catalogue.passages import fact_meant
from bot.catalogue.penalties import delay_said
from bot.catalogue.resolve import Found, Resolution, resolve
from bot.catalogue.schemas import Aspect, Faq, FeeKind, Service, Source
from bot.catalogue.snapshot import Snapshot
from bot.conversations.states import Outcome
from bot.formats import format_number
from bot.insights.service import record_gap

ACTS = {
    "ask_procedure": Aspect.PROCEDURE,
    "ask_documents": Aspect.DOCUMENTS,
    "ask_fee": Aspect.FEE,
    "ask_duration": Aspect.DURATION,
    "ask_eligibility": Aspect.ELIGIBILITY,
    "ask_office": Aspect.OFFICE,
    "ask_deadline": Aspect.DEADLINE,
}
DEFAULT_ACT = "ask_procedure"
RAISED_WHEN_LATE = {FeeKind.TAX, FeeKind.CONTRIBUTION}
NEXT_ASPECTS = (
    Aspect.DOCUMENTS,
    Aspect.FEE,
    Aspect.DEADLINE,
    Aspect.DURATION,
    Aspect.OFFICE,
    Aspect.PROCEDURE,
    Aspect.ELIGIBILITY,
)
MOST_BUTTONS = 3


def payload(act: str, service_id: str | None = None) -> str:
    """What a button sends: an act, and the service that it is about."""
    return f"/{act}{json.dumps({'chosen': service_id})}" if service_id else f"/{act}"


def find(turn: Turn, snapshot: Snapshot, *, needs_service: bool = True) -> Resolution:
    """The service that a turn is about."""
    return resolve(
        snapshot,
        turn.text,
        current=turn.service_id,
        chosen=turn.chosen,
        pending=turn.pending,
        needs_service=needs_service,
    )


def reply_about(turn: Turn, phrases: Phrases, act: str) -> Reply:
    """The whole way from a question about a service to its answer."""
    snapshot = runtime.snapshot()
    found = _never_twice(turn, find(turn, snapshot))
    if turn.is_second_reading and (found.found is not Found.SERVICE or found.entry_id != turn.service_id):
        return Reply([], Outcome.ANSWERED)
    match found.found:
        case Found.SERVICE:
            service, measured = _by_ceiling(turn, phrases, snapshot, snapshot.services[found.entry_id or ""])
            reply = answer_aspect(turn, phrases, snapshot, service, ACTS[act])
            reply.lines = measured + reply.lines
        case Found.FAQ:
            reply = answer_faq(phrases, snapshot.faq[found.entry_id or ""])
        case Found.CHOICE:
            reply = offer(phrases, snapshot, list(found.choices), act)
        case Found.TOPIC | Found.UNKNOWN:
            reply = unknown(turn, phrases, snapshot, found, act)
        case Found.NOTHING_NAMED:
            reply = ask_which(turn, phrases, snapshot, found, act)
    reply.ranked = reply.ranked or ([] if reply.outcome is Outcome.UNKNOWN_SERVICE else found.ranked)
    reply.context.setdefault("last_act", act)
    return reply


def _by_ceiling(turn: Turn, phrases: Phrases, snapshot: Snapshot, service: Service) -> tuple[Service, list[str]]:
    """The service that is open to a citizen by the number that they tell, and what the number means."""
    ceiling = service.ceiling
    said = measure_said(turn.text, ceiling, snapshot.index.glossary) if ceiling else None
    if ceiling is None or said is None:
        return service, []
    numbers = {name: format_number(one, phrases.language) for name, one in (("said", said), ("limit", ceiling.below))}
    if said < ceiling.below:
        return service, [phrases("utter_ceiling_met", **numbers)]
    lines = [phrases("utter_ceiling_missed", **numbers)]
    other = snapshot.services.get(ceiling.otherwise or "")
    if other is None:
        return service, lines
    return other, [*lines, phrases("utter_ceiling_otherwise", name=phrases.text(other.names))]


def _never_twice(turn: Turn, found: Resolution) -> Resolution:
    """What was offered for choice just before is not offered again: the best of it is answered."""
    if found.found is Found.CHOICE and set(found.choices) <= set(turn.pending):
        return replace(found, found=Found.SERVICE, entry_id=found.choices[0])
    return found


def answer_aspect(turn: Turn, phrases: Phrases, snapshot: Snapshot, service: Service, aspect: Aspect) -> Reply:
    """What was asked, first and short; then remarks, portal, source, and the likely next questions."""
    meant = fees_meant(service.fees, turn.text, snapshot.index.glossary)
    goes_on = turn.goes_on_about(service.id)
    lines = [] if goes_on else [phrases("utter_title", name=phrases.text(service.names))]
    match aspect:
        case Aspect.DEADLINE:
            lines += deadline_lines(phrases, snapshot, service.id, _late(turn, service, meant))
        case Aspect.FEE:
            lines += aspects.fees(phrases, service, meant)
        case _:
            lines += aspects.ASPECTS[aspect](phrases, service)
    lines += _fact_asked(turn, phrases, snapshot, service, lines)
    lines += aspects.remarks(phrases, service, aspect)
    if service.where.portal and not goes_on:
        lines.append(phrases("utter_portal", url=service.where.portal))
    sources = _sources(snapshot, service, aspect)
    url = aspects.preferred_url(service, aspect)
    lines.append(aspects.source_line(phrases, sources, url))
    buttons = next_buttons(phrases, snapshot, service, aspect)
    if aspect is Aspect.FEE and aspects.hides_rest(meant, service):
        buttons = [Button(phrases("utter_button_all_fees"), payload("ask_fee", service.id)), *buttons][:MOST_BUTTONS]
    if aspect is Aspect.DEADLINE and any(one.rule.type != "relative" for one in snapshot.deadlines_of(service.id)):
        remind = Button(phrases("utter_button_remind"), payload("subscribe_alerts", service.id))
        buttons = [remind, *buttons][:MOST_BUTTONS]
    reply = Reply(
        lines + phrases.apology(),
        Outcome.ANSWERED,
        service.id,
        buttons=buttons,
        links=[aspects.source_link(phrases, aspects.best_source(sources, url))],
        context=_remembered_fee(service, meant),
    )
    if service.ask_human:
        _offer_look(phrases, reply)
    return reply


def _offer_look(phrases: Phrases, reply: Reply) -> None:
    """A matter that a person should look at: offer one beside the answer."""
    reply.lines.append(phrases("utter_human_sensitive"))
    reply.buttons = [Button(phrases("utter_button_pass_yes"), HUMAN), *reply.buttons][:MOST_BUTTONS]
    reply.context["offered"] = Reason.SENSITIVE.value


def _fact_asked(turn: Turn, phrases: Phrases, snapshot: Snapshot, service: Service, shown: Sequence[str]) -> list[str]:
    """The fact that the question's own words are about, unless it is among the lines shown."""
    fact = fact_meant(service, turn.text, snapshot.index) if turn.text else None
    if fact is None or phrases.text(fact) in "\n".join(shown):
        return []
    name = "utter_eligibility_lead" if fact is service.who_can_apply else "utter_note"
    return [phrases(name, text=phrases.text(fact))]


def _sources(snapshot: Snapshot, service: Service, aspect: Aspect) -> list[Source]:
    deadlines = snapshot.deadlines_of(service.id) if aspect is Aspect.DEADLINE else []
    return [source for deadline in deadlines for source in deadline.sources] or service.sources


def _late(turn: Turn, service: Service, meant: Meant) -> Late:
    """What the citizen said of the delay, now or in the question before."""
    due = amount_said(turn.text) or _remembered_fee(service, meant).get("fee", {}).get("centimes")
    before = turn.context.get("fee") or {}
    if due is None and before.get("service") == service.id:
        due = before.get("centimes")
    return Late(delay_said(turn.text), due)


def _remembered_fee(service: Service, meant: Meant) -> dict[str, Any]:
    """The one amount that was asked for, so that "and if I am late?" can be answered to the dirham.

    What a bank takes for the payment is not what is paid late.
    """
    if len(meant.fees) != 1 or not meant.fees[0].amount_centimes or meant.fees[0].kind not in RAISED_WHEN_LATE:
        return {}
    return {"fee": {"service": service.id, "centimes": meant.fees[0].amount_centimes}}


def next_buttons(phrases: Phrases, snapshot: Snapshot, service: Service, asked: Aspect) -> list[Button]:
    """The next questions that have an answer."""
    has = {
        Aspect.DOCUMENTS: bool(service.documents),
        Aspect.FEE: bool(service.fees),
        Aspect.DEADLINE: bool(snapshot.deadlines_of(service.id)),
        Aspect.DURATION: service.processing_time.max is not None or service.validity is not None,
        Aspect.OFFICE: True,
        Aspect.PROCEDURE: bool(service.steps),
        Aspect.ELIGIBILITY: True,
    }
    buttons = [
        Button(phrases(f"utter_button_{aspect.value}"), payload(f"ask_{aspect.value}", service.id))
        for aspect in NEXT_ASPECTS
        if aspect is not asked and has[aspect]
    ][:MOST_BUTTONS]
    if asked is Aspect.OFFICE and snapshot.offices_of(service.id):
        buttons[-1:] = [Button(phrases("utter_button_find_office"), payload("find_office", service.id))]
    return buttons


def answer_faq(phrases: Phrases, faq: Faq) -> Reply:
    """An entry of the FAQ."""
    lines = [
        phrases("utter_title", name=phrases.text(faq.question)),
        phrases.text(faq.answer),
        aspects.source_line(phrases, faq.sources),
    ]
    source = aspects.best_source(faq.sources)
    return Reply(lines + phrases.apology(), Outcome.ANSWERED, links=[aspects.source_link(phrases, source)])


def offer(phrases: Phrases, snapshot: Snapshot, choices: list[str], act: str) -> Reply:
    """Two or three services to choose from."""
    buttons = [Button(phrases.text(snapshot.services[choice].names), payload(act, choice)) for choice in choices]
    return Reply(
        [phrases("utter_choose_service")],
        Outcome.CLARIFIED,
        buttons=buttons,
        context={"pending": choices, "last_act": act},
    )


def unknown(turn: Turn, phrases: Phrases, snapshot: Snapshot, found: Resolution, act: str) -> Reply:
    """Said plainly, counted, and with the closest that there is."""
    topic = snapshot.topics.get(found.entry_id or "") if found.found is Found.TOPIC else None
    closest = [one for one in found.choices if one in snapshot.services]
    with runtime.database().transaction() as session:
        record_gap(
            session,
            turn.text,
            language=turn.language,
            intent=act,
            topic_id=topic.id if topic else None,
            closest=closest[0] if closest else None,
        )
    if topic:
        lines = [phrases("utter_unknown_topic", name=phrases.text(topic.names))]
    else:
        lines = [phrases("utter_unknown_service")]
    buttons = [Button(phrases.text(snapshot.services[one].names), payload(act, one)) for one in closest]
    if buttons:
        lines.append(phrases("utter_unknown_closest"))
    buttons.append(Button(phrases("utter_button_human"), payload("talk_to_human")))
    return Reply(lines, Outcome.UNKNOWN_SERVICE, buttons=buttons, context={"pending": [], "last_act": act})


def ask_which(turn: Turn, phrases: Phrases, snapshot: Snapshot, found: Resolution, act: str) -> Reply:
    """The act is clear, the service is not: ask for it once, and remember the question."""
    if turn.context.get("asked_which"):
        return unknown(turn, phrases, snapshot, found, act)
    choices = list(found.ranked[:MOST_BUTTONS]) if len(turn.text.split()) >= 3 else []  # noqa: PLR2004
    buttons = [Button(phrases.text(snapshot.services[choice].names), payload(act, choice)) for choice in choices]
    return Reply(
        [phrases("utter_ask_which_service")],
        Outcome.CLARIFIED,
        buttons=buttons,
        context={"pending": choices, "last_act": act, "asked_which": True},
    )


class ActionAnswerService(JawabAction):
    """Answers the seven question acts."""

    action_name = "action_answer_service"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The reply about the service meant."""
        return reply_about(turn, phrases, turn.act if turn.act in ACTS else DEFAULT_ACT)
