"""`jawab bench`: measure our system and a stock Rasa beside it; keep the figures, and write them up if asked to."""

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from bot.errors import JawabError
from bot.ops import train as training
from bot.ops.bench import breakdown, desk, ours, report, scaling, searching, stock
from bot.ops.bench.channels import command as channels
from bot.ops.bench.numbers import loop_seconds
from bot.ops.bench.plan import Plan
from bot.ops.bench.system import Running, own_installation, running_system
from bot.ops.services import all_answer
from bot.settings import Settings

PARTS = ("ours", "stock", "search", "scaling", *channels.PARTS, *desk.PARTS)
Advance = Callable[[], None]


class BenchError(JawabError):
    """The measurement cannot be made as asked."""


def run(settings: Settings, parts: list[str], *, quick: bool, write: bool, console: Console) -> None:
    """Measure the parts; what was measured before stays in var/bench.json for those that are not."""
    threadpool_limits(1)  # As in the servers: what is timed in this process must not fight for the cores.
    wanted = _known(parts) or list(PARTS)
    if all_answer(settings):
        console.print("The system is running: its work will show in the figures.", style="yellow")
    plan = Plan.quick() if quick else Plan()
    path = settings.var / "bench.json"
    result = json.loads(path.read_text("utf-8")) if path.exists() else {}
    result |= _circumstances(quick=quick)
    own = own_installation(settings)
    # Its model must be there for whatever is timed.
    training.train_if_stale(own.root, own.var / "log", console)
    if "ours" in wanted or "scaling" in wanted or "search" in wanted:
        result |= _with_system(own, plan, wanted, console)
    if "stock" in wanted:
        with _bar(console, "Stock Rasa (trains once)", _stock_steps(plan)) as advance:
            result["stock"] = {**stock.measure(settings, plan, advance), "loop_seconds": loop_seconds()}
    for others in (channels, desk):
        if any(part in wanted for part in others.PARTS):
            result |= others.measure(settings, plan, wanted, console.print, quick=quick)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", "utf-8")
    console.print(Markdown(report.page(result)))
    console.print(f"Figures: {path}", highlight=False)
    if write:
        for written in report.write(settings.root, result):
            console.print(f"Written: {written}", highlight=False)


def _known(parts: list[str]) -> list[str]:
    if unknown := [part for part in parts if part not in PARTS]:
        raise BenchError(f"There is no part {', '.join(unknown)}; the parts are {', '.join(PARTS)}.")
    return parts


def _circumstances(*, quick: bool) -> dict[str, Any]:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return {"measured_on": today, "quick": quick, "machine": {"cores": os.cpu_count(), "load": load}}


def _with_system(own: Settings, plan: Plan, wanted: list[str], console: Console) -> dict[str, Any]:
    result: dict[str, Any] = {}
    console.print("Starting an installation of the bench's own …")
    _prepare(own)
    with running_system(own) as running:
        if "ours" in wanted:
            result["ours"] = _ours(running, plan, console)
        if "search" in wanted:
            with _bar(console, "Search", len(plan.search_sizes) * plan.searches) as advance:
                result["search"] = searching.measure(own, plan, advance)
        if "scaling" in wanted:
            with _bar(console, "One and two processes", 4 * plan.crowd * plan.crowd_turns) as advance:
                result["scaling"] = scaling.measure(own, plan, advance)
    return result


def _prepare(own: Settings) -> None:
    """Start once, so that the start that is timed finds database, catalogue and model as a restart does."""
    if not (own.var / "prepared").exists():
        with running_system(own):
            pass
        (own.var / "prepared").touch()


def _ours(running: Running, plan: Plan, console: Console) -> dict[str, Any]:
    own = running.settings
    result: dict[str, Any] = {
        "ready_seconds": round(running.ready_seconds, 1),
        "first_answer_seconds": round(running.first_answer_seconds, 1),
        "loop_seconds": loop_seconds(),
        "rest": ours.at_rest(running, plan),
    }
    ours.warm(own)
    histories = [str(history) for history in plan.histories]
    steps = 2 * (len(histories) * plan.turns + plan.crowd * plan.crowd_turns) + plan.edits
    with _bar(console, "Our system", steps) as advance:
        turns = {h: ours.turns_after(own, int(h), plan, advance) for h in histories}
        moments = {h: turns[h].pop("moments") for h in histories}
        result["turns_after"] = turns
        result["crowd"] = ours.crowd_of_citizens([own.web_url], plan, advance)
        result["understanding_after"] = {h: ours.understanding_after(own, int(h), plan, advance) for h in histories}
        result["understanding_crowd"] = ours.crowd_of_understanding(own, list(own.rasa_urls), plan, advance)
        result["edit_to_answer"] = ours.edit_to_answer(own, plan, advance)
    result["breakdown"] = breakdown.measure(own, moments[histories[0]], plan)
    return result


def _stock_steps(plan: Plan) -> int:
    return len(plan.histories) * plan.turns + plan.crowd * plan.crowd_turns


@contextmanager
def _bar(console: Console, name: str, total: int) -> Iterator[Advance]:
    columns = TextColumn("{task.description:28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(name, total=total)
        yield lambda: progress.advance(task)
