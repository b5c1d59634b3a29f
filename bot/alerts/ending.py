"""Ending reminders: at the citizen's wish, with all that is still on its way."""

import uuid
from collections.abc import Collection

from sqlalchemy.orm import Session

from bot.alerts import queries
from bot.alerts.service import key_of
from bot.deliveries import undo


def unsubscribe(session: Session, deadline_ids: Collection[str], *, citizen_id: uuid.UUID) -> int:
    """Remind a citizen no more, not even with what is written already and has not left.

    Gives how many of these deadlines they were reminded of.
    """
    ended = queries.end(session, deadline_ids, citizen_id=citizen_id)
    for deadline_id in ended:
        undo.give_up_unsent(session, key_of(deadline_id, ""), citizen_id=citizen_id)
    return len(ended)
