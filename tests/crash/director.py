"""Lets a run happen: the load, the vendors' troubles and the kills, until all is quiet again."""

import threading
import time
from collections.abc import Callable

from tests.crash.campaign import begin_campaign
from tests.crash.crowd import Crowd
from tests.crash.plan import Blow, Fault, Trouble, Whom
from tests.crash.points import POINTS
from tests.crash.town import Town

POINT_SECONDS = 3.0
LOOK_SECONDS = 0.01
QUIET_SECONDS = 0.7
LONGEST_SECONDS = 75.0
# They start in this order; the web process needs the database.
ORDER = (Whom.POSTGRES, Whom.ACTIONS, Whom.RASA, Whom.WEB, Whom.WORKER)
UNFINISHED = "SELECT workflow_uuid, status FROM dbos.workflow_status WHERE status IN ('ENQUEUED', 'PENDING')"
ON_THEIR_WAY = "SELECT message_id, state FROM deliveries WHERE state IN ('waiting', 'sending', 'unknown')"


def happen(town: Town) -> str:
    """All of a plan, until nothing moves any more; gives what still moves after so long that it must be stuck."""
    crowd, over = Crowd(town), threading.Event()
    clock = threading.Thread(target=_keep_time, args=(town, over), daemon=True)
    town.levers.refusals.value = town.plan.rasa_faults
    crowd.start()
    clock.start()
    try:
        for blow in town.plan.blows:
            _strike(town, blow)
        town.wait_for(lambda: crowd.has_ended, "the end of the load", seconds=60)
        return _settle(town)
    finally:
        over.set()
        clock.join(10)


def _strike(town: Town, blow: Blow) -> None:
    _pass(town, blow.pause)
    point = POINTS[blow.point]
    holds = point.arm(town)
    reached = _await(lambda: holds(town), POINT_SECONDS)
    victims = _victims(town, blow.whom)
    names = " and ".join(whom.value for whom in victims)
    town.story.tell(f"KILL {names}: {blow.point}{'' if reached else ' (not reached in time)'}")
    for whom in victims:
        town.children[whom].kill()
    point.disarm(town)
    time.sleep(blow.down)
    _raise_all(town)
    town.story.tell("all processes are up again")


def _victims(town: Town, whom: Whom) -> list[Whom]:
    return [one for one in reversed(ORDER) if one in town.children] if whom is Whom.ALL else [whom]


def _raise_all(town: Town) -> None:
    for whom in ORDER:
        child = town.children.get(whom)
        if child is not None and child.has_ended:
            child.start()
            child.wait_until_ready()


def _pass(town: Town, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        town.keep_up()
        time.sleep(0.05)


def _await(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    return held


def _settle(town: Town) -> str:
    """Wait until nothing has moved for a while; gives what never came to rest."""
    until, quiet_since = time.monotonic() + LONGEST_SECONDS, time.monotonic()
    while time.monotonic() - quiet_since < QUIET_SECONDS and time.monotonic() < until:
        town.keep_up()
        if _restless(town):
            quiet_since = time.monotonic()
        time.sleep(0.1)
    restless = _restless(town)
    town.story.tell(f"the end; {restless or 'all is quiet'}")
    return restless


def _restless(town: Town) -> str:
    """What still moves."""
    if town.telegram.courier.pending():
        return "updates wait at Telegram"
    if any((town.settings.var / "spool").glob("*.json")):
        return "messages lie on disk"
    if stuck := town.ask(UNFINISHED, of="durable"):
        return f"durable work is not done: {[tuple(row.values()) for row in stuck]}"
    if stuck := town.ask(ON_THEIR_WAY):
        return f"messages are on their way: {[tuple(row.values()) for row in stuck]}"
    return ""


def _keep_time(town: Town, over: threading.Event) -> None:
    """Troubles and campaigns at their moments, and a look at what is unknown ever so often."""
    due: list[tuple[float, Callable[[], None]]] = [
        *((one.at, lambda one=one: _trouble(town, one)) for one in town.plan.troubles),
        *((at, lambda at=at: begin_campaign(town, at)) for at in town.plan.campaigns),
    ]
    due.sort(key=lambda one: one[0])
    while not over.wait(0.1):
        while due and time.monotonic() - town.story.began_at >= due[0][0]:
            due.pop(0)[1]()
        town.were_unknown.update(row["message_id"] for row in town.peek(ON_THEIR_WAY) if row["state"] == "unknown")


def _trouble(town: Town, trouble: Trouble) -> None:
    town.story.tell(f"{trouble.channel}'s next {trouble.count} calls: {trouble.fault.value}")
    api = town.telegram if trouble.channel == "telegram" else town.twilio
    match trouble.fault:
        case Fault.BUSY if trouble.channel == "telegram":
            town.telegram.fail_next(trouble.count, 429, 1)
        case Fault.BUSY:
            town.twilio.fail_next(trouble.count, 429)
        case Fault.BROKEN:
            api.fail_next(trouble.count, 500)
        case Fault.SILENT:
            api.swallow_next(trouble.count)
        case Fault.SLOW:
            api.slow_next(0.5, trouble.count)
