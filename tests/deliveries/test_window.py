"""What a vendor takes and gives back because the window is closed: sent again when it may be, no part twice or lost."""

import datetime as dt
from dataclasses import replace

import pytest

from bot.channels.base import Fault
from bot.citizens.models import Address
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.db.session import Database
from bot.deliveries import service as deliveries
from bot.deliveries import window
from bot.deliveries.models import DeliveryRow
from bot.deliveries.service import Gone, News
from bot.deliveries.states import State
from bot.jobs import arrivals
from tests.conversations.records import message
from tests.deliveries.letters import Letter
from tests.jobs.talk import LIMITS, Vendor

pytestmark = pytest.mark.slow

PARKED = (State.PARKED, Delivery.PARKED)


def test_what_comes_back_waits_for_the_citizen_and_goes_again(letter: Letter) -> None:
    assert letter.send("SM") == [0, 1, 2]
    letter.hear("SM0")
    assert letter.stands == PARKED
    assert letter.take() == []
    letter.write()
    assert letter.send("SX") == [0, 1, 2]
    for number in range(3):
        letter.hear(f"SX{number}", Delivery.READ, None)
    assert letter.stands == (State.DONE, Delivery.READ)


def test_only_the_parts_that_came_back_go_again(letter: Letter) -> None:
    letter.send("SM")
    letter.hear("SM0", Delivery.DELIVERED, None)
    for vendor_id in ("SM2", "SM1", "SM1", "SM2"):
        letter.hear(vendor_id)
    assert letter.stands == PARKED
    letter.write()
    assert letter.send("SX") == [1, 2]


def test_late_news_of_what_came_back_says_nothing_of_what_went_again(letter: Letter) -> None:
    letter.send("SM")
    letter.hear("SM1")
    letter.write()
    letter.send("SX")
    for vendor_id in ("SM1", "SM2"):
        letter.hear(vendor_id)
    assert letter.stands == (State.DONE, Delivery.SENT)


def test_news_that_comes_before_the_last_part_is_sent_counts_at_its_end(letter: Letter) -> None:
    (taken,) = letter.take()
    letter.hear("SM0")
    assert letter.stands[0] == State.SENDING
    with letter.database.transaction() as session:
        deliveries.note_parts(session, [Gone(taken, 0, "SM0", is_last=True)])
    assert letter.stands == PARKED


def test_what_the_citizen_has_read_does_not_come_back(letter: Letter) -> None:
    letter.send("SM")
    for number in range(3):
        letter.hear(f"SM{number}", Delivery.READ, None)
    letter.hear("SM1")
    assert letter.stands == (State.DONE, Delivery.READ)


def test_another_failure_is_one_for_good(letter: Letter) -> None:
    letter.send("SM")
    with letter.database.transaction() as session:
        deliveries.note_status(session, News(letter.sender_id, "SM1", Delivery.FAILED, "63024", Fault.ADDRESS))
    assert letter.stands[0] == State.DONE


def test_what_was_parked_for_too_long_is_given_up_with_a_reason(letter: Letter, database: Database) -> None:
    with database.transaction() as session:
        session.get_one(Address, letter.address_id).window_expires_at = None
    assert letter.take() == []
    with database.transaction() as session:
        assert deliveries.end_parked(session, letter.sender_id) == 0
        session.get_one(DeliveryRow, letter.id).expires_at = utc_now() - dt.timedelta(seconds=1)
    with database.transaction() as session:
        assert deliveries.end_parked(session, letter.sender_id) == 1
        row = session.get_one(DeliveryRow, letter.id)
        assert (row.state, row.fault, row.code) == (State.DEAD, Fault.WINDOW, "expired")


def test_the_window_is_open_from_when_the_citizen_wrote(letter: Letter, database: Database) -> None:
    late = replace(message("late"), came_at=(utc_now() - dt.timedelta(hours=23)).isoformat())
    windowed = Vendor(limits=replace(LIMITS, has_window=True))
    with database.transaction() as session:
        address = session.get_one(Address, letter.address_id)
        address.window_expires_at = None
        arrivals.open_ways(session, address, late, windowed)
        assert address.window_expires_at == dt.datetime.fromisoformat(late.came_at) + arrivals.WINDOW
        arrivals.open_ways(session, address, replace(late, came_at=utc_now().isoformat()), windowed)
        arrivals.open_ways(session, address, late, windowed)  # What came late takes nothing away.
        assert window.is_open(address, utc_now() + dt.timedelta(hours=23))
