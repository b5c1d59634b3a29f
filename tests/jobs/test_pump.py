"""The pump and its open calls: it does not take its own for lost, and at its end leaves nothing half done."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from bot.conversations.schemas import Outbound
from bot.db.session import Database
from bot.deliveries import service as deliveries
from bot.deliveries.states import State
from bot.jobs import engine, pump, worker
from bot.jobs.pump import Pump
from tests.jobs.talk import Talk, Vendor, wait_until

pytestmark = pytest.mark.slow

CUT = text("SELECT pg_terminate_backend(:pid)")
HOLDERS = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND objid = (hashtext(:sender)::bigint & 4294967295)"
)


class Slow:
    """The vendor's way of taking a message: only when it is told to."""

    def __init__(self, vendor: Vendor) -> None:
        self._take, self.asked, self.released = vendor.send, threading.Event(), threading.Event()

    def __call__(self, outbound: Outbound, part: str) -> str:
        self.asked.set()
        self.released.wait(30)
        return self._take(outbound, part)


@pytest.fixture
def slow(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    vendor.sent.clear()
    vendor.refusals.clear()
    slow = Slow(vendor)
    monkeypatch.setattr(vendor, "send", slow)
    monkeypatch.setattr(deliveries, "UNKNOWN_SECONDS", 0)
    monkeypatch.setattr(pump, "LOOK_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(pump, "RESOLVE_EVERY_SECONDS", 0.05)
    yield slow
    slow.released.set()


def pumping(database: Database, sender: str) -> list[int]:
    """Which connections to the database hold the lock of a sender's pump."""
    with database.transaction() as session:
        return list(session.scalars(HOLDERS, {"sender": sender}))


def pump_of(sender: str) -> Pump:
    """This process's pump for a sender, which will get another."""
    engine.bells.remove(engine.pump_bell(sender))
    return worker._pumps[-1]._pumps[sender]


def test_a_pump_that_lost_the_database_does_not_take_its_open_calls_for_lost(
    talk: Talk, sender: str, vendor: Vendor, slow: Slow
) -> None:
    workflow = talk.send_text("bonjour", channel="vendor", sender_id=sender)
    slow.asked.wait(30)
    (before,) = pumping(talk.database, sender)
    with talk.database.transaction() as session:
        session.execute(CUT, {"pid": before})
    wait_until(lambda: pumping(talk.database, sender) not in ([], [before]))
    time.sleep(0.3)  # Long enough for it to look what was left behind.
    slow.released.set()
    (reply,) = talk.replies(workflow)
    assert talk.state_of(reply.id) is State.DONE
    assert [one.text for one in vendor.sent] == ["echo: bonjour"]


def test_at_the_end_the_open_call_is_finished_and_the_rest_given_back(
    talk: Talk, sender: str, vendor: Vendor, slow: Slow
) -> None:
    workflow = talk.send_text("un\n\ndeux\n\ntrois", channel="vendor", sender_id=sender)
    slow.asked.wait(30)
    own = pump_of(sender)
    own.stop()
    assert not own.has_ended(0.3)
    slow.released.set()
    assert own.has_ended(20)
    (reply,) = talk.replies(workflow)
    assert [one.text for one in vendor.sent] == ["echo: un", "deux", "trois"]
    assert talk.state_of(reply.id) is State.DONE
