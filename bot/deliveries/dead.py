"""Dead letters: deliveries that will not leave by themselves, in an operator's hands."""

from sqlalchemy.orm import Session

from bot.conversations import queries as conversations
from bot.db.base import utc_now
from bot.deliveries import queries
from bot.deliveries.models import DeliveryRow
from bot.deliveries.moves import move
from bot.deliveries.service import REPLY_LASTS
from bot.deliveries.states import State
from bot.errors import JawabError


class NoSuchDeliveryError(JawabError):
    """There is no dead letter of that number."""


def retry(session: Session, message_id: int) -> None:
    """Send a dead letter again; raises NoSuchDeliveryError."""
    row = _dead(session, message_id)
    move(row, State.WAITING)
    row.attempts, row.due_at, row.expires_at = 0, utc_now(), utc_now() + REPLY_LASTS
    conversations.reset_status(session, message_id)


def discard(session: Session, message_id: int) -> None:
    """Forget a dead letter: its message stays failed; raises NoSuchDeliveryError."""
    session.delete(_dead(session, message_id))


def _dead(session: Session, message_id: int) -> DeliveryRow:
    row = queries.find_delivery(session, message_id)
    if row is None or State(row.state) is not State.DEAD:
        raise NoSuchDeliveryError(f"There is no dead letter {message_id}.")
    return row
