"""`jawab robustness`: the development set typed by other hands; the table, the report and the misses."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.dialogue.client import DialogueClient
from bot.dialogue.language import load_detector
from bot.evaluation.perturb import CHANGES
from bot.evaluation.robustness import Trial, misses, report, run, sample
from bot.evaluation.sets import read_utterances
from bot.ops.evaluate import DEVELOPMENT, progress_bar, running_system
from bot.settings import Settings

TIMEOUT_SECONDS = 60


def measure(
    settings: Settings, utterances: Path | None, size: int | None, seed: int, json_path: Path | None, console: Console
) -> dict[str, Any]:
    """Run the suite on the running system (started for the time if need be), print and keep the numbers."""
    chosen = sample(read_utterances(utterances or settings.root / DEVELOPMENT / "utterances.tsv"), size, seed)
    with running_system(settings, console), progress_bar(console) as progress:
        client = DialogueClient(
            settings.rasa_url, settings.rasa_token.get_secret_value(), timeout_seconds=TIMEOUT_SECONDS
        )
        task = progress.add_task("Changed messages", total=len(chosen))
        trials = run(client, load_detector(settings.root), chosen, seed, lambda: progress.advance(task))
        client.close()
    result = {"seed": seed, "messages": len(chosen), **report(trials)}
    console.print(table(result))
    _keep(settings, result, trials, json_path, console)
    return result


def table(result: dict[str, Any]) -> Table:
    """The share of answers that stayed the same, by kind of change and variety."""
    shown = Table(title="Answers that stay the same", title_justify="left")
    languages = list(result["by_lang"])
    for title in ("change", *languages, "all", "messages"):
        shown.add_column(title, justify="left" if title == "change" else "right")
    both = result["by_kind_and_lang"]
    for kind in CHANGES:
        if kind in result["by_kind"]:
            cells = [_number(both.get(f"{kind}/{language}")) for language in languages]
            found = result["by_kind"][kind]
            shown.add_row(kind, *cells, _number(found), str(found["trials"]))
    cells = [_number(result["by_lang"][language]) for language in languages]
    shown.add_row("all", *cells, _number(result), str(result["trials"]))
    return shown


def _number(found: dict[str, Any] | None) -> str:
    return f"{found['same']:.3f}" if found and found["same"] is not None else "–"


def _keep(
    settings: Settings, result: dict[str, Any], trials: list[Trial], json_path: Path | None, console: Console
) -> None:
    folder = settings.var / "eval"
    target = json_path or folder / "robustness.json"
    for path, content in (
        (target, json.dumps(result, ensure_ascii=False, indent=1) + "\n"),
        (folder / "robustness.md", misses(trials)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    console.print(f"Report: {target}\nMisses: {folder / 'robustness.md'}")
