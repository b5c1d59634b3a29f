"""`jawab eval`: run the sets through the system, print the table, keep report, picture and misses."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.db.session import Database
from bot.dialogue.client import DialogueClient
from bot.dialogue.language import load_detector
from bot.evaluation.metrics import Row, Turn, report
from bot.evaluation.pictures import confusion_svg
from bot.evaluation.run import dump, run_dialogues, run_utterances
from bot.evaluation.sets import EvaluationError, read_dialogues, read_utterances
from bot.ops.services import all_answer, jawab_command
from bot.settings import Settings

DEVELOPMENT = Path("eval")
START_SECONDS = 900
COLUMNS = {
    "rows": "rows",
    "intent_accuracy": "act acc.",
    "intent_macro_f1": "act F1",
    "service_recall_at_1": "serv. @1",
    "service_recall_at_3": "serv. @3",
    "out_of_scope_f1": "scope F1",
    "unknown_service_f1": "unkn. F1",
    "clarified": "asked which",
    "clarified_with_right_choice": "right among",
}


def run(
    settings: Settings,
    utterances: Path | None,
    dialogues: Path | None,
    json_path: Path | None,
    console: Console,
) -> int:
    """Measure; gives the exit code. Starts the system for the time when it does not run already."""
    singles = read_utterances(utterances or settings.root / DEVELOPMENT / "utterances.tsv")
    talks = read_dialogues(dialogues or settings.root / DEVELOPMENT / "dialogues.yaml")
    with running_system(settings, console):
        detector = load_detector(settings.root)
        client = DialogueClient(settings.rasa_url, settings.rasa_token.get_secret_value(), timeout_seconds=60)
        database = Database(settings.database_url)
        with progress_bar(console) as progress:
            task = progress.add_task("Single messages", total=len(singles))
            rows = run_utterances(client, detector, singles, lambda: progress.advance(task))
            total = sum(len(talk.turns) for talk in talks)
            talk_task = progress.add_task("Dialogues", total=total)
            turns = run_dialogues(settings.web_url, database, talks, lambda: progress.advance(talk_task))
        client.close()
        database.dispose()
    result = report(rows, turns)
    console.print(table(result))
    _keep(settings, result, rows, turns, json_path, console)
    return 0


def table(result: dict[str, Any]) -> Table:
    """The numbers by language, in the 80 columns of a plain terminal."""
    shown = Table(title="Development of understanding", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.add_column("")
    for title in (*COLUMNS.values(), "facts shown"):
        shown.add_column(title, justify="right", min_width=5)
    for name, numbers in [*result["by_lang"].items(), ("all", result["overall"])]:
        facts = f"{numbers.get('dialogue_turns_passed', 0)}/{numbers.get('dialogue_turns', 0)}"
        shown.add_row(name, *(_number(numbers.get(key)) for key in COLUMNS), facts)
    return shown


def _number(value: float | int | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _keep(
    settings: Settings,
    result: dict[str, Any],
    rows: list[Row],
    turns: list[Turn],
    json_path: Path | None,
    console: Console,
) -> None:
    folder = settings.var / "eval"
    folder.mkdir(parents=True, exist_ok=True)
    target = json_path or folder / "report.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(dump(result), encoding="utf-8")
    (folder / "confusion.svg").write_text(confusion_svg(rows), encoding="utf-8")
    (folder / "misses.md").write_text(misses(rows, turns), encoding="utf-8")
    console.print(f"Report: {target}\nConfusion: {folder / 'confusion.svg'}\nMisses: {folder / 'misses.md'}")


def misses(rows: list[Row], turns: list[Turn]) -> str:
    """What went wrong, as a page to read."""
    lines = ["# Misses", "", "## Acts", ""]
    lines += [
        f"- {row.id} ({row.lang}) {row.text}: **{row.intent}**, taken for {row.predicted} ({row.confidence:.2f})"
        for row in rows
        if row.predicted != row.intent
    ]
    lines += ["", "## Services", ""]
    lines += [
        f"- {row.id} ({row.lang}) {row.text}: **{row.service}**, found {', '.join(row.ranked[:3]) or row.outcome}"
        for row in rows
        if row.service and list(row.ranked[:1]) != [row.service] and row.outcome != "unknown_service"
    ]
    lines += ["", "## Facts missing in dialogues", ""]
    lines += [
        f"- {turn.dialogue}.{turn.turn} {turn.text}: missing {', '.join(turn.missing)}"
        for turn in turns
        if turn.passed is False
    ]
    return "\n".join(lines) + "\n"


def progress_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


@contextmanager
def running_system(settings: Settings, console: Console) -> Iterator[None]:
    """The system as it runs already, or one of our own for the time of the block."""
    if all_answer(settings):
        yield
        return
    console.print("The system does not run; starting it for the measurement …")
    log_path = settings.var / "log" / "eval.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log:
        child = subprocess.Popen(jawab_command("up"), cwd=settings.root, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(child, settings, log_path)
            yield
        finally:
            child.terminate()
            child.wait(timeout=60)


def _wait(child: "subprocess.Popen[bytes]", settings: Settings, log_path: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise EvaluationError(f"The system did not start; see {log_path}")
        if all_answer(settings):
            return
        time.sleep(0.5)
    raise EvaluationError(f"The system was not ready in time; see {log_path}")
