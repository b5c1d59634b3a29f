"""A citizen who writes an earlier message anew on Telegram."""

import time

import pytest
from sqlalchemy import select

from bot.conversations.models import Message
from bot.conversations.states import Direction, Outcome
from bot.db.session import Database
from bot.settings import Settings
from tests.fakes.telegram_api import TelegramApi
from tests.jobs.talk import wait_until

pytestmark = pytest.mark.slow

CHAT = 4242


def outcomes(database: Database) -> list[str | None]:
    with database.transaction() as session:
        query = select(Message.outcome).where(Message.direction == Direction.IN).order_by(Message.id)
        return list(session.scalars(query))


def test_an_edit_is_answered_if_it_says_something_else(
    gateway: Settings, telegram: TelegramApi, database: Database
) -> None:
    number = telegram.citizen_says(CHAT, "combien coûte le paseport ?")["message"]["message_id"]
    wait_until(lambda: len(telegram.sent) == 1)
    telegram.citizen_edits(CHAT, number, "combien coûte le passeport ?")
    wait_until(lambda: len(telegram.sent) == 2)
    assert telegram.sent[1].text == "echo: combien coûte le passeport ?"
    time.sleep(1.1)  # An edit is known by its second.
    # Telegram tells of an edit also when something changed that bots cannot see.
    telegram.citizen_edits(CHAT, number, "combien coûte le passeport ?")
    wait_until(lambda: outcomes(database)[2:] == [Outcome.UNCHANGED])
    assert len(telegram.sent) == 2
