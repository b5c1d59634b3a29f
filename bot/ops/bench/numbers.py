"""What is counted: times as p50 and p95, memory and processor time of processes by what they do."""

import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

# A word of the command line, and the process that has it; the first that fits counts.
ROLES = {
    "rasa run": "rasa",
    "actions.server": "actions",
    "uvicorn": "web",
    "bot.cli worker": "worker",
    "bot.cli up": "supervisor",
    "postgres": "postgres",
    "redis": "redis",
}
MEGABYTE = 1_000_000
LOOP_TURNS, LOOPS = 5_000_000, 3
Ask = Callable[[int], float | None]


def summary(seconds: Sequence[float | None]) -> dict[str, Any]:
    """Count, failures, p50, p95 and the slowest, in milliseconds; no times give only the counts."""
    times = sorted(one for one in seconds if one is not None)
    result: dict[str, Any] = {"count": len(seconds), "failed": len(seconds) - len(times)}
    if times:
        p95 = statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
        named = {"p50_ms": statistics.median(times), "p95_ms": p95, "slowest_ms": times[-1]}
        result |= {name: round(value * 1000, 1) for name, value in named.items()}
    return result


def loop_seconds() -> float:
    """How long a fixed loop in Python takes at best: runs on machines of different speed are compared by it."""
    times = []
    for _ in range(LOOPS):
        began, total = time.perf_counter(), 0
        for number in range(LOOP_TURNS):
            total += number * number
        times.append(time.perf_counter() - began)
    return round(min(times), 2)


def crowd(clients: Sequence[Ask], each: int, advance: Callable[[], None]) -> dict[str, Any]:
    """Clients that all ask at the same time, each one thing after another; with answers per second of all."""
    gate = threading.Barrier(len(clients))

    def converse(ask: Ask) -> list[float | None]:
        gate.wait()
        times = []
        for number in range(each):
            times.append(ask(number))
            advance()
        return times

    began = time.monotonic()
    with ThreadPoolExecutor(len(clients)) as threads:
        times = [seconds for own in threads.map(converse, clients) for seconds in own]
    result = summary(times)
    result["per_second"] = round((result["count"] - result["failed"]) / (time.monotonic() - began), 1)
    return result


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it started."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def role_of(process: psutil.Process) -> str:
    """What a process does in the system, by its command line."""
    words = " ".join(process.cmdline())
    return next((role for sign, role in ROLES.items() if sign in words), "other")


def memory(processes: Sequence[psutil.Process]) -> dict[str, float]:
    """Megabytes by role and in all: proportional set size, so that shared pages count once."""
    found: Counter[str] = Counter()
    for process in processes:
        try:
            full = process.memory_full_info()
            found[role_of(process)] += getattr(full, "pss", 0) or full.uss
        except psutil.Error:
            continue
    sizes = {role: round(size / MEGABYTE) for role, size in sorted(found.items())}
    return {**sizes, "all": round(sum(found.values()) / MEGABYTE)}


def cpu_percent(processes: Sequence[psutil.Process], seconds: float) -> dict[str, float]:
    """Percent of one core by role and in all, over some seconds from now."""
    before = _cpu_seconds(processes)
    time.sleep(seconds)
    after = _cpu_seconds(processes)
    used = {role: round(100 * (after[role] - before[role]) / seconds, 1) for role in sorted(after)}
    return {**used, "all": round(sum(used.values()), 1)}


def _cpu_seconds(processes: Sequence[psutil.Process]) -> defaultdict[str, float]:
    found: defaultdict[str, float] = defaultdict(float)
    for process in processes:
        try:
            spent = process.cpu_times()
            found[role_of(process)] += spent.user + spent.system
        except psutil.Error:
            continue
    return found
