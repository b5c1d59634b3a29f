"""Tables in Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; the first column is words, None a dash."""
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---", *["---:"] * (len(head) - 1)]) + "|"]
    lines += ["| " + " | ".join("–" if cell is None else str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def pair(numbers: Mapping[str, Any] | None) -> str | None:
    """Median and p95 in milliseconds."""
    return f"{numbers['p50_ms']:.0f} / {numbers['p95_ms']:.0f}" if numbers and "p50_ms" in numbers else None
