"""The figures as a page to read: tables in Markdown and pictures in SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from bot.ops.bench import desk
from bot.ops.bench.channels import tables
from bot.ops.bench.markdown import pair, table

PICTURES = Path("docs", "pictures")
PAGE = Path("docs", "performance.md")
BEGIN, END = "<!-- figures: made by `jawab bench --write` -->", "<!-- end of the figures -->"
INK, PAPER, OURS, STOCK = "#1b2a2f", "#fffdf8", "#146e5a", "#c0562f"
COLOURS = ("#146e5a", "#2f9e82", "#274c77", "#6096ba", "#c0562f", "#e0a458", "#8c6bb1", "#b5838d", "#9aa5a8")
WIDTH, ROW, LEFT = 820, 34, 250


def page(result: Mapping[str, Any]) -> str:
    """All tables."""
    parts = [_head(result)]
    if "ours" in result:
        parts += [_speed(result), _resources(result), _breakdown(result["ours"])]
    if "search" in result:
        parts.append(_search(result["search"]))
    if "scaling" in result:
        parts.append(_scaling(result["scaling"]))
    parts += tables.page(result)
    if "desk" in result:
        parts.append(desk.page(result["desk"]))
    return "\n\n".join(part for part in parts if part)


def _head(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    words = f"Measured on {result['measured_on']}, {machine['cores']} cores, load before: {machine['load']}"
    return words + ("; quick run, the figures mean little." if result.get("quick") else ".")


def _speed(result: Mapping[str, Any]) -> str:
    ours, stock = result["ours"], result.get("stock") or {}
    rows: list[tuple[object, ...]] = []
    for history, turn in ours["turns_after"].items():
        understood, other = ours["understanding_after"][history], stock.get("after", {}).get(history)
        ratio = f"{other['p50_ms'] / understood['p50_ms']:.1f}" if other else None
        rows.append((f"after {history} messages", pair(turn), pair(understood), pair(other), ratio))
    crowds = ours["crowd"], ours["understanding_crowd"], stock.get("crowd")
    rows.append(("many at once", *(pair(one) for one in crowds), None))
    rates = [one and one["per_second"] for one in crowds]
    rows.append(("answers a second, many at once", *rates, f"{rates[1] / rates[2]:.1f}" if rates[2] else None))
    head = (
        "p50 / p95 in ms",
        "whole durable turn",
        "Rasa and actions",
        "stock Rasa",
        "stock ÷ ours, or rates ours ÷ stock",
    )
    return table(head, rows)


def _resources(result: Mapping[str, Any]) -> str:
    ours, stock = result["ours"], result.get("stock") or {}
    memory = ours["rest"]["memory_mb"]
    named = ", ".join(f"{role} {size}" for role, size in memory.items() if role != "all")
    edit = ours["edit_to_answer"].get("p50_ms")
    rows = [
        (f"memory at rest, MB ({named})", memory["all"], stock.get("memory_mb", {}).get("all")),
        (
            "processor at rest, % of a core",
            ours["rest"]["idle_cpu_percent"]["all"],
            stock.get("idle_cpu_percent", {}).get("all"),
        ),
        ("start to ready, s", ours["ready_seconds"], None),
        ("start to the first answer, s", ours["first_answer_seconds"], stock.get("first_answer_seconds")),
        ("an edit's way into answers, s", edit and round(edit / 1000, 2), stock.get("training_seconds")),
        ("5 million multiplications in Python, s", ours["loop_seconds"], stock.get("loop_seconds")),
    ]
    return table(("", "ours", "stock Rasa"), rows)


def _breakdown(ours: Mapping[str, Any]) -> str:
    if "breakdown" not in ours:
        return ""
    rows = [(name, value) for name, value in ours["breakdown"].items()]
    return table(("where a turn's time goes", "ms"), rows)


def _search(search: Mapping[str, Any]) -> str:
    sizes = [(size, one) for size, one in search.items() if isinstance(one, Mapping)]
    rows = [
        (f"{int(size):,} entries", pair(one), one["bytes_per_entry"], one["index_seconds"], one["index_again_seconds"])
        for size, one in sizes
    ]
    head = ("search", "p50 / p95 ms", "bytes an entry", "first index s", "after an edit s")
    note = f"Embedding a new phrase takes {search['embedding_ms_per_phrase']} ms more, once."
    return table(head, rows) + "\n\n" + note


def _scaling(scaling: Mapping[str, Any]) -> str:
    rows = []
    for kind, check in (("rasa", "rasa_same_answers"), ("web", "web_order_kept")):
        one, two = scaling[f"{kind}_1"]["per_second"], scaling[f"{kind}_2"]["per_second"]
        held = "yes" if scaling[check] else "NO"
        rows.append(
            (f"{kind} processes", one, two, f"{two / one:.2f}" if one else None, f"{check.replace('_', ' ')}: {held}")
        )
    return table(("answers a second", "one", "two", "ratio", "checked"), rows)


def write(root: Path, result: Mapping[str, Any]) -> list[Path]:
    """Put tables and pictures into the documentation; gives the files."""
    written = [root / PAGE]
    before = written[0].read_text("utf-8")
    head, _, rest = before.partition(BEGIN)
    tail = rest.partition(END)[2]
    written[0].write_text(f"{head}{BEGIN}\n\n{page(result)}\n\n{END}{tail}", "utf-8")
    for name, picture in pictures(result).items():
        path = root / PICTURES / f"performance-{name}.svg"
        path.write_text(picture, "utf-8")
        written.append(path)
    return written


def pictures(result: Mapping[str, Any]) -> dict[str, str]:
    """The pictures by name, as far as the figures go."""
    found = {}
    ours, stock = result.get("ours"), result.get("stock")
    if ours and "breakdown" in ours:
        found["turn"] = parts_svg("Where a turn's time goes (ms, median turn)", ours["breakdown"])
    if ours and stock:
        bars = []
        for history, one in stock["after"].items():
            bars.append((f"after {history}: Jawab", ours["understanding_after"][history]["p50_ms"], OURS))
            bars.append((f"after {history}: stock Rasa", one["p50_ms"], STOCK))
        found["talk"] = bars_svg("One message, by the length of the talk (p50 ms, Rasa and actions)", bars)
    return found


def parts_svg(title: str, parts: Mapping[str, float]) -> str:
    """One bar for each part, each beginning where the one before ends."""
    total = max(sum(max(value, 0) for value in parts.values()), 0.1)
    scale, at, drawn = (WIDTH - LEFT - 80) / total, float(LEFT), []
    for number, (name, value) in enumerate(parts.items()):
        width = max(value, 0) * scale
        drawn.append(_bar(number, name, value, (at, max(width, 1)), COLOURS[number % len(COLOURS)]))
        at += width
    return _svg(title, drawn)


def bars_svg(title: str, bars: Sequence[tuple[str, float, str]]) -> str:
    """Bars from one line, longest in full."""
    scale = (WIDTH - LEFT - 80) / max([value for _, value, _ in bars] + [0.1])
    return _svg(
        title, [_bar(n, name, v, (LEFT, max(v * scale, 1)), colour) for n, (name, v, colour) in enumerate(bars)]
    )


def _bar(number: int, name: str, value: float, across: tuple[float, float], colour: str) -> str:
    x, width = across
    y = 44 + ROW * number
    return (
        f'<text x="{LEFT - 10}" y="{y + 17}" text-anchor="end">{escape(name)}</text>'
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 10}" fill="{colour}"/>'
        f'<text x="{x + width + 6:.1f}" y="{y + 17}">{value:.1f}</text>'
    )


def _svg(title: str, drawn: Sequence[str]) -> str:
    height = 54 + ROW * len(drawn)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}" role="img"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
        f'<text x="16" y="26" font-size="15" font-weight="bold">{escape(title)}</text>'
    )
    return "\n".join([head, *drawn, "</svg>"]) + "\n"
