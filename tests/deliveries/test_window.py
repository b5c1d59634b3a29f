"""What a vendor takes and gives back because the window is closed: sent again when it may be, no part twice or lost."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from bot.channels.base import Fault
from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.db.session import Database
from bot.deliveries import service as deliveries
from bot.deliveries import window
from bot.deliveries.models import DeliveryRow
from bot.deliveries.service import News, Taken
from bot.deliveries.states import Lane, State
from bot.jobs import arrivals
from bot.settings import Settings
from tests.conversations.records import keep, message, record
from tests.jobs.talk import LIMITS, Vendor
from tests.ops.commands import Installation

pytestmark = pytest.mark.slow

CLOSED = "63016"


class Letter:
    """A message of three parts on its way from one sender."""

    def __init__(self, ours: Installation) -> None:
        self._database = ours.database
        self.sender_id = ours.add("whatsapp", "town").id
        recorded = record(ours.database, message(str(uuid.uuid4())))
        (self.id,) = keep(ours.database, recorded.message_id)
        self.address_id = recorded.address_id
        self.write()
        with self._database.transaction() as session:
            deliveries.put_on_its_way(session, self.id, sender_id=self.sender_id, address_id=self.address_id)

    def write(self) -> None:
        """The citizen writes: the window opens."""
        with self._database.transaction() as session:
            session.get_one(Address, self.address_id).window_expires_at = utc_now() + dt.timedelta(hours=1)
            deliveries.release_parked(session, self.address_id)

    def take(self) -> list[Taken]:
        """What the pump may send now."""
        with self._database.transaction() as session:
            return deliveries.take(session, sender_id=self.sender_id, lane=Lane.INTERACTIVE, limit=10, has_window=True)

    def send(self, name: str) -> list[int]:
        """Send what is left of it, under ids that begin so; gives the numbers of the parts."""
        (taken,) = self.take()
        with self._database.transaction() as session:
            deliveries.note_total(session, taken, 3)
        for number in range(taken.parts_sent, 3):
            with self._database.transaction() as session:
                deliveries.note_part(session, taken, number, f"{name}{number}")
        with self._database.transaction() as session:
            deliveries.note_done(session, taken)
        return list(range(taken.parts_sent, 3))

    def hear(self, vendor_id: str, status: Delivery = Delivery.FAILED, code: str | None = CLOSED) -> None:
        """The vendor tells how a part fares."""
        fault = Fault.WINDOW if code else None
        news = News(self.sender_id, vendor_id, status, code, fault, self.id)
        with self._database.transaction() as session:
            deliveries.note_status(session, news)

    @property
    def stands(self) -> tuple[str, str]:
        """The delivery's state, and how far the message got."""
        with self._database.transaction() as session:
            return session.get_one(DeliveryRow, self.id).state, session.get_one(Message, self.id).status


@pytest.fixture
def letter(settings: Settings, database: Database) -> Letter:
    return Letter(Installation(settings, database))


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
    with letter._database.transaction() as session:
        deliveries.note_total(session, taken, 1)
        deliveries.note_part(session, taken, 0, "SM0")
        deliveries.note_done(session, taken)
    assert letter.stands == PARKED


def test_what_the_citizen_has_read_does_not_come_back(letter: Letter) -> None:
    letter.send("SM")
    for number in range(3):
        letter.hear(f"SM{number}", Delivery.READ, None)
    letter.hear("SM1")
    assert letter.stands == (State.DONE, Delivery.READ)


def test_another_failure_is_one_for_good(letter: Letter) -> None:
    letter.send("SM")
    with letter._database.transaction() as session:
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
