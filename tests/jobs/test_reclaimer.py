"""A turn whose end PostgreSQL forgot: it is taken up again, and its conversation goes on."""

import pytest
from sqlalchemy import create_engine, text

from bot.conversations.states import Direction
from bot.jobs.upkeep import Reclaimer, Upkeep
from bot.settings import Settings
from tests.jobs.talk import Talk, wait_until

pytestmark = pytest.mark.slow

FORGET = text("UPDATE dbos.workflow_status SET status = 'PENDING', completed_at = NULL WHERE workflow_uuid = :id")
STATUS = text("SELECT status FROM dbos.workflow_status WHERE workflow_uuid = :id")


def test_a_turn_that_is_done_and_forgotten_holds_up_nobody(talk: Talk, installed: Settings) -> None:
    first = talk.send_text("un")
    talk.replies(first)
    tables = create_engine(installed.dbos_database_url, isolation_level="AUTOCOMMIT")
    with tables.connect() as connection:
        connection.execute(FORGET, {"id": first})
        second = talk.send_text("deux")
        looking = Upkeep("reclaimer", Reclaimer().look, every_seconds=0.1)
        looking.start()
        talk.replies(second)
        wait_until(lambda: connection.execute(STATUS, {"id": first}).scalar() == "SUCCESS")
        looking.stop()
    tables.dispose()
    assert [row.body for row in talk.rows(Direction.OUT)] == ["echo: un", "echo: deux"]
