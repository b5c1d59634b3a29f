"""Our components in Rasa's own environment; `inside.py` tries them there."""

import json
from typing import Any

import pytest

from bot.nlu.embedding import DIMENSIONS
from bot.nlu.features import SIZE
from bot.nlu.text import normalise
from bot.settings import REPOSITORY
from tests.rasa.conftest import RasaEnvironment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def facts(environment: RasaEnvironment) -> dict[str, Any]:
    """What was found inside."""
    done = environment.run(REPOSITORY, "-m", "tests.rasa.inside")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_they_run_on_rasas_python(facts: dict[str, Any]) -> None:
    assert facts["python"] == [3, 10]


def test_tokens_stand_where_they_say_and_are_folded_as_search_folds(facts: dict[str, Any]) -> None:
    for one in facts["tokens"]:
        assert one["tokens"]
        for start, end, token, lemma in one["tokens"]:
            assert one["text"][start:end] == token
            assert lemma == (normalise(token) or token)
        assert [token for _, _, token, _ in one["tokens"]] == one["text"].split()


def test_features_have_one_shape_and_do_not_depend_on_the_company(facts: dict[str, Any]) -> None:
    found = facts["features"]
    assert (found["thin"], found["thick"]) == ([1, 3 * SIZE], [1, 2 * DIMENSIONS])
    assert (found["same_thin"], found["same_thick"]) == (True, True)
    assert found["no_text"] == 0


def test_a_classifier_says_after_loading_what_it_said_before(facts: dict[str, Any]) -> None:
    found = facts["classifier"]
    assert found["same"]
    assert found["acts"] == ["ask_fee", "ask_documents", "greet"]
    assert (found["ranking"][0], len(found["ranking"])) == ("ask_fee", 3)
    assert found["sum"] == pytest.approx(1, abs=1e-4)


def test_a_message_without_text_has_no_act(facts: dict[str, Any]) -> None:
    assert facts["classifier"]["silent"] == {"name": None, "confidence": 0.0}


def test_a_model_is_arrays_and_labels_that_run_no_code(facts: dict[str, Any]) -> None:
    assert facts["classifier"]["files"] == ["classifier.npz", "labels.json"]


def test_nothing_to_learn_to_load_or_to_ask_is_an_error_and_no_silent_guess(facts: dict[str, Any]) -> None:
    assert facts["failures"] == {"train": "RasaException", "ask": "RasaException", "load": "ValueError"}


def test_patterns_are_the_same_after_loading_and_alike_in_two_varieties(facts: dict[str, Any]) -> None:
    found = facts["patterns"]
    assert (found["same"], found["shape"], found["built_alike"]) == (True, [3, 2 * SIZE], True)


def test_a_missing_file_of_words_stops_the_training(facts: dict[str, Any]) -> None:
    assert (facts["patterns"]["missing"], facts["patterns"]["untrained"]) == ("RasaException", "RasaException")
