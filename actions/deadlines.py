"""Dates not to be missed: of one service, of the coming weeks, and what we can say of reminders."""

import datetime as dt
from dataclasses import dataclass

from actions import aspects, runtime
from actions.phrases import Phrases
from actions.turn import JawabAction, Reply, Turn
from bot.catalogue.deadlines import DueDate, last_date, next_dates
from bot.catalogue.penalties import Surcharge, months_late, surcharge
from bot.catalogue.rules import DatesRule, RelativeRule, Span, WindowRule
from bot.catalogue.schemas import Confidence, Deadline, Penalty
from bot.catalogue.snapshot import Snapshot
from bot.conversations.states import Outcome
from bot.formats import format_date, format_money, format_number, format_span

COMING_DAYS = 60
MOST_LISTED = 8
# A yearly date that was last announced longer ago than this is told to be worked out, not announced.
LAST_KNOWN_IS_OLD = dt.timedelta(days=400)


def deadline_lines(phrases: Phrases, snapshot: Snapshot, service_id: str, late: "Late | None" = None) -> list[str]:
    """The next date of each deadline of a service, and what being late costs."""
    deadlines = snapshot.deadlines_of(service_id)
    if not deadlines:
        return [phrases("utter_deadline_none")]
    lines = [phrases("utter_deadline_lead")]
    for deadline in deadlines:
        lines += date_lines(phrases, snapshot, deadline)
        if deadline.penalty:
            lines.append(phrases("utter_deadline_penalty", text=phrases.text(deadline.penalty.text)))
            lines += penalty_lines(phrases, snapshot, deadline, deadline.penalty, late or Late())
        if deadline.note:
            lines.append(phrases("utter_note", text=phrases.text(deadline.note)))
    if any(deadline.confidence is Confidence.LOW for deadline in deadlines):
        lines.append(phrases("utter_caution_low"))
    return lines


@dataclass(frozen=True)
class Late:
    """What a citizen said about being late: how many months, and what was to be paid, in centimes."""

    months: int | None = None
    due_centimes: int | None = None


def penalty_lines(phrases: Phrases, snapshot: Snapshot, deadline: Deadline, penalty: Penalty, late: Late) -> list[str]:
    """The surcharge after the delay that was asked about, otherwise on the last missed date if paid today."""
    missed = last_date(deadline.rule, runtime.today(), snapshot.calendar)
    if late.months:
        found = surcharge(penalty, late.months, late.due_centimes)
        lead = phrases("utter_penalty_delay", span=format_span(late.months, "months", phrases.language))
    elif missed:
        found = surcharge(penalty, months_late(missed.due_on, runtime.today()), late.due_centimes)
        lead = phrases("utter_penalty_today", date=format_date(missed.due_on, phrases.language))
    else:
        return []
    return [f"{lead} {_cost(phrases, found, late.due_centimes)}"] if found else []


def _cost(phrases: Phrases, cost: Surcharge, due_centimes: int | None) -> str:
    percent = format_number(cost.percent, phrases.language)
    if cost.centimes is not None and due_centimes is not None:
        return phrases(
            "utter_penalty_amount",
            percent=percent,
            surcharge=format_money(cost.centimes, phrases.language),
            due=format_money(due_centimes, phrases.language),
            total=format_money(due_centimes + cost.centimes, phrases.language),
        )
    if cost.minimum_centimes:
        least = format_money(cost.minimum_centimes, phrases.language)
        return phrases("utter_penalty_least", percent=percent, least=least)
    return phrases("utter_penalty_percent", percent=percent)


def date_lines(phrases: Phrases, snapshot: Snapshot, deadline: Deadline) -> list[str]:
    """When one deadline falls next, as one or two lines."""
    if isinstance(deadline.rule, RelativeRule):
        return [_relative_line(phrases, deadline, deadline.rule)]
    due = next_dates(deadline.rule, runtime.today(), snapshot.calendar)[0]
    lines = [due_line(phrases, deadline, due)]
    known = deadline.last_known_on
    if known and runtime.today() - known > LAST_KNOWN_IS_OLD:
        lines.append(phrases("utter_deadline_last_known", date=format_date(known, phrases.language)))
    if isinstance(deadline.rule, DatesRule):
        year = next_dates(deadline.rule, runtime.today(), snapshot.calendar, count=len(deadline.rule.dates))
        dates = ", ".join(format_date(one.due_on, phrases.language) for one in year)
        lines.append(phrases("utter_deadline_yearly", dates=dates))
    return lines


def due_line(phrases: Phrases, deadline: Deadline, due: DueDate) -> str:
    """One occurrence: its date and how far away it is."""
    today, label = runtime.today(), phrases.text(deadline.label)
    date = format_date(due.due_on, phrases.language)
    if due.opens_on and not due.is_open(today) and isinstance(deadline.rule, WindowRule):
        opens = format_date(due.opens_on, phrases.language)
        away = in_days(phrases, due.opens_on - today)
        line = phrases("utter_deadline_opens", label=label, from_date=opens, date=date, in_days=away)
    else:
        name = "utter_deadline_open" if due.opens_on and due.is_open(today) else "utter_deadline_next"
        line = phrases(name, label=label, date=date, in_days=in_days(phrases, due.due_on - today))
    return f"{line} {phrases('utter_deadline_shifted')}" if due.is_shifted else line


def in_days(phrases: Phrases, away: dt.timedelta) -> str:
    """Today, tomorrow, in 70 days."""
    match away.days:
        case 0:
            return phrases("utter_today")
        case 1:
            return phrases("utter_tomorrow")
        case days:
            return phrases("utter_in_days", days=format_span(days, "days", phrases.language))


def _relative_line(phrases: Phrases, deadline: Deadline, rule: RelativeRule) -> str:
    line = phrases(
        "utter_deadline_relative",
        label=phrases.text(deadline.label),
        span=_span(phrases, rule.within),
        event=phrases.text(rule.event),
    )
    if rule.within_abroad:
        line += f" {phrases('utter_deadline_abroad', span=_span(phrases, rule.within_abroad))}"
    return line


def _span(phrases: Phrases, span: Span) -> str:
    return format_span(span.amount, span.unit, phrases.language)


def coming(snapshot: Snapshot, today: dt.date, days: int) -> list[tuple[Deadline, DueDate]]:
    """All deadlines that end in the next days, soonest first."""
    last = today + dt.timedelta(days=days)
    found = [
        (deadline, due)
        for deadline in snapshot.deadlines
        for due in next_dates(deadline.rule, today, snapshot.calendar)
        if due.due_on <= last
    ]
    return sorted(found, key=lambda pair: pair[1].due_on)


class ActionListDeadlines(JawabAction):
    """What is due soon, whatever the service."""

    action_name = "action_list_deadlines"

    def answer(self, turn: Turn, phrases: Phrases) -> Reply:
        """The dates of the coming weeks."""
        snapshot = runtime.snapshot()
        found = coming(snapshot, runtime.today(), COMING_DAYS)
        if not found:
            return Reply([phrases("utter_deadlines_none", count=COMING_DAYS)], Outcome.ANSWERED)
        lines = [phrases("utter_deadlines_lead", count=COMING_DAYS)]
        lines += [due_line(phrases, deadline, due) for deadline, due in found[:MOST_LISTED]]
        sources = [source for deadline, _ in found[:MOST_LISTED] for source in deadline.sources]
        lines.append(aspects.source_line(phrases, sources))
        return Reply(lines + phrases.apology(), Outcome.ANSWERED)
