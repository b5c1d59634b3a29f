"""Named points at which a kill hurts most, each made likely (`arm`) and then waited for (`holds`)."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.crash.answers import LINE
from tests.crash.plan import Whom
from tests.crash.town import Town

SENDING = "SELECT m.body FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.state = 'sending'"
BETWEEN = "SELECT 1 FROM deliveries WHERE state = 'sending' AND parts_sent > 0 AND parts_sent < parts_total"
IN_STATE = "SELECT 1 FROM deliveries WHERE state = :state LIMIT 1"
NOT_KEPT = "SELECT 1 FROM messages WHERE direction = 'in' AND outcome IS NULL LIMIT 1"

Holds = Callable[[Town], bool]


@dataclass(frozen=True)
class Point:
    """`arm` gives what to look for; `disarm` takes back what it changed, after the kill."""

    arm: Callable[[Town], Holds]
    disarm: Callable[[Town], None] = lambda _: None


def _at_once(_town: Town) -> Holds:
    return lambda _: True


def _hold_rasa(town: Town) -> Holds:
    before = town.levers.held.value
    town.levers.closed.value = True
    return lambda town: town.levers.held.value > before and bool(town.peek(NOT_KEPT))


def _let_rasa_go(town: Town) -> None:
    town.levers.closed.value = False


def _swallow(town: Town) -> Holds:
    town.telegram.swallow_next()
    town.twilio.swallow_next()
    return _is_taken_and_sending


def _is_taken_and_sending(town: Town) -> bool:
    lines = {line for row in town.peek(SENDING) for line in LINE.findall(str(row["body"]))[:1]}
    texts = [one.text for one in list(town.telegram.sent)] + [one.body for one in list(town.twilio.sent)]
    return any(line in text for line in lines for text in texts)


def _await_unknown(town: Town) -> Holds:
    town.telegram.fail_next(1, 500)
    town.twilio.fail_next(1, 500)
    return lambda town: bool(town.peek(IN_STATE, state="unknown"))


def _await_waiting(town: Town) -> Holds:
    town.telegram.fail_next(1, 429, 1)
    town.twilio.fail_next(1, 429)
    return lambda town: bool(town.peek(IN_STATE, state="waiting"))


def _await_parts(town: Town) -> Holds:
    town.levers.verbose.value = True
    return lambda town: bool(town.peek(BETWEEN))


def _be_brief(town: Town) -> None:
    town.levers.verbose.value = False


def _await_acceptance(town: Town) -> Holds:
    before = _taken(town)
    return lambda town: _taken(town) > before


def _taken(town: Town) -> int:
    updates = sum(200 <= one.status < 300 for one in list(town.telegram.courier.deliveries))
    forms = sum(one.is_taken and "MessageStatus" not in one.form for one in list(town.twilio.courier.attempts))
    return updates + forms


def _await_spool(town: Town) -> Holds:
    town.story.tell("postgres is killed")
    town.children[Whom.POSTGRES].kill()
    return lambda town: any((town.settings.var / "spool").glob("*.json"))


POINTS = {
    "at any moment": Point(_at_once),
    "the vendor has a call that is still sending here": Point(_swallow),
    "Rasa is asked and the turn not kept": Point(_hold_rasa, _let_rasa_go),
    "an answer is kept and waits": Point(_await_waiting),
    "the end of a call is unknown": Point(_await_unknown),
    "some parts of an answer have left": Point(_await_parts, _be_brief),
    "a message was just taken": Point(_await_acceptance),
    "the database is away and a message lies on disk": Point(_await_spool),
}
