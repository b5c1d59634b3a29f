"""What has to be known of a message before Rasa is asked: who wrote to which of our accounts, and what that opens.

A citizen's message opens WhatsApp's window, makes an address reachable again and lets go what was parked for it.
A wish about reminders is answered here; so is a flood, once.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from bot.channels.base import Channel
from bot.citizens.models import Address
from bot.citizens.wishes import Wish, wish_of
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.schemas import Inbound, Kind
from bot.conversations.states import Outcome
from bot.db.base import utc_now
from bot.deliveries import service as deliveries
from bot.jobs.buttons import SHORT, short

# WhatsApp: free text may follow a citizen's own for so long.
WINDOW = dt.timedelta(hours=24)
# More messages than this in a minute are a flood; one notice is enough for five.
FLOOD_MESSAGES, FLOOD_SPAN, FLOOD_SILENCE = 20, dt.timedelta(seconds=60), dt.timedelta(minutes=5)
FLOOD_KEY = "flood_noticed_at"
# A short name is looked for among the buttons of so many messages of ours.
REMEMBERED = 50


@dataclass(frozen=True)
class Ready:
    """An answer that needs no Rasa: a response of the domain, and what the turn came to; no response is silence."""

    response: str | None
    outcome: Outcome
    context: dict[str, Any]


def open_ways(session: Session, address: Address, inbound: Inbound, channel: Channel) -> int:
    """Note what a citizen's message opens; gives how many parked messages may go now."""
    if inbound.sender_id:
        address.sender_id = inbound.sender_id
    address.unreachable_at = address.unreachable_reason = None
    if channel.limits.has_window:
        address.window_expires_at = utc_now() + WINDOW
    return 0 if channel.is_immediate else deliveries.release_parked(session, address.id)


def ready_answer(session: Session, address: Address, conversation: Conversation, inbound: Inbound) -> Ready | None:
    """The answer to a wish or a flood; None when Rasa is to be asked."""
    if not inbound.sender_id:
        return None  # The page has its own door-keeper, and no reminders.
    context = dict(conversation.context)
    if inbound.kind is Kind.TEXT and (wish := wish_of(inbound.text)):
        if wish is Wish.START and address.opted_out_at is None:
            return None
        address.opted_out_at = utc_now() if wish is Wish.STOP else None
        response = "utter_opted_out" if wish is Wish.STOP else "utter_opted_in"
        return Ready(response, Outcome.ANSWERED, context)
    since = utc_now() - FLOOD_SPAN
    found = queries.count_inbound_since(session, conversation_id=conversation.id, since=since, most=FLOOD_MESSAGES + 1)
    if found <= FLOOD_MESSAGES:
        return None
    noticed = context.get(FLOOD_KEY)
    if noticed and dt.datetime.fromisoformat(noticed) > utc_now() - FLOOD_SILENCE:
        return Ready(None, Outcome.FLOODED, context)
    return Ready("utter_flood", Outcome.FLOODED, {**context, FLOOD_KEY: utc_now().isoformat()})


def as_pressed(session: Session, conversation: Conversation, inbound: Inbound, channel: Channel) -> Inbound:
    """The message as the press of a button that we offered, or as what the citizen wrote.

    A bare number counts as a press where choices are sent as a numbered list.
    """
    if inbound.kind is Kind.BUTTON:
        meant = _offered(session, conversation, inbound.payload)
        if meant is None:
            return replace(inbound, kind=Kind.TEXT, payload="", text=inbound.text or inbound.payload)
        return replace(inbound, payload=meant)
    if inbound.kind is Kind.TEXT and (number := channel.number_chosen(inbound.text)):
        last = queries.list_offered(session, conversation_id=conversation.id, messages=1)
        if last and number <= len(last[0]):
            return replace(inbound, kind=Kind.BUTTON, payload=last[0][number - 1])
    return inbound


def _offered(session: Session, conversation: Conversation, payload: str) -> str | None:
    if payload.startswith(SHORT):
        lists = queries.list_offered(session, conversation_id=conversation.id, messages=REMEMBERED)
        return next((one for offered in lists for one in offered if short(one) == payload), None)
    known = queries.has_issued_button(session, conversation_id=conversation.id, payload=payload)
    return payload if known else None
