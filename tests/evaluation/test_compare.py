"""The comparison keeps near copies together, measures honestly, and writes only between its markers."""

from pathlib import Path

import numpy as np
import pytest

from bot.evaluation.calibration import bins_of, expected_error, temperature_of, threshold_of, warmed
from bot.evaluation.charts import bars_svg, languages_svg, reliability_svg
from bot.evaluation.comparison_page import BEGIN, END, PageError, put
from bot.evaluation.diet import write_material
from bot.evaluation.diet_trial import sample_of
from bot.evaluation.examples import Example, folds_of, groups_of, read_examples
from bot.evaluation.systems import SYSTEMS, System, features, views_of
from bot.evaluation.vectors import Vectors
from bot.nlu.features import Patterns

PATTERNS = Patterns({"greet": ["slm", "salam"]}, ["passeport"])


@pytest.fixture
def examples() -> list[Example]:
    return [
        Example("combien coûte le passeport", "ask_fee", "fr", "prices", 0),
        Example("بشحال الباسبور", "ask_fee", "ary", "prices", 0),
        Example("combien coûte le passeport svp", "ask_fee", "fr", "other", 4),
        Example("bonjour", "greet", "fr", "prices", 1),
    ]


def test_translations_and_near_copies_are_one_group(examples: list[Example]) -> None:
    groups = groups_of(examples, views_of([one.text for one in examples], PATTERNS)[:1])
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] != groups[0]


def test_no_group_is_on_both_sides_of_a_fold() -> None:
    groups = np.repeat(np.arange(20), 3)
    targets = ["greet" if group % 2 else "thank" for group in groups]
    folds = folds_of(targets, groups)
    assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(60))
    for training, held_out in folds:
        assert not set(groups[training]) & set(groups[held_out])


def test_examples_know_their_topic_language_and_line(tmp_path: Path) -> None:
    text = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - salam\n    - slm\n'
    (tmp_path / "talk.ary-latn.yml").write_text(text)
    assert read_examples(tmp_path)[1] == Example("slm", "greet", "ary-latn", "talk", 1)


def test_a_classifier_right_as_often_as_it_says_has_no_gap() -> None:
    confidences = np.array([0.75] * 4 + [1.0] * 2)
    right = np.array([1, 1, 1, 0, 1, 1])
    bins = bins_of(confidences, right)
    assert [one.count for one in bins] == [0] * 7 + [4, 0, 2]
    assert expected_error(bins) == pytest.approx(0)


def test_the_temperature_cools_a_classifier_that_is_too_sure() -> None:
    chances = np.tile([0.99, 0.01], (10, 1))
    truth = np.array([0] * 8 + [1] * 2)
    temperature = temperature_of(chances, truth)
    assert temperature > 1
    assert warmed(chances, temperature)[0] == pytest.approx([0.8, 0.2], abs=0.01)


def test_the_threshold_lies_where_acting_stops_to_pay() -> None:
    confidences = np.array([0.9, 0.8, 0.6, 0.5, 0.4, 0.3])
    assert threshold_of(confidences, np.array([1, 1, 0, 0, 0, 0])) == pytest.approx(0.8)
    assert threshold_of(confidences, np.array([1, 1, 0, 1, 0, 0])) == pytest.approx(0.5)
    assert threshold_of(confidences, np.array([1, 1, 0, 1, 0, 0]), worth=0.6) == pytest.approx(0.8)


def test_a_temperature_never_changes_which_act_is_likeliest() -> None:
    chances = np.random.default_rng(0).dirichlet(np.ones(5), size=50)
    assert (warmed(chances, 3.0).argmax(axis=1) == chances.argmax(axis=1)).all()
    assert warmed(chances, 1.0) == pytest.approx(chances)


def test_systems_have_names_of_their_own() -> None:
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)


def test_without_transliteration_only_the_text_as_written_is_seen() -> None:
    vectors = {"use": Vectors(["slm", "سلم"], np.eye(2, dtype=np.float32), 0.0)}
    views = views_of(["slm"], PATTERNS)
    both = features(System("x", True, ("use",)), ["slm"], views, vectors)
    plain = features(System("x", True, ("use",), transliterated=False), ["slm"], views, vectors)
    assert both[0].shape[1] == 3 * plain[0].shape[1]
    assert both[1].tolist() == [[1, 0, 0, 1]]
    assert plain[1].tolist() == [[1, 0]]


def test_patterns_are_seen_only_by_those_who_ask_for_them() -> None:
    views = views_of(["slm"], PATTERNS)
    without, beside = (features(System("x", True, patterns=wanted), ["slm"], views, {})[0] for wanted in (False, True))
    assert (without.shape[1] / views[0].shape[1], beside.shape[1] / views[0].shape[1]) == (3, 5)


def test_a_sample_keeps_the_share_of_each_act() -> None:
    intents = np.array(["greet"] * 80 + ["thank"] * 20)
    picked = sample_of(np.arange(100), intents, 10)
    assert sorted(intents[picked]) == ["greet"] * 8 + ["thank"] * 2


def test_diet_gets_an_example_a_line(tmp_path: Path) -> None:
    write_material(tmp_path, ["salam\nkhoya", "merci"], ["greet", "thank"], ["?"])
    assert [one.text for one in _read(tmp_path)] == ["salam khoya", "merci"]


def _read(folder: Path) -> list[Example]:
    (folder / "nlu.yml").rename(folder / "nlu.fr.yml")
    return read_examples(folder)


def test_only_what_stands_between_the_markers_is_rewritten() -> None:
    page = f"# Title\n{BEGIN}\nold\n{END}\nafter\n"
    assert put(page, "new") == f"# Title\n{BEGIN}\nnew\n{END}\nafter\n"
    assert put(put(page, "new"), "new") == put(page, "new")


def test_a_page_without_markers_is_left_alone() -> None:
    with pytest.raises(PageError, match="needs the markers"):
        put("# Title\n", "new")


def test_pictures_name_what_they_show() -> None:
    bins = bins_of(np.array([0.55, 0.95]), np.array([0.0, 1.0]))
    pictures = (
        bars_svg("Shares <all>", {"n-grams": (0.7, 0.8)}),
        languages_svg("Languages", {"n-grams": {"ary": 0.7}}),
        reliability_svg("Sure", bins, bins),
    )
    assert all(picture.startswith("<svg") and picture.endswith("</svg>\n") for picture in pictures)
    assert "Shares &lt;all&gt;" in pictures[0]
    assert "ary" in pictures[1]
