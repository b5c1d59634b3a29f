"""A message on its way, its pump and its vendor in a few words."""

import datetime as dt
import uuid

from bot.channels.base import Fault
from bot.citizens.models import Address
from bot.conversations.models import Message
from bot.conversations.service import Recorded
from bot.conversations.states import Delivery
from bot.db.base import utc_now
from bot.deliveries import claims
from bot.deliveries import service as deliveries
from bot.deliveries.claims import Taken
from bot.deliveries.models import DeliveryRow
from bot.deliveries.service import Gone, News
from bot.deliveries.states import Lane
from tests.conversations.records import keep, message, record
from tests.ops.commands import Installation

CLOSED = "63016"


class Letter:
    """A message of three parts on its way from one sender."""

    def __init__(self, ours: Installation) -> None:
        self.database = ours.database
        self.sender_id = ours.add("whatsapp", "town").id
        recorded = record(ours.database, message(str(uuid.uuid4())))
        self.address_id = recorded.address_id
        self.id = self._post(recorded, Lane.INTERACTIVE)
        self.write()

    def follow(self, lane: Lane) -> int:
        """Another message to the same citizen, in a lane; gives its id."""
        return self._post(record(self.database, message(str(uuid.uuid4()))), lane)

    def _post(self, recorded: Recorded, lane: Lane) -> int:
        (message_id,) = keep(self.database, recorded.message_id)
        with self.database.transaction() as session:
            deliveries.put_on_its_way(
                session, message_id, sender_id=self.sender_id, address_id=self.address_id, lane=lane
            )
        return message_id

    def write(self) -> None:
        """The citizen writes: the window opens."""
        with self.database.transaction() as session:
            session.get_one(Address, self.address_id).window_expires_at = utc_now() + dt.timedelta(hours=1)
            deliveries.release_parked(session, self.address_id)

    def take(self, *lanes: Lane) -> list[Taken]:
        """What the pump may send now, in some lanes or in all."""
        wanted = lanes or tuple(Lane)
        with self.database.transaction() as session:
            return claims.take(session, sender_id=self.sender_id, lanes=wanted, limit=10, has_window=True)

    def send(self, name: str) -> list[int]:
        """Send what is left of it, under ids that begin so; gives the numbers of the parts."""
        (taken,) = self.take()
        with self.database.transaction() as session:
            claims.note_total(session, taken, 3)
        for number in range(taken.parts_sent, 3):
            with self.database.transaction() as session:
                deliveries.note_parts(session, [Gone(taken, number, f"{name}{number}", is_last=number == 2)])
        return list(range(taken.parts_sent, 3))

    def hear(self, vendor_id: str, status: Delivery = Delivery.FAILED, code: str | None = CLOSED) -> None:
        """The vendor tells how a part fares."""
        fault = Fault.WINDOW if code else None
        news = News(self.sender_id, vendor_id, status, code, fault, self.id)
        with self.database.transaction() as session:
            deliveries.note_status(session, news)

    @property
    def stands(self) -> tuple[str, str]:
        """The delivery's state, and how far the message got."""
        with self.database.transaction() as session:
            return session.get_one(DeliveryRow, self.id).state, session.get_one(Message, self.id).status
