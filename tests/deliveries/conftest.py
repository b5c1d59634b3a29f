"""A message of three parts to a citizen who wrote just now."""

import pytest

from bot.db.session import Database
from bot.settings import Settings
from tests.deliveries.letters import Letter
from tests.ops.commands import Installation


@pytest.fixture
def letter(settings: Settings, database: Database) -> Letter:
    return Letter(Installation(settings, database))
