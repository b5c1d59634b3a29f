"""How we write first: a reminder, a campaign, a member of staff. Kept and put on its way in one transaction."""

import datetime as dt
import uuid

from bot.channels.base import DeliveryError
from bot.citizens.models import Address
from bot.conversations import queries
from bot.conversations.service import ReplyValues, keep_message
from bot.conversations.states import Author, Delivery
from bot.deliveries import service as deliveries
from bot.deliveries.service import REPLY_LASTS
from bot.deliveries.states import Lane
from bot.jobs.engine import pump_bell, ring
from bot.jobs.services import services


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
    box = services()
    with box.database.transaction() as session:
        conversation = queries.get_conversation(session, conversation_id, lock=True)
        address = session.get_one(Address, conversation.address_id)
        is_immediate = box.channels.get(address.channel).is_immediate
        if address.sender_id is None and not is_immediate:
            raise DeliveryError("the citizen has not written to any of our accounts", permanent=True)
        status = Delivery.SENT if is_immediate else Delivery.QUEUED
        message_id = keep_message(session, conversation, words, author=author, key=key, status=status)
        if address.sender_id is not None:
            deliveries.put_on_its_way(
                session, message_id, sender_id=address.sender_id, address_id=address.id, lane=lane, lasts=lasts
            )
    if address.sender_id is not None:
        ring(pump_bell(address.sender_id), box.ringer)
    box.events.publish(conversation_id, {"message": message_id})
    return message_id
