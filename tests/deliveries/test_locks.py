"""Whoever notes something of the same delivery at the same moment: nobody waits in a ring, and nothing is missed."""

import datetime as dt
import threading
import time

import pytest
from sqlalchemy import select, text

from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.deliveries import queries
from bot.deliveries import service as deliveries
from bot.deliveries.claims import Taken
from bot.deliveries.models import Part
from bot.deliveries.states import State
from tests.deliveries.letters import Letter

pytestmark = pytest.mark.slow

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
PATIENCE_SECONDS = 20


def wait_for_a_waiting_one(letter: Letter) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with letter.database.transaction() as session:
            if session.scalar(WAITING):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for the delivery")


def test_news_wait_for_the_delivery_and_hold_nothing_of_it_meanwhile(letter: Letter) -> None:
    letter.send("SM")
    hearing = threading.Thread(target=letter.hear, args=("SM0", Delivery.DELIVERED, None))
    with letter.database.transaction() as session:
        queries.get_delivery(session, letter.id, lock=True)
        hearing.start()
        wait_for_a_waiting_one(letter)
        # Whoever holds the delivery gets its parts and its message at once.
        parts = select(Part).where(Part.message_id == letter.id).with_for_update(nowait=True)
        assert len(session.scalars(parts).all()) == 3
        assert session.scalar(select(Message).where(Message.id == letter.id).with_for_update(nowait=True))
    hearing.join(PATIENCE_SECONDS)
    with letter.database.transaction() as session:
        (first,) = session.scalars(select(Part).where(Part.vendor_id == "SM0"))
        assert first.status == Delivery.DELIVERED


def test_what_would_be_parked_while_the_citizen_writes_waits_for_its_turn(letter: Letter) -> None:
    with letter.database.transaction() as session:
        session.get_one(Address, letter.address_id).window_expires_at = None
    taken: list[Taken] = []
    claiming = threading.Thread(target=lambda: taken.extend(letter.take()))
    with letter.database.transaction() as session:
        session.get_one(Address, letter.address_id).window_expires_at = utc_now() + dt.timedelta(hours=1)
        session.flush()
        claiming.start()
        wait_for_a_waiting_one(letter)
        assert deliveries.release_parked(session, letter.address_id) == 0
    claiming.join(PATIENCE_SECONDS)
    assert (taken, letter.stands[0]) == ([], State.WAITING)
    assert [one.message_id for one in letter.take()] == [letter.id]
