"""Messages, turns and citizens for tests of the record of conversations."""

import uuid
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from bot.citizens.service import AddressBook
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.schemas import Button, Inbound, Kind, Link
from bot.conversations.service import Recorded, ReplyValues, TurnRecord, keep_replies, record_inbound
from bot.conversations.states import Outcome, Owner
from bot.db.session import Database

CHANNEL = "webchat"
BOOK = AddressBook(hash_key="a hash key", encryption_key=Fernet.generate_key().decode())
REPLY = ReplyValues("60 DH", "fr", [Button("Papiers", "/ask_documents")], [Link("Portail", "https://x.ma")])
RECORD = TurnRecord("ask_fee", 0.9, "fr", "passport", Outcome.ANSWERED, 12, {"ranked": ["passport"]})


def message(vendor_id: str = "1", *, address: str = "an address", **more: Any) -> Inbound:
    """A citizen's message."""
    return Inbound(CHANNEL, vendor_id, address, **({"kind": Kind.TEXT, "text": "combien ?"} | more))


def record(database: Database, inbound: Inbound) -> Recorded:
    """Keep a citizen's message in a transaction of its own."""
    with database.transaction() as session:
        return record_inbound(session, BOOK, inbound)


def keep(database: Database, message_id: int, *replies: ReplyValues, **memory: Any) -> list[int]:
    """Keep replies to a message in a transaction of its own."""
    with database.transaction() as session:
        locked = queries.get_message_and_conversation(session, message_id)
        return keep_replies(session, locked, RECORD, replies or [REPLY], lambda _: memory)


def give_to(database: Database, conversation_id: uuid.UUID, owner: Owner) -> None:
    """Let somebody own a conversation."""
    with database.transaction() as session:
        queries.get_conversation(session, conversation_id).state = owner


def conversation_in(session: Session, conversation_id: uuid.UUID) -> Conversation:
    """A conversation as it is kept now."""
    return queries.get_conversation(session, conversation_id)
