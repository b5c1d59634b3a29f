"""Hours in small: a steady mixed load for ten minutes, to see whether memory and latency stay where they are."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bot.ops.bench.channels.doors import Doors
from bot.ops.bench.channels.measures import let_in
from bot.ops.bench.channels.rates import LEVEL_LATENCY, LEVEL_MEMORY, trend, with_p99
from bot.ops.bench.channels.talks import Moment, talk, talkers
from bot.ops.bench.channels.vendors import Vendor
from bot.ops.bench.numbers import family, memory
from bot.ops.bench.plan import Plan

THINK_SECONDS = 12.0
MINUTE = 60.0


async def soak(doors: Doors, vendors: Mapping[str, Vendor], pid: int, plan: Plan) -> dict[str, Any]:
    """Memory of every process, and latencies by the minute, with a word on whether they are level."""
    people = let_in(vendors, talkers(plan.soak_talkers))
    sizes: list[dict[str, float]] = []
    looking = asyncio.create_task(_look(pid, plan.soak_look_seconds, sizes))
    began = time.monotonic()
    moments = await talk(doors, vendors, people, seconds=plan.soak_seconds, think_seconds=THINK_SECONDS)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    minutes = by_minute(moments, began)
    return {
        "seconds": plan.soak_seconds,
        "per_second": round(len(moments) / plan.soak_seconds, 1),
        "look_seconds": plan.soak_look_seconds,
        "memory_mb": sizes,
        "minutes": minutes,
        "all": with_p99([one.seconds for one in moments]),
        "level": levels(sizes, minutes, plan.soak_look_seconds),
    }


async def _look(pid: int, each_seconds: float, sizes: list[dict[str, float]]) -> None:
    while True:
        sizes.append(await asyncio.to_thread(lambda: memory(family(pid))))
        await asyncio.sleep(each_seconds)


def by_minute(moments: Sequence[Moment], began: float) -> list[dict[str, Any]]:
    """The summary of each whole minute, by when the messages were sent."""
    found: dict[int, list[float | None]] = {}
    for one in moments:
        found.setdefault(int((one.sent_at - began) // MINUTE), []).append(one.seconds)
    return [with_p99(found[number]) for number in sorted(found)]


def levels(
    sizes: Sequence[Mapping[str, float]], minutes: Sequence[Mapping[str, Any]], look_seconds: float
) -> dict[str, dict[str, Any]]:
    """For each process and for the latencies: growth a minute, last third over second, and whether that is level."""
    roles = sorted(set().union(*sizes)) if sizes else []
    figures = {f"{role}, MB": ([one.get(role, 0.0) for one in sizes], look_seconds, LEVEL_MEMORY) for role in roles}
    for name in ("p50_ms", "p95_ms"):
        times = [one[name] for one in minutes if name in one]
        figures[f"latency {name.removesuffix('_ms')}, ms"] = (times, MINUTE, LEVEL_LATENCY)
    result = {}
    for name, (values, seconds, most) in figures.items():
        found = trend(values, seconds)
        result[name] = {"per_minute": found.per_minute, "ratio": found.ratio, "is_level": found.ratio <= most}
    return result
