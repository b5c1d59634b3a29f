"""Commands of `jawab` as an operator types them, and a look at what they did."""

import uuid
from dataclasses import dataclass

from typer.testing import CliRunner

from bot.cli import app
from bot.db.session import Database
from bot.deliveries import service as deliveries
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import State
from bot.senders.service import Account, SenderBook
from bot.settings import Settings
from tests.conversations.records import keep, message, record

# Tables are cut to the width of the terminal.
WIDTH = {"COLUMNS": "250"}
TOKEN = "1:a"


@dataclass(frozen=True)
class Done:
    """What a command printed, its foreseen error too, and its exit code."""

    output: str
    code: int


def jawab(*arguments: str, given: str = "") -> Done:
    """Run a command; `given` comes on standard input."""
    result = CliRunner().invoke(app, arguments, input=given, env=WIDTH)
    error = "" if isinstance(result.exception, SystemExit | None) else str(result.exception)
    return Done(result.output + error, result.exit_code)


@dataclass(frozen=True)
class Installation:
    """Senders of an installation, looked at behind the commands' back."""

    settings: Settings
    database: Database

    @property
    def book(self) -> SenderBook:
        """The book that the commands write into."""
        return SenderBook(encryption_key=self.settings.encryption_key.get_secret_value())

    def senders(self) -> list[Account]:
        """All that are kept."""
        with self.database.transaction() as session:
            return list(self.book.list(session))

    def add(self, channel: str = "telegram", name: str = "main", *, account: str = "1", token: str = TOKEN) -> Account:
        """A sender, without a vendor's word for it."""
        with self.database.transaction() as session:
            return self.book.add(
                session, channel=channel, name=name, account=account, address="whatsapp:+212537000000", token=token
            )

    def letter(self, sender_id: str, state: State = State.DEAD, **columns: str) -> int:
        """A reply of ours in some state of delivery; gives its message's id."""
        recorded = record(self.database, message(str(uuid.uuid4()), address=str(uuid.uuid4())))
        (reply_id,) = keep(self.database, recorded.message_id)
        with self.database.transaction() as session:
            deliveries.put_on_its_way(session, reply_id, sender_id=sender_id, address_id=recorded.address_id)
            row = session.get_one(DeliveryRow, reply_id)
            for column, value in {"state": state, **columns}.items():
                setattr(row, column, value)
        return reply_id

    def state_of(self, message_id: int) -> State | None:
        """Where a delivery stands; None when it is gone."""
        with self.database.transaction() as session:
            row = session.get(DeliveryRow, message_id)
            return State(row.state) if row else None
