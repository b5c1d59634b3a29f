"""What tests of the web chat ask, and how they swap a part of the application for one test."""

import uuid
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from bot.conversations.models import Conversation, Message
from bot.db.session import Database


def body(**changes: Any) -> dict[str, Any]:
    """A message as the page sends it."""
    return {"id": str(uuid.uuid4()), "text": "bonjour tout le monde"} | changes


def count(database: Database, table: type[Message | Conversation]) -> int:
    """How many rows there are."""
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def swap(monkeypatch: pytest.MonkeyPatch, web: FastAPI, **values: Any) -> None:
    """Let the application work with other services, settings or database for one test."""
    for name, value in values.items():
        monkeypatch.setitem(web.state._state, name, value)
