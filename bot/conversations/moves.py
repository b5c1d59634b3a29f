"""The one door through which a conversation changes hands."""

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.conversations.states import MOVES, Owner
from bot.db.base import utc_now
from bot.errors import JawabError


class MovedError(JawabError):
    """A conversation is not where it was: somebody else moved it, or there is no such move."""


def move_owner(session: Session, conversation: Conversation, to: Owner, *, at: dt.datetime | None = None) -> None:
    """Give a conversation to another owner; the only place that does so. Raises MovedError.

    Of two who move it at once one comes first, and the other finds it moved.
    """
    session.flush()
    before = Owner(conversation.state)
    if to not in MOVES[before]:
        raise MovedError(f"a conversation does not go from {before} to {to}")
    moved = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation.id, Conversation.state == before)
        .values(state=to, version=Conversation.version + 1, updated_at=at or utc_now())
        .returning(Conversation.version)
        .execution_options(synchronize_session=False)
    ).scalar()
    session.refresh(conversation)
    if moved is None:
        raise MovedError(f"a conversation is {conversation.state} by now")
