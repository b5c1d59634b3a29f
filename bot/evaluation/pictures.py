"""The confusion of intents as an SVG that opens in any browser."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from bot.evaluation.metrics import Row

CELL, LEFT, TOP = 22, 170, 170
INK, PAPER = "#1b2a2f", "#fffdf8"


def confusion_svg(rows: Sequence[Row]) -> str:
    """Expected acts down, predicted ones across; darker is more, red is wrong, counts are written in."""
    labels = sorted({row.intent for row in rows} | {row.predicted for row in rows})
    counts = Counter((row.intent, row.predicted) for row in rows)
    totals = Counter(row.intent for row in rows)
    width, height = LEFT + CELL * len(labels) + 20, TOP + CELL * len(labels) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="11" fill="{INK}">',
        "<title>Confusion of acts: expected down, predicted across</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
    ]
    for number, label in enumerate(labels):
        middle = CELL * number + CELL / 2 + 4
        parts.append(f'<text x="{LEFT - 6}" y="{TOP + middle}" text-anchor="end">{escape(label)}</text>')
        parts.append(f'<text transform="translate({LEFT + middle},{TOP - 6}) rotate(-60)">{escape(label)}</text>')
    for down, expected in enumerate(labels):
        for across, predicted in enumerate(labels):
            if counts[expected, predicted]:
                parts.append(_cell(down, across, counts[expected, predicted], totals[expected]))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _cell(down: int, across: int, count: int, total: int) -> str:
    colour = "20, 110, 90" if down == across else "190, 40, 40"
    strength = 0.15 + 0.85 * count / total
    x, y = LEFT + CELL * across, TOP + CELL * down
    return (
        f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" fill="rgba({colour}, {strength:.2f})"/>'
        f'<text x="{x + CELL / 2 - 0.5}" y="{y + CELL / 2 + 4}" text-anchor="middle" '
        f'fill="{PAPER if strength > 0.6 else INK}">{count}</text>'  # noqa: PLR2004
    )
