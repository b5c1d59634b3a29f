"""Search over all that was said: every word must occur in a message, whatever its spelling, as a beginning."""

from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bot.cases.models import Case
from bot.cases.schemas import Hit
from bot.citizens.models import Address
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Owner
from bot.conversations.words import query_of

# So many of the newest messages that match are looked through for different conversations.
LOOKED_THROUGH = 400
EXCERPT = 200
SIMPLE = text("'simple'::regconfig")


def search(session: Session, words: str, *, team_ids: Sequence[str] | None = None, limit: int = 20) -> list[Hit]:
    """Conversations by their newest matching message; `team_ids` limits them to these teams' cases, None to nothing."""
    wanted = query_of(words)
    if not wanted:
        return []
    matches = (
        select(Message.id)
        .where(func.to_tsvector(SIMPLE, Message.folded).op("@@")(func.to_tsquery(SIMPLE, wanted)))
        .order_by(Message.id.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    newest = (
        select(func.max(Message.id).label("message_id"))
        .join(matches, matches.c.id == Message.id)
        .group_by(Message.conversation_id)
        .subquery()
    )
    last_case = select(Case.id).where(Case.conversation_id == Conversation.id)
    if team_ids is not None:
        last_case = last_case.where(Case.team_id.in_(team_ids))
    last_case_id = last_case.order_by(Case.opened_at.desc()).limit(1).scalar_subquery()
    query = (
        select(Message, Conversation.state, Address.channel, last_case_id.label("case_id"))
        .join(newest, newest.c.message_id == Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Address, Address.id == Conversation.address_id)
        .order_by(Message.id.desc())
    )
    if team_ids is not None:
        query = query.where(last_case_id.is_not(None))
    return [
        Hit(
            conversation_id=message.conversation_id,
            message_id=message.id,
            author=message.author,
            text=message.body[:EXCERPT],
            created_at=message.created_at,
            channel=channel,
            state=Owner(state),
            case_id=case_id,
        )
        for message, state, channel, case_id in session.execute(query.limit(limit))
    ]
