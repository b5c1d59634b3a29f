"""How we write first: a reminder, a campaign, a member of staff. Kept and put on its way in one transaction."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.channels.base import DeliveryError
from bot.citizens.models import Address
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.service import Origin, ReplyValues, keep_message
from bot.conversations.states import Author, Delivery
from bot.deliveries import service as deliveries
from bot.deliveries import undo
from bot.deliveries.service import REPLY_LASTS
from bot.deliveries.states import Lane
from bot.jobs.engine import pump_bell, ring
from bot.jobs.services import services


@dataclass(frozen=True)
class Written:
    """A message that was kept, and who has to be woken for it once that is committed."""

    conversation_id: uuid.UUID
    message_id: int
    sender_id: str | None

    def wake(self) -> None:
        """Have it sent, and shown to whoever looks."""
        box = services()
        if self.sender_id is not None:
            ring(pump_bell(self.sender_id), box.ringer)
        box.events.publish(self.conversation_id, {"message": self.message_id})


def write_to(
    conversation_id: uuid.UUID,
    words: ReplyValues,
    *,
    key: str,
    author: Author,
    lane: Lane = Lane.INTERACTIVE,
    lasts: dt.timedelta = REPLY_LASTS,
) -> int:
    """Write to the citizen of a conversation, where they wrote from last; gives the message's id.

    The same `key` is written once, as `staff:{client uuid}` or `deadline:{id}:{date}:{offset}:{address}`. Outside of
    WhatsApp's window the `template` of the words goes instead of their text, if it is approved; else the message is
    parked until the citizen writes. Raises DeliveryError when none of our accounts was ever written to.
    """
    with services().database.transaction() as session:
        conversation = queries.get_conversation(session, conversation_id, lock=True)
        written = write(session, conversation, words, Origin(author, key), lane=lane, lasts=lasts)
    written.wake()
    return written.message_id


def write(
    session: Session,
    conversation: Conversation,
    words: ReplyValues,
    origin: Origin,
    *,
    lane: Lane = Lane.INTERACTIVE,
    lasts: dt.timedelta = REPLY_LASTS,
) -> Written:
    """The same as a part of a transaction, on a conversation that it has locked; `wake` when that is committed."""
    address = session.get_one(Address, conversation.address_id)
    is_immediate = services().channels.get(address.channel).is_immediate
    if address.sender_id is None and not is_immediate:
        raise DeliveryError("the citizen has not written to any of our accounts", permanent=True)
    status = Delivery.SENT if is_immediate else Delivery.QUEUED
    if origin.held_until is not None:
        status = Delivery.HELD
    message_id = keep_message(session, conversation, words, origin, status)
    kept = queries.get_message(session, message_id)
    if address.sender_id is not None and kept.status != Delivery.WITHDRAWN:
        deliveries.put_on_its_way(
            session, message_id, sender_id=address.sender_id, address_id=address.id, lane=lane, lasts=lasts
        )
        if kept.held_until is not None:
            undo.hold(session, message_id, kept.held_until)
    return Written(conversation.id, message_id, address.sender_id)
