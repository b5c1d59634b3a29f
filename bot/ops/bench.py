"""How fast the running system answers, with several conversations at the same time."""

import statistics
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.ops.chat import connected
from bot.settings import Settings

QUESTIONS = (
    "بشحال التامبر ديال الباسبور؟",
    "chno lwra9 dyal la carte nationale",
    "date limite vignette ?",
    "where do I file a complaint",
    "ما هي مدة الحصول على جواز السفر؟",
    "merci",
)


def run(settings: Settings, conversations: int, messages: int, console: Console) -> None:
    """Hold conversations with the running system, and print the times from question to first reply."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    began = monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Asking", total=conversations * messages)
        lock = threading.Lock()

        def converse(number: int) -> list[float | None]:
            times = []
            with connected(settings.web_url) as chat:
                for turn in range(messages):
                    times.append(chat.seconds_to_reply(QUESTIONS[(number + turn) % len(QUESTIONS)]))
                    with lock:
                        progress.advance(task)
            return times

        with ThreadPoolExecutor(conversations) as pool:
            results = [seconds for times in pool.map(converse, range(conversations)) for seconds in times]
    _report(results, monotonic() - began, console)


def _report(results: Sequence[float | None], elapsed: float, console: Console) -> None:
    times = sorted(seconds for seconds in results if seconds is not None)
    table = Table("messages", "unanswered", "per second", "p50", "p95", "slowest")
    unanswered = len(results) - len(times)
    row = [str(len(results)), str(unanswered), f"{len(times) / elapsed:.1f}"]
    if len(times) > 1:
        cuts = statistics.quantiles(times, n=20, method="inclusive")
        row += [f"{seconds * 1000:.0f} ms" for seconds in (statistics.median(times), cuts[-1], times[-1])]
    table.add_row(*row)
    console.print(table)
