"""`jawab reviews`: what reviewers put right comes out as YAML, and how many on the side."""

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import app
from bot.db.base import utc_now
from bot.db.session import Database
from bot.ops import reviews
from bot.reviews.models import Review
from bot.reviews.states import Kind, Verdict
from bot.settings import Settings
from tests.desk.people import hire


def test_examples_are_printed_and_counted(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "load_settings", lambda: settings)
    agent = hire(database)
    of = {"kind": Kind.WRONG_ANSWER, "staff_id": agent.id, "answer": "x", "language": "ar", "done_at": utc_now()}
    with database.transaction() as session:
        session.add(Review(**of, question="بشحال الجواز؟ 0612345678", verdict=Verdict.DONE, right_intent="ask_fee"))
        session.add(Review(**of, question="هل أنت هنا؟", verdict=Verdict.BOT_WAS_RIGHT))
    result = CliRunner().invoke(app, ["reviews", "export"])
    assert yaml.safe_load(result.stdout) == [
        {"text": "بشحال الجواز؟ 0000000000", "intent": "ask_fee", "language": "ar"}
    ]
    assert result.stderr == "Examples: 1\n"
