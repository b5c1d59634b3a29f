"""`jawab deadletters`: messages that did not leave, to be sent again or discarded. Their words are never shown."""

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.deliveries import dead
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import State
from bot.errors import JawabError
from bot.jobs.bells import Ringer
from bot.jobs.engine import pump_bell
from bot.ops.embedded import tables_at_hand
from bot.ops.redis import answers
from bot.ops.vendors.base import age
from bot.senders.models import Sender
from bot.settings import Settings, load_settings

MOST_SHOWN = 500
COLUMNS = ("message", "channel", "sender", "age", "fault", "code", "reason")


class DeadLetterError(JawabError):
    """It is not clear which dead letters are meant."""


def show(console: Console) -> None:
    """List dead letters, the oldest first."""
    query = (
        select(DeliveryRow, Sender.channel, Sender.name)
        .join(Sender, Sender.id == DeliveryRow.sender_id)
        .where(DeliveryRow.state == State.DEAD)
        .order_by(DeliveryRow.message_id)
        .limit(MOST_SHOWN)
    )
    with tables_at_hand(load_settings()) as database, database.transaction() as session:
        rows = [_cells(row, channel, name) for row, channel, name in session.execute(query)]
    if not rows:
        console.print("There are no dead letters.")
        return
    table = Table()
    for column in COLUMNS:
        table.add_column(column, overflow="fold", justify="right" if column == "message" else "left")
    for cells in rows:
        table.add_row(*map(Text, cells))
    console.print(table)
    if len(rows) == MOST_SHOWN:
        console.print(f"These are the oldest {MOST_SHOWN}; there may be more.")


def retry(ids: Sequence[int], console: Console, *, all_of_them: bool) -> None:
    """Put dead letters on their way again, all that are named or none, and wake who sends them."""
    if bool(ids) is all_of_them:
        raise DeadLetterError("Say which: the numbers that `jawab deadletters list` shows, or --all.")
    settings = load_settings()
    with tables_at_hand(settings) as database:
        senders = _send_again(database, ids)
    _wake(settings, set(senders))
    console.print(_told(len(senders), "will be sent again", "There are no dead letters."))


def discard(ids: Sequence[int], console: Console) -> None:
    """Forget dead letters, all that are named or none; their messages stay in the record as failed."""
    numbers = dict.fromkeys(ids)
    with tables_at_hand(load_settings()) as database, database.transaction() as session:
        for message_id in numbers:
            dead.discard(session, message_id)
    console.print(_told(len(numbers), "discarded", "Nothing was named."))


def _send_again(database: Database, ids: Sequence[int]) -> list[str]:
    """Gives the sender of each; without numbers it is all of them."""
    with database.transaction() as session:
        wanted = dict.fromkeys(ids or _dead_ids(session))
        for message_id in wanted:
            dead.retry(session, message_id)
        return [session.get_one(DeliveryRow, message_id).sender_id for message_id in wanted]


def _dead_ids(session: Session) -> Sequence[int]:
    query = select(DeliveryRow.message_id).where(DeliveryRow.state == State.DEAD).order_by(DeliveryRow.message_id)
    return session.scalars(query).all()


def _wake(settings: Settings, senders: Collection[str]) -> None:
    """Ring for the pumps; with Redis away they look by themselves within a second."""
    if not senders or not answers(settings.redis_url):
        return
    ringer = Ringer(settings.redis_url)
    for sender_id in senders:
        ringer.ring(pump_bell(sender_id))
    ringer.close()


def _cells(row: DeliveryRow, channel: str, name: str) -> tuple[str, ...]:
    return (
        str(row.message_id),
        channel,
        name,
        age(row.created_at),
        row.fault or "–",
        row.code or "–",
        row.reason or "–",
    )


def _told(count: int, done: str, nothing: str) -> str:
    return f"✓ {count} dead letter{'' if count == 1 else 's'} {done}." if count else nothing
