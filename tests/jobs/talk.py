"""A citizen who writes through the durable engine, and a vendor that can refuse what we send."""

import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dbos import DBOS
from sqlalchemy import select

from bot.channels.base import DeliveryError, Receipt
from bot.channels.webchat.delivery import NAME as WEBCHAT
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Inbound, Kind, Outbound
from bot.conversations.states import Direction
from bot.db.session import Database
from bot.jobs.engine import Inbox
from tests.fakes.rasa_stub import RasaStub

PATIENCE_SECONDS = 60


@dataclass
class Vendor:
    """A channel that keeps what it is given; `refusals` come first."""

    name: str = "vendor"
    is_immediate: bool = False
    sent: list[Outbound] = field(default_factory=list)
    refusals: deque[DeliveryError] = field(default_factory=deque)

    def deliver(self, outbound: Outbound) -> Receipt:
        """Take the message, unless a refusal waits."""
        if self.refusals:
            raise self.refusals.popleft()
        self.sent.append(outbound)
        return Receipt(f"vendor {outbound.message_id}")


def message(text: str, *, address: str = "an address", channel: str = "webchat", **more: str) -> Inbound:
    """A citizen's message with an id of its own."""
    values = {"vendor_id": str(uuid.uuid4()), "kind": Kind.TEXT, **more}
    return Inbound(channel=channel, address=address, text=text, **values)  # type: ignore[arg-type]


@dataclass
class Talk:
    """What a test says and sees."""

    inbox: Inbox
    database: Database
    rasa: RasaStub

    def send(self, inbound: Inbound) -> str:
        """Hand a message in; gives the id of its durable work."""
        self.inbox.accept(inbound, partition=inbound.address)
        return inbound.workflow_id

    def say(self, text: str, **more: str) -> list[Message]:
        """Send a text and wait for the replies to it, delivered."""
        return self.replies(self.send(message(text, **more)))

    def replies(self, workflow_id: str) -> list[Message]:
        """Wait for the end of a turn and of its deliveries; gives the replies."""
        ids: list[int] = _result_of(workflow_id)
        with self.database.transaction() as session:
            kept = [session.get_one(Message, message_id) for message_id in ids]
        for message in kept:
            if message.channel != WEBCHAT:  # There, to keep is to deliver.
                _result_of(f"deliver:{message.conversation_id}:{message.id}")
        with self.database.transaction() as session:
            return [session.get_one(Message, message_id) for message_id in ids]

    def rows(self, direction: Direction | None = None) -> list[Message]:
        """All messages that are kept, in order."""
        with self.database.transaction() as session:
            found = session.scalars(select(Message).order_by(Message.id)).all()
        return [row for row in found if direction in (None, row.direction)]

    def conversation(self) -> Conversation:
        """The one conversation that there is."""
        with self.database.transaction() as session:
            return session.scalars(select(Conversation)).one()

    def change(self, **columns: object) -> None:
        """Change the one conversation, as staff or time would."""
        with self.database.transaction() as session:
            found = session.scalars(select(Conversation)).one()
            for name, value in columns.items():
                setattr(found, name, value)


def _result_of(workflow_id: str) -> Any:
    return DBOS.retrieve_workflow(workflow_id).get_result(polling_interval_sec=0.03)


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something that another thread or process brings about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
