"""Whatever is killed whenever, the promises hold. `make crash` runs many seeds (docs/crashes.md)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.director import happen
from tests.crash.engines import Engines, running_engines
from tests.crash.plan import draw
from tests.crash.points import POINTS
from tests.crash.promises import broken
from tests.crash.records import collect
from tests.crash.report import report
from tests.crash.town import standing

pytestmark = pytest.mark.slow

FIRST = int(os.environ.get("CRASH_FIRST", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("CRASH_SEEDS", "2")))


@pytest.fixture(scope="module")
def own_engines() -> Iterator[Engines]:
    """Engines that may be killed."""
    with running_engines() as found:
        yield found


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_killed_no_promise_is_broken(
    seed: int, own_engines: Engines, trained_root: Path, tmp_path: Path
) -> None:
    with standing(draw(seed, list(POINTS)), own_engines, trained_root, tmp_path) as town:
        try:
            records = collect(town, happen(town))
        except AssertionError as trouble:
            raise AssertionError(f"{trouble}\n{report(town, tmp_path)}") from trouble
        found, story = broken(records), report(town, tmp_path, records)
        (tmp_path / "story.txt").write_text("\n".join([*found, story]), "utf-8")
        assert not found, "\n".join([f"seed {seed}:", *found, "", story])
