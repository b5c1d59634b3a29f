"""What has to be known of a message before Rasa is asked: who wrote to which of our accounts, and what that opens.

A citizen's message opens WhatsApp's window, makes an address reachable again and lets go what was parked for it.
A wish about reminders is answered here; so is a flood, once, and whoever staff have blocked, once a day.
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot.channels.base import Channel
from bot.citizens.models import Address
from bot.citizens.service import is_blocked, note_opt_out
from bot.citizens.wishes import Wish, wish_of
from bot.conversations import queries
from bot.conversations.models import Conversation
from bot.conversations.schemas import Inbound, Kind
from bot.conversations.service import ReplyValues, find_last_offer, find_page
from bot.conversations.states import Outcome
from bot.db.base import utc_now
from bot.deliveries import service as deliveries
from bot.jobs.buttons import SHORT, short
from bot.media import service as media
from bot.media.states import Reason

# WhatsApp: free text may follow a citizen's own for so long.
WINDOW = dt.timedelta(hours=24)
# More messages than this in a minute are a flood; one notice is enough for five.
FLOOD_MESSAGES, FLOOD_SPAN, FLOOD_SILENCE = 20, dt.timedelta(seconds=60), dt.timedelta(minutes=5)
FLOOD_KEY = "flood_noticed_at"
BLOCK_KEY, BLOCK_SILENCE = "block_noticed_at", dt.timedelta(days=1)
REFUSING = {Outcome.FLOODED: Reason.FLOOD, Outcome.BLOCKED: Reason.BLOCKED}
WISH = "wish"
# A short name is looked for among the buttons of so many messages of ours, an edit's message among so many of theirs.
REMEMBERED = 50


@dataclass(frozen=True)
class Ready:
    """An answer that needs no Rasa: a response of the domain or a page of choices, and what the turn came to.

    Neither is silence.
    """

    response: str | None
    outcome: Outcome
    context: dict[str, Any]
    page: ReplyValues | None = None

    @property
    def refuses_files(self) -> Reason | None:
        """Why nothing that the citizen sends now is kept; None where it is."""
        return REFUSING.get(self.outcome)


def open_ways(session: Session, address: Address, inbound: Inbound, channel: Channel) -> int:
    """Note what a citizen's message opens; gives how many parked messages may go now."""
    if inbound.sender_id:
        address.sender_id = inbound.sender_id
    address.unreachable_at = address.unreachable_reason = None
    if channel.limits.has_window:
        until = dt.datetime.fromisoformat(inbound.came_at) + WINDOW
        address.window_expires_at = max(until, address.window_expires_at or until)
    return 0 if channel.is_immediate else deliveries.release_parked(session, address.id)


def ready_answer(
    session: Session,
    address: Address,
    conversation: Conversation,
    message_id: int,
    inbound: Inbound,
    *,
    is_alarming: bool,
) -> Ready | None:
    """The answer to a wish, a flood, a blocked citizen or an edit that changes nothing; None when Rasa is to be asked.

    Whoever is in danger is answered, blocked or not. The page has its own door-keeper, and no reminders.
    """
    context = dict(conversation.context)
    if inbound.sender_id and (ready := _wish_answer(session, address, conversation, message_id, inbound)):
        return ready
    if is_blocked(session, address.citizen_id) and not is_alarming:
        return _noticed("utter_blocked", Outcome.BLOCKED, context, BLOCK_KEY, BLOCK_SILENCE)
    return _flood_answer(session, conversation, context) if inbound.sender_id else None


def _wish_answer(
    session: Session, address: Address, conversation: Conversation, message_id: int, inbound: Inbound
) -> Ready | None:
    context = dict(conversation.context)
    if inbound.is_edit and queries.is_unchanged(
        session, conversation_id=conversation.id, vendor_id=inbound.vendor_id, within=REMEMBERED
    ):
        return Ready(None, Outcome.UNCHANGED, context)
    if wish := note_wish(session, address, message_id, inbound):
        response = "utter_opted_out" if wish is Wish.STOP else "utter_opted_in"
        return Ready(response, Outcome.ANSWERED, context)
    return None


def note_wish(session: Session, address: Address, message_id: int, inbound: Inbound) -> Wish | None:
    """Heed a wish about reminders, whoever owns the conversation; None for a message that is none.

    That it was heeded stands with the message: after a crash START would otherwise be a wish for what is so already.
    """
    wish = wish_of(inbound.text) if inbound.kind is Kind.TEXT else None
    if wish is None:
        return None
    message = queries.get_message(session, message_id)
    if wish is Wish.START and address.opted_out_at is None and WISH not in message.payload:
        return None
    note_opt_out(session, address.citizen_id, utc_now() if wish is Wish.STOP else None)
    message.payload = {**message.payload, WISH: wish.value}
    return wish


def _flood_answer(session: Session, conversation: Conversation, context: dict[str, Any]) -> Ready | None:
    since = utc_now() - FLOOD_SPAN
    found = queries.count_inbound_since(session, conversation_id=conversation.id, since=since, most=FLOOD_MESSAGES + 1)
    if found <= FLOOD_MESSAGES:
        return None
    return _noticed("utter_flood", Outcome.FLOODED, context, FLOOD_KEY, FLOOD_SILENCE)


def _noticed(response: str, outcome: Outcome, context: dict[str, Any], key: str, silence: dt.timedelta) -> Ready:
    """A notice, and silence for some time after it."""
    noticed, now = context.get(key), utc_now()
    if noticed and dt.datetime.fromisoformat(noticed) > now - silence:
        return Ready(None, outcome, context)
    return Ready(response, outcome, {**context, key: now.isoformat()})


def expects_file(session: Session, message_id: int, inbound: Inbound, ready: Ready | None = None) -> bool:
    """Note the file of a message; tells whether it is to be fetched. Not in a flood, nor if the citizen is blocked."""
    if inbound.media is None:
        return False
    return media.expect(session, message_id, inbound.media, refusal=ready.refuses_files if ready else None)


def page_asked(session: Session, conversation: Conversation, inbound: Inbound, channel: Channel) -> Ready | None:
    """Another page of the choices that we offered; None for a message that asks for none."""
    asked = channel.page_asked(inbound, partial(find_last_offer, session, conversation_id=conversation.id))
    found = find_page(session, *asked, conversation_id=conversation.id) if asked else None
    return Ready(None, Outcome.CLARIFIED, dict(conversation.context), found) if found else None


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
    # What was offered at the end of a talk that is over still counts.
    talks = [one for one in (conversation.id, conversation.previous_id) if one]
    known = queries.has_issued_button(session, conversation_ids=talks, payload=payload)
    return payload if known else None
