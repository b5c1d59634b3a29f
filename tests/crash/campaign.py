"""A campaign: one message to everybody who is known, in the lane that gives way to all others."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.conversations.queries import add_outbound
from bot.deliveries.service import put_on_its_way
from bot.deliveries.states import Lane
from tests.crash.town import Town

NAME = "campagne"
REACHED = """
    SELECT a.id AS address, a.sender_id AS sender, a.channel AS channel, c.id AS conversation
    FROM addresses a JOIN conversations c ON c.address_id = a.id WHERE a.sender_id IS NOT NULL
"""


def begin_campaign(town: Town, at: float) -> None:
    """Put it on its way in one transaction; there is none while the database is away."""
    try:
        with town.database.transaction() as session:
            reached = session.execute(text(REACHED)).mappings().all()
            for number, row in enumerate(reached):
                _invite(session, f"{NAME} {at:.3f} {number}", dict(row))
        town.story.tell(f"a campaign to {len(reached)} citizens")
    except SQLAlchemyError:
        town.story.tell("no campaign: the database is away")


def _invite(session: Session, words: str, row: dict[str, Any]) -> None:
    values = {
        "conversation_id": row["conversation"],
        "channel": row["channel"],
        "author": "system",
        "kind": "text",
        "body": words,
        "payload": {},
        "language": "fr",
    }
    message_id = add_outbound(session, words, values)
    put_on_its_way(session, message_id, sender_id=row["sender"], address_id=row["address"], lane=Lane.CAMPAIGN)
