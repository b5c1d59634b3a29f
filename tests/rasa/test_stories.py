"""Rasa's own checks: of our data, and of stories by situation against the rules."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import REPOSITORY
from tests.rasa.conftest import MODEL, RasaEnvironment

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(900)]

STORIES = Path(__file__).with_name("stories")
# Actions use these; Rasa sees stories and rules only.
EXPECTED_WARNING = re.compile(r"The utterance 'utter_\w+' is not used in any story or rule\.")


def steps() -> Iterator[dict[str, Any]]:
    """All steps of all stories."""
    for path in STORIES.glob("*.yml"):
        for story in yaml.safe_load(path.read_text("utf-8"))["stories"]:
            yield from story["steps"]


def check(environment: RasaEnvironment, project: Path, stories: Path, out: Path) -> str:
    """Rasa's words about stories; they have the exit code in front."""
    options = ("--model", str(MODEL), "--stories", str(stories), "--out", str(out), "--no-plot")
    done = environment.run(project, "-m", "rasa", "test", "core", *options, "--fail-on-prediction-errors")
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


def test_rasa_finds_nothing_wrong_with_our_data(environment: RasaEnvironment) -> None:
    files = ("--config", "config.yml", "--domain", "domain.yml", "--data", "data/nlu", "data/rules")
    done = environment.run(REPOSITORY, "-m", "rasa", "data", "validate", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    warnings = re.findall(r"UserWarning: (.*)", done.stdout + done.stderr)
    assert warnings
    assert [words for words in warnings if not EXPECTED_WARNING.search(words)] == []


def test_every_situation_goes_as_its_story_tells(environment: RasaEnvironment, project: Path, tmp_path: Path) -> None:
    words = check(environment, project, STORIES, tmp_path)
    assert words.startswith("0\n"), words
    failed = tmp_path / "failed_test_stories.yml"
    assert "None of the test stories failed" in failed.read_text("utf-8")


def test_a_story_that_goes_otherwise_is_noticed(environment: RasaEnvironment, project: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    shutil.copy(STORIES / "is_in_danger.yml", wrong)
    wrong.write_text(wrong.read_text("utf-8").replace("action_show_emergency", "action_answer_service", 1), "utf-8")
    assert not check(environment, project, wrong, tmp_path).startswith("0\n")


def test_the_stories_have_every_act() -> None:
    domain = yaml.safe_load((REPOSITORY / "domain.yml").read_text("utf-8"))
    assert {step["intent"] for step in steps() if "intent" in step} == set(domain["intents"])


def test_the_stories_have_every_action() -> None:
    domain = yaml.safe_load((REPOSITORY / "domain.yml").read_text("utf-8"))
    assert set(domain["actions"]) <= {step["action"] for step in steps() if "action" in step}
