"""A citizen who writes through the durable engine, and a vendor that can refuse what we send."""

import datetime as dt
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from dbos import DBOS
from sqlalchemy import select

from bot.channels.base import REPEATED, Credentials, DeliveryError, Limits, Told
from bot.channels.webchat.delivery import NAME as WEBCHAT
from bot.conversations.models import Conversation, Message
from bot.conversations.schemas import Inbound, Kind, Offer, Outbound
from bot.conversations.states import Direction
from bot.db.session import Database
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import State
from bot.jobs.engine import Inbox
from bot.jobs.services import services
from bot.senders.service import SenderBook
from bot.senders.service import State as SenderState
from tests.fakes.rasa_stub import RasaStub

PATIENCE_SECONDS = 60
LIMITS = Limits(per_second=500, per_citizen=500, citizen_burst=50, at_once=4)
UNDER_WAY = (State.WAITING, State.SENDING)


@dataclass
class Vendor:
    """A channel that keeps what it is given, with one gateway for all senders; `refusals` come first.

    What it `lost` on the way back to us it has taken all the same; `lists` tells whether it can be asked afterwards.
    """

    name: str = "vendor"
    is_immediate: bool = False
    takes_files: bool = False
    limits: Limits = LIMITS
    sent: list[Outbound] = field(default_factory=list)
    refusals: deque[DeliveryError | None] = field(default_factory=deque)
    lists: bool = False
    listed: list[str] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    unheard: list[Inbound] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    file_refusals: deque[DeliveryError] = field(default_factory=deque)

    def gateway(self, credentials: Credentials) -> "Vendor":
        """All senders have the same."""
        return self

    def number_chosen(self, text: str) -> int | None:
        """A number alone."""
        return int(text) if text.isdecimal() else None

    def page_asked(self, inbound: Inbound, last: Callable[[], Offer | None]) -> tuple[int, int] | None:
        """It shows all choices at once."""
        return None

    def parts(self, outbound: Outbound) -> list[str]:
        """Paragraphs."""
        return outbound.text.split("\n\n")

    def send(self, outbound: Outbound, part: str) -> str:
        """Take a part, unless a refusal waits; None lets one through."""
        if self.refusals and (refusal := self.refusals.popleft()):
            raise refusal
        self.sent.append(replace(outbound, text=part))
        return f"vendor {len(self.sent)}"

    def marked(self, part: str) -> str:
        """A paragraph that may have been said before."""
        return f"{REPEATED} {part}"

    def find_sent(self, outbound: Outbound, number: int, since: dt.datetime) -> list[str] | None:
        """What it took, if it can be asked."""
        return self.listed if self.lists else None

    def ask_status(self, vendor_id: str) -> Told | None:
        """What became of a part."""
        self.asked.append(vendor_id)
        return self.told.get(vendor_id)

    def missed(self, since: dt.datetime) -> list[Inbound]:
        """What no webhook brought."""
        return self.unheard

    def fetch_file(self, reference: str, largest: int) -> bytes:
        """A file that it has, unless a refusal waits for it."""
        if self.file_refusals:
            raise self.file_refusals.popleft()
        return self.files[reference]

    def delete_file(self, reference: str) -> None:
        """It has a file no more."""
        del self.files[reference]

    def type(self, address: str, replying_to: str) -> None:
        """Nothing shows it."""


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
        if kept and kept[0].channel != WEBCHAT:  # There, to keep is to deliver.
            wait_until(lambda: all(self.state_of(message_id) not in UNDER_WAY for message_id in ids))
        with self.database.transaction() as session:
            return [session.get_one(Message, message_id) for message_id in ids]

    def send_text(self, text: str, **more: str) -> str:
        """Send a text; gives the id of its durable work."""
        return self.send(message(text, **more))

    @property
    def senders(self) -> SenderBook:
        """The book of our accounts."""
        return services().senders

    def is_paused(self, sender_id: str) -> bool:
        """Whether a sender sends nothing now."""
        with self.database.transaction() as session:
            return self.senders.get(session, sender_id).state is SenderState.PAUSED

    def state_of(self, message_id: int) -> State:
        """Where a delivery stands."""
        with self.database.transaction() as session:
            return State(session.get_one(DeliveryRow, message_id).state)

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
