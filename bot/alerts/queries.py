"""Subscriptions in the database."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.alerts.due import Due
from bot.alerts.models import LIVING, Subscription
from bot.citizens.models import Address, Citizen
from bot.conversations.models import Conversation
from bot.db.base import utc_now


def add_subscription(session: Session, deadline_id: str, *, citizen_id: uuid.UUID, conversation_id: uuid.UUID) -> None:
    """Keep what a citizen wants to be reminded of; once, as long as it lives."""
    row = {"id": uuid.uuid4(), "deadline_id": deadline_id, "citizen_id": citizen_id}
    row |= {"conversation_id": conversation_id, "created_at": utc_now()}
    once = insert(Subscription).values(row)
    session.execute(once.on_conflict_do_nothing(index_elements=["citizen_id", "deadline_id"], index_where=LIVING))


def end(session: Session, deadline_ids: Collection[str], *, citizen_id: uuid.UUID) -> Sequence[str]:
    """End those that live; gives what they were of."""
    ended = update(Subscription).where(Subscription.citizen_id == citizen_id, Subscription.ended_at.is_(None))
    ended = ended.where(Subscription.deadline_id.in_(deadline_ids)).values(ended_at=utc_now())
    return session.scalars(ended.returning(Subscription.deadline_id)).all()


def list_living(session: Session, *, citizen_id: uuid.UUID) -> Sequence[Subscription]:
    """A citizen's that live, oldest first."""
    query = select(Subscription).where(Subscription.citizen_id == citizen_id, Subscription.ended_at.is_(None))
    return session.scalars(query.order_by(Subscription.created_at, Subscription.deadline_id)).all()


def find_citizen_id(session: Session, conversation_id: uuid.UUID) -> uuid.UUID | None:
    """Whose a conversation is."""
    return session.scalar(select(Conversation.citizen_id).where(Conversation.id == conversation_id))


def take_due(session: Session, due: Due, *, limit: int, but: Collection[uuid.UUID]) -> Sequence[Subscription]:
    """Lock some whose citizens are to be told of a date now; those that others have locked are theirs.

    Not of whoever wants no reminders, is blocked or cannot be reached.
    """
    query = (
        select(Subscription)
        .join(Conversation, Conversation.id == Subscription.conversation_id)
        .join(Address, Address.id == Conversation.address_id)
        .join(Citizen, Citizen.id == Subscription.citizen_id)
        .where(Subscription.deadline_id == due.deadline_id, Subscription.ended_at.is_(None))
        .where(Subscription.created_at < due.reached_at, _untold(due.on, due.days), Subscription.id.not_in(but))
        .where(Address.opted_out_at.is_(None), Address.unreachable_at.is_(None), Citizen.blocked_at.is_(None))
    )
    return session.scalars(query.limit(limit).with_for_update(of=Subscription, skip_locked=True)).all()


def _untold(on: dt.date, days: int) -> ColumnElement[bool]:
    """Not reminded of this date yet, or only longer before it; each part is a range of the index."""
    for_, told = Subscription.reminded_for, Subscription.reminded_days
    return or_(for_.is_(None), for_ < on, for_ > on, and_(for_ == on, told > days))
