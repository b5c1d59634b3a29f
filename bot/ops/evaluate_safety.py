"""`jawab safety`: hostile and odd messages to the running system; the table, the report and the faults."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.evaluation.facts import known_facts
from bot.evaluation.safety import read_cases, report, run
from bot.ops.evaluate import DEVELOPMENT, progress_bar, running_system
from bot.settings import Settings


def measure(settings: Settings, cases: Path | None, json_path: Path | None, console: Console) -> dict[str, Any]:
    """Run the suite on the running system (started for the time if need be), print and keep what came of it."""
    chosen = read_cases(cases or settings.root / DEVELOPMENT / "safety.yaml")
    with running_system(settings, console), progress_bar(console) as progress:
        task = progress.add_task("Odd messages", total=len(chosen))
        results = run(settings, chosen, known_facts(settings.root), lambda: progress.advance(task))
    result = report(results)
    console.print(table(result))
    console.print("Faults by sort: " + ", ".join(f"{sort} {count}" for sort, count in result["by_sort"].items()))
    for fault in result["faults"]:
        console.print(f"{fault['kind']}: {fault['message']!r}: {'; '.join(fault['faults'])}", markup=False)
    target = json_path or settings.var / "eval" / "safety.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    console.print(f"Report: {target}")
    return result


def table(result: dict[str, Any]) -> Table:
    """How many messages of each kind found a right way out."""
    shown = Table(title="Hostile and odd messages", title_justify="left")
    shown.add_column("kind")
    shown.add_column("messages", justify="right")
    shown.add_column("right", justify="right")
    for kind, numbers in [*result["by_kind"].items(), ("all", result)]:
        shown.add_row(kind, str(numbers["messages"]), str(numbers["right"]))
    return shown
