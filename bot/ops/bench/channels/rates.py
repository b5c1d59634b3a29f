"""What is counted about channels: the busiest second, the share of a ceiling, whether a figure stays level."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.ops.bench.numbers import summary

# A figure is level when its last third is no more than so much above its second; the first third warms up.
LEVEL_MEMORY, LEVEL_LATENCY = 1.05, 1.25
THIRDS = 3


def with_p99(seconds: Sequence[float | None]) -> dict[str, Any]:
    """The usual summary, and the time within which 99 of 100 were done."""
    times = sorted(one for one in seconds if one is not None)
    found = summary(seconds)
    if len(times) > 1:
        found["p99_ms"] = round(statistics.quantiles(times, n=100, method="inclusive")[-1] * 1000, 1)
    return found


def busiest_second(moments: Sequence[float]) -> int:
    """The most moments that any second holds, wherever it begins."""
    ordered, most, first = sorted(moments), 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def per_second(moments: Sequence[float]) -> float:
    """How many a second there were between the first and the last."""
    if len(moments) < 2 or max(moments) == min(moments):  # noqa: PLR2004
        return 0.0
    return round((len(moments) - 1) / (max(moments) - min(moments)), 1)


@dataclass(frozen=True)
class Trend:
    """How a figure went on after its first third: growth a minute, and its last third over its second."""

    per_minute: float
    ratio: float


def trend(values: Sequence[float], each_seconds: float) -> Trend:
    """The trend of values that were taken so many seconds apart; too few are level."""
    third = len(values) // THIRDS
    if not third:
        return Trend(0.0, 1.0)
    second, last = values[third : 2 * third], values[2 * third :]
    settled = values[third:]
    minutes = [number * each_seconds / 60 for number in range(len(settled))]
    slope = statistics.linear_regression(minutes, settled).slope if len(settled) > 1 else 0.0
    before = statistics.mean(second)
    return Trend(round(slope, 2), round(statistics.mean(last) / before, 3) if before else 1.0)
