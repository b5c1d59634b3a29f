"""What the database needs before the first citizen: databases, tables, the catalogue."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.catalogue.service import ImportResult, export_file, import_files, import_shipped
from bot.ops.embedded import tables_at_hand
from bot.settings import Settings

SHIPPED = Path("data", "catalogue")


def prepare(settings: Settings, console: Console) -> None:
    """Make databases and tables, and bring in the shipped catalogue if its files have changed."""
    with tables_at_hand(settings) as database, _progress(console) as progress:
        with database.transaction() as session:
            result = import_shipped(session, settings.root / SHIPPED, progress)
    if result is None:
        console.print("The database and its catalogue are up to date.")
    else:
        console.print(f"✓ Catalogue: {_summary(result)}", style="green", highlight=False)
        for one in result.left:
            console.print(f"Note: {one} was shipped anew; it stays as it was edited at the desk.", markup=False)


def import_catalogue(settings: Settings, files: Sequence[Path], console: Console) -> None:
    """Take files into the catalogue, with a bar; nothing changes when anything is wrong."""
    with tables_at_hand(settings) as database, _progress(console) as progress:
        with database.transaction() as session:
            result = import_files(session, files, progress)
    for note in result.notes:
        console.print(f"Note: {note}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    console.print(f"✓ {_summary(result)}", style="green", highlight=False)


def export_catalogue(settings: Settings, file: Path) -> int:
    """Write the catalogue into a file; gives the number of entries."""
    with tables_at_hand(settings) as database, database.transaction() as session:
        return export_file(session, file)


def _summary(result: ImportResult) -> str:
    return f"{result.added} new, {result.changed} changed, {result.unchanged} as before"


@contextlib.contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Bringing in the catalogue", total=None)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield advance
