"""The bench counts rightly, writes a stock project that Rasa takes, and puts figures where readers find them."""

import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import psutil
import pytest
import yaml
from rich.console import Console

from bot.catalogue.phrases import Phrase
from bot.catalogue.search import SearchIndex
from bot.nlu.features import Glossary
from bot.ops.bench import report, stock
from bot.ops.bench.command import BenchError, run
from bot.ops.bench.numbers import crowd, memory, summary
from bot.ops.bench.plan import Plan
from bot.ops.bench.searching import PHRASES_OF_ENTRY, generated
from bot.ops.bench.system import environment, own_installation
from bot.settings import REPOSITORY, Settings

TIMES = {"count": 4, "failed": 0, "p50_ms": 20.0, "p95_ms": 30.0, "slowest_ms": 31.0, "per_second": 40.0}
RESULT: dict[str, Any] = {
    "measured_on": "2026-11-22",
    "machine": {"cores": 2, "load": "0.1 0.1 0.1"},
    "ours": {
        "ready_seconds": 20.0,
        "first_answer_seconds": 20.4,
        "loop_seconds": 0.5,
        "rest": {"memory_mb": {"rasa": 470, "all": 1170}, "idle_cpu_percent": {"web": 1.5, "all": 2.5}},
        "turns_after": {"0": TIMES},
        "crowd": TIMES,
        "understanding_after": {"0": TIMES},
        "understanding_crowd": TIMES,
        "edit_to_answer": TIMES,
        "breakdown": {"search": 3.0, "database: keep & tell": 5.0},
    },
    "stock": {
        "memory_mb": {"rasa": 900, "all": 900},
        "idle_cpu_percent": {"all": 0.1},
        "after": {"0": {**TIMES, "p50_ms": 60.0}},
        "crowd": {**TIMES, "per_second": 16.0},
        "training_seconds": 600.0,
        "first_answer_seconds": 50.0,
    },
    "search": {
        "embedding_ms_per_phrase": 2.0,
        "10000": {**TIMES, "bytes_per_entry": 12000, "index_seconds": 8.0, "index_again_seconds": 0.4},
    },
    "scaling": {
        **{f"{kind}_{count}": TIMES for kind in ("rasa", "web") for count in (1, 2)},
        "rasa_same_answers": True,
        "web_order_kept": False,
    },
}


def test_the_middle_and_the_slow_end_are_counted_and_failures_apart() -> None:
    numbers = summary([0.1] * 19 + [0.5, None])
    assert (numbers["count"], numbers["failed"], numbers["p50_ms"], numbers["slowest_ms"]) == (21, 1, 100.0, 500.0)
    assert numbers["p50_ms"] <= numbers["p95_ms"] <= numbers["slowest_ms"]


@pytest.mark.parametrize(("times", "expected"), [([], (0, 0)), ([None], (1, 1))])
def test_no_times_are_no_figures(times: list[float | None], expected: tuple[int, int]) -> None:
    numbers = summary(times)
    assert (numbers["count"], numbers["failed"]) == expected
    assert "p50_ms" not in numbers


def test_a_crowd_asks_everything_and_tells_how_many_a_second() -> None:
    steps: list[int] = []
    numbers = crowd([lambda _: 0.01, lambda _: None], 5, lambda: steps.append(1))
    assert (numbers["count"], numbers["failed"], len(steps)) == (10, 5, 10)
    assert numbers["per_second"] > 0


def test_memory_of_this_process_is_seen() -> None:
    sizes = memory([psutil.Process(os.getpid())])
    assert sizes["all"] > 10


def test_the_page_has_every_figure_and_ratio() -> None:
    page = report.page(RESULT)
    for words in ("20 / 30", "60 / 30", "3.0", "2.5", "rasa 470", "600.0", "10,000 entries", "web order kept: NO"):
        assert words in page


@pytest.mark.parametrize("part", ["ours", "stock", "search", "scaling"])
def test_a_part_that_was_not_measured_is_left_out(part: str) -> None:
    assert report.page({name: value for name, value in RESULT.items() if name != part})


def test_the_pictures_are_well_formed_and_name_their_parts() -> None:
    pictures = report.pictures(RESULT)
    assert set(pictures) == {"turn", "talk"}
    for picture in pictures.values():
        ElementTree.fromstring(picture)  # noqa: S314 (we drew it)
    assert "keep &amp; tell" in pictures["turn"]


def test_writing_changes_only_what_is_between_the_marks(tmp_path: Path) -> None:
    (tmp_path / "docs" / "pictures").mkdir(parents=True)
    page = tmp_path / report.PAGE
    page.write_text(f"# Speed\n\n{report.BEGIN}\nold figures\n{report.END}\n\nLast words.\n", "utf-8")
    for _ in range(2):
        written = report.write(tmp_path, RESULT)
    text = page.read_text("utf-8")
    assert text.startswith("# Speed")
    assert text.endswith("Last words.\n")
    assert "old figures" not in text
    assert len(written) == 3


def test_the_documentation_has_the_marks() -> None:
    text = (REPOSITORY / report.PAGE).read_text("utf-8")
    assert text.count(report.BEGIN) == text.count(report.END) == 1


def test_the_stock_project_has_every_intent_with_a_rule_and_words(settings: Settings, tmp_path: Path) -> None:
    examples, intents = stock.write_project(settings, tmp_path / "stock", Plan.quick())
    domain = yaml.safe_load((tmp_path / "stock" / "domain.yml").read_text("utf-8"))
    rules = yaml.safe_load((tmp_path / "stock" / "data" / "rules.yml").read_text("utf-8"))["rules"]
    assert len(domain["intents"]) == intents
    assert {step["action"] for rule in rules for step in rule["steps"][1:]} == set(domain["responses"])
    assert 5 * intents < examples <= 12 * intents


def test_stock_is_what_rasa_suggests() -> None:
    config = stock.default_config(100)
    names = {part["name"] for part in config["pipeline"] + config["policies"]}
    assert {"DIETClassifier", "ResponseSelector", "TEDPolicy", "UnexpecTEDIntentPolicy", "RulePolicy"} <= names


def test_generated_entries_are_found_by_their_own_words() -> None:
    real = [Phrase("services", "a", "fr", "names", "carte nationale passeport permis de conduire", np.zeros(512))]
    phrases = generated(real, 30)
    assert len(phrases) == 30 * PHRASES_OF_ENTRY
    hits = SearchIndex(phrases, Glossary({})).search(phrases[0].text)
    assert hits[0].entry_id in {phrase.entry_id for phrase in phrases if phrase.text == phrases[0].text}


def test_the_bench_never_touches_the_installation_that_citizens_use(settings: Settings) -> None:
    own = own_installation(settings)
    assert own.database_url != settings.database_url
    assert settings.var in own.var.parents
    child = environment(own)
    assert (child["DATABASE_URL"], child["JAWAB_VAR"], child["JAWAB_PORT"]) == ("", str(own.var), str(own.port))


def test_a_part_that_does_not_exist_is_named(settings: Settings) -> None:
    with pytest.raises(BenchError, match="speed"):
        run(settings, ["speed"], quick=True, write=False, console=Console())
