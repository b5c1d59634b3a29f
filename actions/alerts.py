"""Reminders: of the deadlines of a service, asked for and stopped; the gateway keeps what is decided here."""

from collections.abc import Sequence
from dataclasses import replace

from actions import runtime
from actions.deadlines import COMING_DAYS, coming, date_lines
from actions.phrases import Phrases
from actions.services import find, payload
from actions.turn import Button, JawabAction, Reply, Turn
from bot.alerts import service as alerts
from bot.alerts.service import SUBSCRIBED, UNSUBSCRIBED
from bot.catalogue.mentions import family_of
from bot.catalogue.resolve import Found
from bot.catalogue.rules import RelativeRule
from bot.catalogue.schemas import Deadline
from bot.catalogue.snapshot import Snapshot
from bot.conversations.states import Outcome

SUBSCRIBE, UNSUBSCRIBE, ALL = "subscribe_alerts", "unsubscribe_alerts", "all"
MOST_OFFERED = 3


def is_computable(deadline: Deadline) -> bool:
    """Whether the catalogue's rule alone gives a date, without an event in the citizen's life."""
    return not isinstance(deadline.rule, RelativeRule)


def _reminded_of(turn: Turn) -> set[str]:
    if turn.conversation_id is None:
        return set()
    with runtime.database().transaction() as session:
        return set(alerts.list_reminded_of(session, conversation_id=turn.conversation_id))


def _lines(phrases: Phrases, snapshot: Snapshot, lead: str, deadlines: Sequence[Deadline]) -> list[str]:
    if not deadlines:
        return []
    return [phrases(lead), *(line for one in deadlines for line in date_lines(phrases, snapshot, one))]


class ActionExplainAlerts(JawabAction):
    """Asked for a reminder: of all dates of the service meant, at once."""

    action_name = "action_explain_alerts"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """What the citizen is reminded of, or what there is to choose from."""
        snapshot = runtime.snapshot()
        pressed = [one for one in snapshot.deadlines if one.id == turn.chosen]
        if pressed:
            asked = pressed[0].services[0]
            return _subscribed(turn, phrases, snapshot, pressed, asked)
        found = find(turn, snapshot, needs_service=False)
        if found.found is Found.SERVICE and found.entry_id:
            deadlines = snapshot.deadlines_of(found.entry_id)
            reply = _subscribed(turn, phrases, snapshot, deadlines, found.entry_id)
        else:
            reply = _choice(phrases, snapshot)
        reply.ranked = found.ranked
        return reply


def _subscribed(turn: Turn, phrases: Phrases, snapshot: Snapshot, asked: Sequence[Deadline], service_id: str) -> Reply:
    """To all that have a date; the others are told, to be noted by the citizen."""
    dated = [one for one in asked if is_computable(one)]
    known = _reminded_of(turn) if dated else set()
    fresh = [one for one in dated if one.id not in known]
    lines = _lines(phrases, snapshot, "utter_alerts_subscribed", fresh)
    lines += _lines(phrases, snapshot, "utter_alerts_already", [one for one in dated if one.id in known])
    lines += [phrases("utter_alerts_when")] if fresh else []
    lines += _lines(phrases, snapshot, "utter_alerts_by_yourself", [one for one in asked if not is_computable(one)])
    lines = (lines or [phrases("utter_deadline_none")]) + phrases.apology()
    if not dated:
        return Reply(lines, Outcome.ANSWERED, service_id, [_listing(phrases)])
    what = dated[0].id if len(dated) == 1 else service_id
    stop = Button(phrases("utter_button_stop_reminder"), payload(UNSUBSCRIBE, what))
    if not fresh:
        return Reply(lines, Outcome.ANSWERED, service_id, [stop])
    return Reply(lines, Outcome.SUBSCRIBED, service_id, [stop], alerts={SUBSCRIBED: [one.id for one in fresh]})


def _choice(phrases: Phrases, snapshot: Snapshot) -> Reply:
    """No service is meant: the next deadlines to choose from."""
    soon = dict.fromkeys(deadline.id for deadline, _ in coming(snapshot, runtime.today(), COMING_DAYS))
    labels = _labels(phrases, snapshot, list(soon)[:MOST_OFFERED])
    buttons = [Button(label, payload(SUBSCRIBE, one)) for one, label in labels.items()]
    if not buttons:
        return Reply([phrases("utter_deadlines_none", count=COMING_DAYS)], Outcome.ANSWERED)
    lines = [phrases("utter_alerts_choose"), *phrases.apology()]
    return Reply(lines, Outcome.CLARIFIED, buttons=[*buttons, _listing(phrases)])


def _listing(phrases: Phrases) -> Button:
    return Button(phrases("utter_button_list_deadlines"), payload("list_deadlines"))


class ActionStopAlerts(JawabAction):
    """Asked to stop reminders: of what was named, of what is talked about, of the only one; else asks which."""

    action_name = "action_stop_alerts"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """What the citizen is not reminded of any more, or what there is to choose from."""
        snapshot = runtime.snapshot()
        named = find(replace(turn, service_id=None), snapshot, needs_service=False)
        service_id = named.entry_id if named.found is Found.SERVICE else None
        known = sorted(_reminded_of(turn))
        if not known:
            return Reply([phrases("utter_alerts_none")], Outcome.ANSWERED, service_id, ranked=named.ranked)
        meant = _meant(turn, snapshot, known, service_id)
        # Where a message names more than one, nobody but the citizen knows which is to end.
        is_plain = len({family_of(one) for one in snapshot.index.mentions.find(turn.text)}) <= 1 or bool(turn.chosen)
        reply = _ended(phrases, snapshot, meant) if meant and is_plain else _which(phrases, snapshot, known)
        reply.service_id, reply.ranked = service_id, named.ranked
        reply.lines += phrases.apology()
        return reply


def _meant(turn: Turn, snapshot: Snapshot, known: list[str], service_id: str | None) -> list[str]:
    """The reminders that are meant; none where the citizen has to choose."""
    if turn.chosen == ALL:
        return known
    if turn.chosen in known:
        return [turn.chosen]
    if turn.chosen and service_id is None:  # The button of a reminder that was stopped before.
        return []
    about = {one.id for one in snapshot.deadlines_of(service_id or turn.service_id or "")}
    meant = [one for one in known if one in about]
    is_only = len(known) == 1 and service_id is None
    return meant or (known if is_only else [])


def _ended(phrases: Phrases, snapshot: Snapshot, meant: Sequence[str]) -> Reply:
    lines = [phrases("utter_alerts_label", label=one) for one in _labels(phrases, snapshot, meant).values()]
    return Reply([phrases("utter_alerts_ended"), *lines], Outcome.UNSUBSCRIBED, alerts={UNSUBSCRIBED: list(meant)})


def _which(phrases: Phrases, snapshot: Snapshot, known: Sequence[str]) -> Reply:
    labels = _labels(phrases, snapshot, known)
    buttons = [Button(label, payload(UNSUBSCRIBE, one)) for one, label in labels.items()]
    buttons += [Button(phrases("utter_button_stop_all"), payload(UNSUBSCRIBE, ALL))] if len(known) > 1 else []
    return Reply([phrases("utter_alerts_which")], Outcome.CLARIFIED, buttons=buttons)


def _labels(phrases: Phrases, snapshot: Snapshot, ids: Sequence[str]) -> dict[str, str]:
    """What deadlines are called; one that is no more, by its id."""
    texts = {one.id: one.label for one in snapshot.deadlines}
    return {one: phrases.text(texts[one]) if one in texts else one for one in ids}
