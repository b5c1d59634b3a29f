"""Reminders of deadlines: kept with the turn that asked for them, and written when a date comes near."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.alerts import service as alerts
from bot.alerts.due import Due, due_now, is_time
from bot.alerts.ending import unsubscribe
from bot.alerts.models import Subscription
from bot.alerts.service import SUBSCRIBED, UNSUBSCRIBED
from bot.catalogue.calendar import local_now
from bot.catalogue.names import list_dated
from bot.catalogue.schemas import Deadline
from bot.citizens.models import Address
from bot.conversations import queries
from bot.conversations.models import Conversation, Message
from bot.conversations.service import Origin
from bot.conversations.states import Author
from bot.db.base import utc_now
from bot.deliveries.states import Lane
from bot.jobs.outgoing import Written, write
from bot.jobs.reminder_wording import tell_deadline
from bot.jobs.services import Services, services
from bot.nlu.languages import Language

log = structlog.get_logger()

# So many are written in one transaction.
BATCH = 100


def prepared(session: Session, message: Message, result: dict[str, Any], language: str) -> dict[str, Any]:
    """What a turn came to, before it is kept: where it sets a reminder, with what that means for this citizen.

    Lets nobody unite the citizen with another meanwhile; that lock comes before the conversation's.
    """
    if not result.get("alerts"):
        return result
    conversation = queries.get_conversation(session, message.conversation_id)
    address = session.get_one(Address, conversation.address_id)
    queries.lock_citizen(session, address)
    names = _notices(address) if result["alerts"].get(SUBSCRIBED) else []
    lines = [services().responses[name][Language(language)] for name in names]
    *others, last = result["said"]
    return result | {"said": [*others, last | {"text": "\n".join([last["text"], *lines])}]}


def _notices(address: Address) -> list[str]:
    is_on_page = services().channels.get(address.channel).is_immediate
    has_stopped = address.opted_out_at is not None
    return ["utter_alerts_on_page"] * is_on_page + ["utter_alerts_opted_out"] * has_stopped


def keep(session: Session, message: Message, result: dict[str, Any]) -> None:
    """Keep what a turn decided about reminders; part of the transaction that keeps its replies."""
    wanted = result.get("alerts")
    if not wanted:
        return
    conversation = queries.get_conversation(session, message.conversation_id)
    alerts.subscribe(session, conversation, wanted.get(SUBSCRIBED) or ())
    unsubscribe(session, wanted.get(UNSUBSCRIBED) or (), citizen_id=conversation.citizen_id)


def send_due(box: Services, now: dt.datetime | None = None) -> int:
    """Write all reminders that are due at a moment; gives how many. Several may do it at once."""
    now = now or _now(box)
    if not is_time(now):
        return 0
    with box.database.transaction() as session:
        deadlines, holidays = list_dated(session)
    by_id = {one.id: one for one in deadlines}
    written = sum(_send(box, by_id[due.deadline_id], due, now) for due in due_now(deadlines, now, holidays))
    if written:
        log.info("reminders_written", count=written)
    return written


def _now(box: Services) -> dt.datetime:
    """The present moment; a fixed day of the settings keeps the time of day."""
    moment, fixed = local_now(utc_now()), box.settings.today
    return moment if fixed is None else dt.datetime.combine(fixed, moment.timetz())


def _send(box: Services, deadline: Deadline, due: Due, now: dt.datetime) -> int:
    """All reminders of one date, a batch in each transaction."""
    count, passed = 0, set[uuid.UUID]()
    while True:
        with box.database.transaction() as session:
            batch = alerts.take_due(session, due, limit=BATCH, but=passed)
            written = _write_batch(session, batch, deadline, due, now)
        for one in written.values():
            one.wake()
        count += len(written)
        passed |= {one.id for one in batch} - set(written)
        if len(batch) < BATCH:
            return count


def _write_batch(
    session: Session, batch: Collection[Subscription], deadline: Deadline, due: Due, now: dt.datetime
) -> dict[uuid.UUID, Written]:
    """The messages by subscription; without those of citizens who cannot be reached where they wrote from last."""
    talks = {one.id: _talk_of(session, one) for one in batch}
    written: dict[uuid.UUID, Written] = {}
    # In one order, or two who write to the same citizens would wait for each other.
    for one in sorted(batch, key=lambda one: talks[one.id].id):
        conversation = queries.get_conversation(session, talks[one.id].id, lock=True)
        address = session.get_one(Address, conversation.address_id)
        if not _is_reachable(address):
            continue
        language = Language(conversation.language or Language.ARABIC)
        words = tell_deadline(deadline, due.on, local_now(now).date(), services().responses, language)
        key = alerts.key_of(due.deadline_id, due.on, due.days, address.id)
        origin, lasts = Origin(Author.BOT, key), due.ends_at - now
        written[one.id] = write(session, conversation, words, origin, lane=Lane.REMINDER, lasts=lasts)
        alerts.note_reminded(one, due)
    return written


def _talk_of(session: Session, one: Subscription) -> Conversation:
    """The citizen's open conversation where they asked for the reminder, else the last one there."""
    asked = queries.get_conversation(session, one.conversation_id)
    address = session.get_one(Address, asked.address_id)
    found = queries.find_open_conversation(session, address) or queries.find_last_conversation(session, address)
    return found or asked


def _is_reachable(address: Address) -> bool:
    is_immediate = services().channels.get(address.channel).is_immediate
    return address.unreachable_at is None and (is_immediate or address.sender_id is not None)
