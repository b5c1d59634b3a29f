"""What citizens want to be reminded of: asked for, ended, looked at."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from bot.alerts import queries
from bot.alerts.due import Due
from bot.alerts.models import Subscription
from bot.conversations.models import Conversation
from bot.db.base import utc_now

# What a turn came to, by these names, holds the ids of deadlines.
SUBSCRIBED, UNSUBSCRIBED = "subscribe", "unsubscribe"


def subscribe(session: Session, conversation: Conversation, deadline_ids: Collection[str]) -> None:
    """Have the citizen of a conversation reminded of deadlines there; whatever lives already stays as it is."""
    whose = {"citizen_id": conversation.citizen_id, "conversation_id": conversation.id}
    for deadline_id in sorted(set(deadline_ids)):
        queries.add_subscription(session, deadline_id, **whose)


def key_of(deadline_id: str, *which: object) -> str:
    """Under which a reminder of a deadline is written once."""
    return ":".join(("deadline", deadline_id, *map(str, which)))


def list_reminded_of(session: Session, *, conversation_id: uuid.UUID) -> list[str]:
    """The deadlines that the citizen of a conversation is reminded of, wherever they asked for it."""
    citizen_id = queries.find_citizen_id(session, conversation_id)
    return [one.deadline_id for one in queries.list_living(session, citizen_id=citizen_id)] if citizen_id else []


def list_living(session: Session, *, citizen_id: uuid.UUID) -> Sequence[Subscription]:
    """What a citizen is reminded of, oldest first."""
    return queries.list_living(session, citizen_id=citizen_id)


def end_doubles(session: Session, *, kept_id: uuid.UUID, other_id: uuid.UUID) -> None:
    """Before two citizens become one: what both are reminded of, the other one is reminded of no more."""
    both = [one.deadline_id for one in queries.list_living(session, citizen_id=kept_id)]
    queries.end(session, both, citizen_id=other_id)


def take_due(session: Session, due: Due, *, limit: int, but: Collection[uuid.UUID]) -> Sequence[Subscription]:
    """Some whose citizens are to be told of a date now, `but` those; nobody else gets these before we are done."""
    return queries.take_due(session, due, limit=limit, but=but)


def note_reminded(one: Subscription, due: Due) -> None:
    """A citizen was told of a date."""
    one.reminded_for, one.reminded_days, one.reminded_at = due.on, due.days, utc_now()
