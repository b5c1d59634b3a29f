"""Citizens by the thousand, and messages that wait for them: put into the database in bulk."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from bot.citizens.models import Address, Citizen
from bot.citizens.service import AddressBook
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Author, Delivery, Direction
from bot.db.base import utc_now
from bot.db.session import Database
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import Lane
from bot.senders.service import Account
from bot.settings import Settings

AT_ONCE = 5_000
LASTS = dt.timedelta(hours=20)
WORDS = "الجماعة تذكركم: آخر أجل لتجديد البطاقة هو يوم الجمعة. La commune vous rappelle la date limite."
KINDS = {"telegram": "chat", "whatsapp": "phone"}


def address_of(channel: str, number: int) -> str:
    """The address of a made-up citizen, as the vendor writes it."""
    return str(5_000_000_000 + number) if channel == "telegram" else f"whatsapp:+2126{number:08}"


@dataclass(frozen=True)
class Recipient:
    """Somebody whom we can write to."""

    address: str
    address_id: uuid.UUID
    conversation_id: uuid.UUID


class People:
    """Makes citizens of a sender's, numbered from `first` on, and puts messages for them on their way."""

    def __init__(self, settings: Settings, database: Database, *, first: int = 0) -> None:
        key = settings.encryption_key.get_secret_value()
        self._book = AddressBook(hash_key=settings.hash_key.get_secret_value(), encryption_key=key)
        self._cipher, self._database = Fernet(key.encode()), database
        self._made = first

    def new(self, account: Account, count: int) -> list[Recipient]:
        """So many citizens, who wrote to a sender a moment ago."""
        first, self._made = self._made, self._made + count
        recipients = []
        for numbers in _in_pieces(range(first, first + count)):
            piece = [Recipient(address_of(account.channel, number), uuid.uuid4(), uuid.uuid4()) for number in numbers]
            with self._database.transaction() as session:
                self._add(session, account, piece)
            recipients += piece
        return recipients

    def write_to_all(self, account: Account, recipients: Sequence[Recipient], lane: Lane) -> None:
        """One message to each, waiting to be sent."""
        mark = uuid.uuid4().hex
        for piece in _in_pieces(recipients):
            with self._database.transaction() as session:
                query = insert(Message).returning(Message.id, sort_by_parameter_order=True)
                ids = session.scalars(query, [_message(account, one, mark) for one in piece]).all()
                rows = [_delivery(account, one, number, lane) for one, number in zip(piece, ids, strict=True)]
                session.execute(insert(DeliveryRow), rows)

    def forget_waiting(self) -> None:
        """Take back what still waits."""
        with self._database.transaction() as session:
            session.execute(delete(DeliveryRow).where(DeliveryRow.state == "waiting"))

    def _add(self, session: Session, account: Account, people: Sequence[Recipient]) -> None:
        until = utc_now() + LASTS
        citizens = [uuid.uuid4() for _ in people]
        session.execute(insert(Citizen), [{"id": one} for one in citizens])
        addresses, conversations = [], []
        for citizen_id, one in zip(citizens, people, strict=True):
            addresses.append(
                {
                    "id": one.address_id,
                    "citizen_id": citizen_id,
                    "channel": account.channel,
                    "kind": KINDS[account.channel],
                    "value_encrypted": self._cipher.encrypt(one.address.encode()),
                    "value_hash": self._book.hash(account.channel, one.address),
                    "sender_id": account.id,
                    "window_expires_at": until,
                }
            )
            conversations.append({"id": one.conversation_id, "citizen_id": citizen_id, "address_id": one.address_id})
        session.execute(insert(Address), addresses)
        session.execute(insert(Conversation), conversations)


def _message(account: Account, recipient: Recipient, mark: str) -> dict[str, Any]:
    return {
        "conversation_id": recipient.conversation_id,
        "channel": account.channel,
        "key": f"bench:{mark}:{recipient.address_id}",
        "direction": Direction.OUT.value,
        "author": Author.SYSTEM.value,
        "kind": "text",
        "body": WORDS,
        "payload": {"buttons": [], "links": []},
        "status": Delivery.QUEUED.value,
        "language": "ar",
    }


def _delivery(account: Account, recipient: Recipient, message_id: int, lane: Lane) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "sender_id": account.id,
        "address_id": recipient.address_id,
        "lane": int(lane),
        "expires_at": utc_now() + LASTS,
    }


def _in_pieces(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(items), AT_ONCE):
        yield items[begin : begin + AT_ONCE]
