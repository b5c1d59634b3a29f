"""What is promised whatever is killed, each promise as a function that names what broke it."""

import datetime as dt
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from bot.conversations.states import Outcome
from bot.deliveries.states import State
from tests.crash.plan import Act
from tests.crash.records import Call, Records, Row
from tests.crash.town import Spoken

# These turns may end without a word.
SILENT = {Outcome.FLOODED, Outcome.LEFT_TO_STAFF}
# What was given up or put aside says why.
GIVEN_UP = {State.DEAD, State.PARKED, State.UNKNOWN}
WINDOW_CLOSED = "63016"
# A call may have been claimed a moment before the citizen's wish was noted.
MOMENT = dt.timedelta(seconds=3)

Found = Iterator[str]


def everything_comes_to_rest(records: Records) -> Found:
    """Nothing is left waiting or being sent, no work half done."""
    if records.restless:
        yield records.restless
    for row in records.rows:
        if row.state in (State.WAITING, State.SENDING):
            yield f"message {row.id} is still {row.state}"


def what_was_taken_is_kept_once(records: Records) -> Found:
    """Every message for which a vendor got a 200 is a row, and no message is two."""
    for one in records.spoken:
        count = len(records.row_of(one))
        if count > 1 or (count == 0 and one.key in records.taken):
            yield f"{_named(one)} was taken and is kept {count} times"


def what_is_kept_is_answered(records: Records) -> Found:
    """Each has an outcome, and answers that left or that were given up with a reason."""
    for row in records.rows:
        if row.direction == "in" and row.outcome is None:
            yield f"message {row.id} ({row.body!r}) has no outcome"
        elif row.direction == "in" and row.outcome not in SILENT and not records.answers_to(row):
            yield f"message {row.id} ({row.body!r}) has no answer"
        elif row.direction == "out":
            yield from _is_said(records, row)


def _is_said(records: Records, row: Row) -> Found:
    if row.state in GIVEN_UP:
        if not row.reason:
            yield f"message {row.id} is {row.state} without a reason"
        return
    seen = frozenset[str]().union(*(call.lines for call in records.calls_for(row)))
    if row.state is None or (row.state == State.DONE and row.lines - seen):
        yield f"message {row.id} is {row.state}, but the vendor never got {sorted(row.lines - seen)}"


def nothing_is_said_twice(records: Records) -> Found:
    """A line that comes again is marked, unless nobody ever knew of either call; campaigns never come again."""
    for row in records.rows:
        seen, most = Counter[str](), len(records.twins_of(row))
        for call in records.calls_for(row):
            again = sorted(line for line in call.lines if seen[line] >= most)
            if again and (row.is_campaign or not (call.is_marked or row.state == State.UNKNOWN)):
                yield f"message {row.id} was said again: {again[:3]} … in {call.text[:40]!r}"
            seen.update(call.lines)


def nothing_is_said_that_is_not_kept(records: Records) -> Found:
    """Every call belongs to a row."""
    for call in records.calls:
        rows = [row for row in records.rows if call in records.calls_for(row)]
        if not rows:
            yield f"nobody knows of {call.text[:60]!r}"


def order_is_kept(records: Records) -> Found:
    """In a conversation messages are recorded, and answered for the first time, in the order in which they were taken.

    What was unknown for a while holds up nobody, and comes late.
    """
    for queue in _queues(records):
        rows = [row for one in queue for row in records.row_of(one)[:1]]
        yield from _in_order("recorded", [(row.id, row) for row in rows])
        said = [(at, row) for row in rows if (at := _first_said_at(records, row)) is not None]
        yield from _in_order("answered", said)


def _queues(records: Records) -> list[list[Spoken]]:
    queues: dict[str, list[Spoken]] = defaultdict(list)
    for one in sorted(records.spoken, key=lambda one: one.line.number):
        queues[one.queue].append(one)
    return list(queues.values())


def _first_said_at(records: Records, row: Row) -> int | None:
    """The place in the vendor's log; None for what was not said, was unknown for a while, or reads like another."""
    answers = records.answers_to(row)
    if any(records.was_unknown(one) or one.repeats for one in answers):
        return None
    if any(len(records.twins_of(one)) > 1 for one in answers):
        return None
    calls = [call for one in answers for call in records.calls_for(one)]
    return min((records.calls.index(call) for call in calls), default=None)


def _in_order(what: str, places: list[tuple[int, Row]]) -> Found:
    for (before, earlier), (after, later) in itertools.pairwise(places):
        if before > after:
            yield f"{later.body!r} ({later.id}) was {what} before {earlier.body!r} ({earlier.id})"


def no_campaign_follows_a_stop(records: Records) -> Found:
    """Nothing that nobody asked for comes after the confirmation of a wish, nor long after the wish."""
    campaigns = [(call, row) for row in records.rows if row.is_campaign for call in records.calls_for(row)]
    for call, row in campaigns:
        if row.opted_out_at is not None and call.at > row.opted_out_at + MOMENT:
            yield f"campaign {row.id} came after the citizen's wish"
        elif _last_wish(records, call) is Act.STOP:
            yield f"campaign {row.id} came after the wish was confirmed"


def _last_wish(records: Records, before: Call) -> Act | None:
    """STOP counts from when it was confirmed, START from when it was kept."""
    wish = None
    for one in sorted(records.spoken, key=lambda one: one.line.number):
        rows = records.row_of(one) if one.line.act in (Act.STOP, Act.START) else []
        mine = [row for row in rows if row.value_hash == before.value_hash]
        if any(at < before.at for row in mine for at in _moments(records, row, one.line.act)):
            wish = one.line.act
    return wish


def _moments(records: Records, row: Row, act: Act) -> list[dt.datetime]:
    if act is Act.START:
        return [row.created_at]
    return [call.at for answer in records.answers_to(row) for call in records.calls_for(answer)]


def nothing_leaves_outside_the_window(records: Records) -> Found:
    """WhatsApp never has to refuse a text because the citizen was silent for a day."""
    for call in records.calls:
        if call.code == WINDOW_CLOSED:
            yield f"{call.text[:40]!r} left when the window was closed"


PROMISES: tuple[Callable[[Records], Found], ...] = (
    everything_comes_to_rest,
    what_was_taken_is_kept_once,
    what_is_kept_is_answered,
    nothing_is_said_twice,
    nothing_is_said_that_is_not_kept,
    order_is_kept,
    no_campaign_follows_a_stop,
    nothing_leaves_outside_the_window,
)


def broken(records: Records) -> list[str]:
    """Each broken promise in a line; none when all hold."""
    return [f"{promise.__name__}: {words}" for promise in PROMISES for words in promise(records)]


def _named(one: Spoken) -> str:
    return f"{one.text!r} of {one.line.citizen.address} ({one.key})"
