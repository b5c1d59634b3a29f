"""`jawab compare`: compare the classifiers in the Rasa environment, and write table and pictures into docs."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.errors import JawabError
from bot.evaluation.calibration import Bin
from bot.evaluation.charts import bars_svg, languages_svg, reliability_svg
from bot.evaluation.comparison_page import put, section
from bot.ops.services import rasa_python
from bot.settings import Settings

SHOWN_BY_LANGUAGE = ("n-grams", "USE", "e5", "n-grams + USE", "n-grams + e5", "n-grams + USE + e5")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


class ComparisonError(JawabError):
    """The comparison did not end well; the message names its log."""


def run(settings: Settings, console: Console) -> None:
    """Compare (an hour or more the first time, then what changed) and rewrite the section of docs/nlu.md."""
    folder = settings.var / "compare"
    folder.mkdir(parents=True, exist_ok=True)
    _compare(settings, folder, console)
    report = json.loads((folder / "report.json").read_text("utf-8"))
    for path in write(settings.root / "docs", report):
        console.print(f"✓ {path.relative_to(settings.root)}", highlight=False)


def write(docs: Path, report: dict[str, Any]) -> list[Path]:
    """Put section and pictures of a report into the docs; gives the files written."""
    page = docs / "nlu.md"
    written = {page: put(page.read_text("utf-8"), section(report))}
    rows = report["systems"]
    shares = {name: (row["folds"]["accuracy"], row["development"]["accuracy"]) for name, row in rows.items()}
    by_language = {name: rows[name]["folds"]["by_lang"] for name in SHOWN_BY_LANGUAGE if name in rows}
    sure = report["calibration"]["by_lang"]["all"]
    before, after = ([Bin(**one) for one in sure[key]] for key in ("bins", "bins_after"))
    pictures = docs / "pictures"
    pictures.mkdir(exist_ok=True)
    written[pictures / "nlu-accuracy.svg"] = bars_svg("Share of acts understood", shares)
    written[pictures / "nlu-languages.svg"] = languages_svg("Held-out examples, by language", by_language)
    written[pictures / "nlu-reliability.svg"] = reliability_svg("Right, by how sure", before, after)
    for path, content in written.items():
        path.write_text(content, "utf-8")
    return list(written)


def _compare(settings: Settings, folder: Path, console: Console) -> None:
    command = [str(rasa_python(settings)), "-m", "bot.evaluation.compare", str(settings.root), str(folder)]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(settings.root)}
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    log_path = folder / "compare.log"
    with Progress(*columns, console=console, transient=True) as progress, log_path.open("wb") as log:
        task = progress.add_task("Comparing", total=None)
        child = subprocess.Popen(
            command, cwd=settings.root, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
        )
        assert child.stdout is not None
        try:
            for line in child.stdout:
                progress.update(task, description=line.strip())
                log.write(line.encode())
            failed = child.wait() != 0
        finally:
            child.kill()
            child.wait()
    if failed:
        raise ComparisonError(f"The comparison failed; its last words are in {log_path}.")
