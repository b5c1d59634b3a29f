"""`jawab doctor`: look at everything that a start needs, and say in plain words what to do."""

from collections.abc import Callable, Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.ops.checks import ALL
from bot.ops.findings import Finding, Level
from bot.settings import Settings, SettingsError, load_settings

STYLES = {Level.OK: "green", Level.NOTE: "yellow", Level.FAIL: "bold red"}

Check = Callable[[Settings], Iterable[Finding]]


def examine(console: Console) -> int:
    """Print all findings; gives the exit code: 1 when something would stop the start."""
    try:
        settings = load_settings()
    except SettingsError as error:
        findings = [Finding(Level.FAIL, "settings", words, ".env.example") for words in error.problems]
    else:
        findings = [finding for check in ALL for finding in _safely(check, settings)]
    console.print(_table(findings))
    stops = [finding for finding in findings if finding.level is Level.FAIL]
    if stops:
        console.print(f"{len(stops)} of these would stop the start.", style="bold red")
    else:
        console.print("Ready: `jawab up` starts everything.", style="green")
    return 1 if stops else 0


def _safely(check: Check, settings: Settings) -> list[Finding]:
    try:
        return list(check(settings))
    except Exception as error:  # noqa: BLE001 (a check that breaks is a finding; the others go on)
        name = check.__name__.removeprefix("check_")
        return [Finding(Level.FAIL, name, f"could not be looked at: {error}", "Report this as a bug.")]


def _table(findings: Iterable[Finding]) -> Table:
    table = Table(title="Jawab: is everything in place?", title_justify="left", show_lines=False)
    table.add_column("")
    table.add_column("what", no_wrap=True)
    table.add_column("how it is", overflow="fold")
    table.add_column("what to do", overflow="fold")
    for finding in findings:
        style = STYLES[finding.level]
        mark = Text(finding.level.value, style=style)
        table.add_row(mark, finding.subject, Text(finding.words), Text(finding.advice, style=style))
    return table
