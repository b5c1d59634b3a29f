"""A model is trained when its sources changed, and only our own is loaded."""

import json
from pathlib import Path

import pytest

from bot.ops.train import TrainingError, check_model, current_model, fingerprint, is_stale
from bot.settings import DETECTOR


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "models").mkdir()
    (tmp_path / "domain.yml").write_text("intents: []\n")
    return tmp_path


def add_model(project: Path, content: bytes = b"model") -> Path:
    mark = fingerprint(project)
    archive = project / "models" / f"jawab-{mark[:12]}.tar.gz"
    archive.write_bytes(content)
    (project / DETECTOR).write_bytes(b"detector")
    digest = "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"
    archive.with_name(f"jawab-{mark[:12]}.json").write_text(json.dumps({"sha256": digest}))
    return archive


def test_a_clone_without_a_model_is_stale(project: Path) -> None:
    assert is_stale(project)
    assert current_model(project) is None


def test_a_model_without_the_language_detector_is_stale(project: Path) -> None:
    add_model(project)
    (project / DETECTOR).unlink()
    assert is_stale(project)


def test_a_new_example_makes_the_model_stale_but_keeps_it_in_use(project: Path) -> None:
    archive = add_model(project)
    assert not is_stale(project)
    (project / "data" / "nlu" / "greet.yml").write_text("- salam\n")
    assert is_stale(project)
    assert current_model(project) == archive


def test_a_model_that_we_did_not_train_is_refused(project: Path) -> None:
    check_model(add_model(project))
    with pytest.raises(TrainingError, match="not the file that we trained"):
        check_model(add_model(project, b"something else"))
