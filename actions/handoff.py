"""Passing a citizen on to people: when at once, when asked first, and what staff should know."""

from typing import Any

from actions import runtime
from actions.phrases import Phrases
from actions.services import payload
from actions.turn import HUMAN, PATIENCE, Button, Reply, Turn
from bot.cases.states import Reason
from bot.catalogue.deadlines import next_dates
from bot.catalogue.offices import REGION, city_in, region_of
from bot.catalogue.resolve import Found, Resolution
from bot.catalogue.snapshot import Snapshot
from bot.conversations.states import Outcome

# The context's names for a person who was offered, with the reason, and for the last question.
OFFERED, ASKED = "offered", "asked"
NAMED = {Found.SERVICE, Found.CHOICE, Found.FAQ, Found.TOPIC}
MOST_CLOSEST = 3


def offer_person(phrases: Phrases, words: str, reason: Reason, lines: list[str]) -> Reply:
    """Ask whether the citizen wants a person."""
    buttons = [
        Button(phrases("utter_button_pass_yes"), HUMAN),
        Button(phrases("utter_button_pass_no"), payload("deny")),
    ]
    return Reply([*lines, phrases(words)], Outcome.OFFERED, buttons=buttons, context={OFFERED: reason.value})


def is_insistent(turn: Turn) -> bool:
    """Whether asking again would only annoy: a button was pressed, or they were asked, or nothing helped so far."""
    misses = int(turn.context.get("misses") or 0)
    return not turn.text or bool(turn.context.get(OFFERED)) or misses >= PATIENCE or turn.is_insult


def pass_on(
    turn: Turn, phrases: Phrases, snapshot: Snapshot, lines: list[str], found: Resolution | None = None
) -> Reply:
    """Have people take over, with all that they should know."""
    is_named = found is not None and found.found in NAMED
    service_id = found.entry_id if found is not None and found.found is Found.SERVICE else turn.service_id
    question = turn.text if is_named else str(turn.context.get(ASKED) or turn.text)
    hits = snapshot.index.search(question, kinds=("services", "faq"), limit=MOST_CLOSEST) if question else []
    told = {
        "reason": _reason(turn).value,
        "question": question,
        "closest": [{"kind": hit.kind, "id": hit.entry_id, "score": round(hit.score, 3)} for hit in hits],
        "deadline": _deadline(snapshot, service_id),
        REGION: _region(turn, question, snapshot),
    }
    return Reply([*lines, phrases("utter_human_passing")], Outcome.HANDED_OFF, service_id, handoff=told)


def _reason(turn: Turn) -> Reason:
    offered = turn.context.get(OFFERED)
    if offered in set(Reason):
        return Reason(offered)
    if turn.is_insult:
        return Reason.ANGER
    return Reason.FAILED_TWICE if int(turn.context.get("misses") or 0) >= PATIENCE else Reason.ASKED


def _region(turn: Turn, question: str, snapshot: Snapshot) -> str | None:
    """The town that the citizen named: now, in the last question, or some time before."""
    named = (city_in(text, snapshot.offices) for text in (turn.text, question))
    city = next((one for one in named if one), None)
    return region_of(city) if city else turn.context.get(REGION)


def _deadline(snapshot: Snapshot, service_id: str | None) -> dict[str, Any] | None:
    """The next date of a service that must not be missed."""
    if service_id is None:
        return None
    dates = [
        (due.due_on, deadline.id)
        for deadline in snapshot.deadlines_of(service_id)
        for due in next_dates(deadline.rule, runtime.today(), snapshot.calendar)
    ]
    first = min(dates, default=None)
    return {"id": first[1], "on": first[0].isoformat()} if first else None
