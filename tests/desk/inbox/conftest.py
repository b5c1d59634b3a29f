"""A desk with citizens who write."""

import pytest
from fastapi import FastAPI

from bot.db.session import Database
from tests.desk.inbox.scene import Scene


@pytest.fixture
def scene(web: FastAPI, database: Database) -> Scene:
    """Nobody has written yet."""
    return Scene(web.state.services)
