"""What understanding has reached is kept: the development set's numbers may not fall below their floors."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.db.session import Database
from bot.dialogue.client import DialogueClient
from bot.dialogue.language import load_detector
from bot.evaluation.metrics import report
from bot.evaluation.run import run_dialogues, run_utterances
from bot.evaluation.sets import read_dialogues, read_utterances
from tests.system.conftest import REPOSITORY, System

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

SET = REPOSITORY / "eval"


@pytest.fixture(scope="module")
def measured(system: System) -> dict[str, Any]:
    settings = system.settings
    client = DialogueClient(settings.rasa_url, settings.rasa_token.get_secret_value(), timeout_seconds=60)
    rows = run_utterances(client, load_detector(settings.root), read_utterances(SET / "utterances.tsv"), _quiet)
    database = Database(settings.database_url)
    turns = run_dialogues(settings.web_url, database, read_dialogues(SET / "dialogues.yaml"), _quiet)
    database.dispose()
    return report(rows, turns)


def _quiet() -> None:
    """No progress to show."""


FLOORS: dict[str, dict[str, float]] = json.loads(Path(SET / "floors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("group", "name"), [(group, name) for group, found in FLOORS.items() for name in found])
def test_a_number_stays_above_its_floor(measured: dict[str, Any], group: str, name: str) -> None:
    numbers = measured["overall"] if group == "overall" else measured["by_lang"][group]
    assert numbers[name] >= FLOORS[group][name]
