"""Charts of the comparison as SVG that opens in any browser: accuracy by language, and reliability."""

from collections.abc import Mapping, Sequence
from html import escape

from bot.evaluation.calibration import Bin
from bot.evaluation.pictures import INK, PAPER

COLOURS = ("#146e5a", "#c8772e", "#3d5a98", "#a33b52", "#6b7a2a", "#77569c", "#5b6770")
BAR, GAP, NAMES, PLOT = 16, 8, 270, 420
SIDE, EDGE = 300, 50
LOWEST = 0.3


def _head(width: int, height: int, title: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
    ]


def bars_svg(title: str, shares: Mapping[str, tuple[float, float]]) -> str:
    """Two bars a name, both from 0 to 1: held-out examples above, the development set below."""
    height = 60 + len(shares) * (2 * BAR + GAP) + 10
    parts = _head(NAMES + PLOT + 60, height, title)
    parts.append(f'<text x="{NAMES}" y="20" font-weight="bold">{escape(title)}</text>')
    for number, words in enumerate(("held-out examples", "development set")):
        x = NAMES + 160 * number
        parts.append(f'<rect x="{x}" y="32" width="12" height="12" fill="{COLOURS[number]}"/>')
        parts.append(f'<text x="{x + 18}" y="42">{words}</text>')
    for row, (name, pair) in enumerate(shares.items()):
        top = 56 + row * (2 * BAR + GAP)
        parts.append(f'<text x="{NAMES - 8}" y="{top + BAR + 4}" text-anchor="end">{escape(name)}</text>')
        for number, share in enumerate(pair):
            y = top + number * BAR
            parts.append(
                f'<rect x="{NAMES}" y="{y}" width="{PLOT * share:.1f}" height="{BAR - 2}" fill="{COLOURS[number]}"/>'
            )
            parts.append(f'<text x="{NAMES + PLOT * share + 5:.1f}" y="{y + 11}">{share:.3f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def languages_svg(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """A line of dots for each language, one dot a system, from LOWEST to 1."""
    languages = list(next(iter(rows.values())))
    height = 60 + 26 * len(languages) + 30 + 18 * len(rows)
    parts = _head(NAMES // 3 + PLOT + 140, height, title)
    left = NAMES // 3
    parts.append(f'<text x="{left}" y="20" font-weight="bold">{escape(title)}</text>')
    for tenth in range(round(LOWEST * 10), 11):
        x = left + _across(tenth / 10)
        parts.append(f'<path d="M{x} 40V{50 + 26 * len(languages)}" stroke="{INK}" stroke-opacity="0.15"/>')
        parts.append(f'<text x="{x}" y="{64 + 26 * len(languages)}" text-anchor="middle">{tenth / 10}</text>')
    for line, language in enumerate(languages):
        y = 56 + 26 * line
        parts.append(f'<text x="{left - 10}" y="{y + 4}" text-anchor="end">{escape(language)}</text>')
        for number, shares in enumerate(rows.values()):
            x = left + _across(shares[language])
            parts.append(f'<circle cx="{x:.1f}" cy="{y}" r="6" fill="{_colour(number)}" fill-opacity="0.8"/>')
    for number, name in enumerate(rows):
        y = 84 + 26 * len(languages) + 18 * number
        parts.append(f'<circle cx="{left + 6}" cy="{y}" r="6" fill="{_colour(number)}"/>')
        parts.append(f'<text x="{left + 20}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _across(share: float) -> float:
    return PLOT * max(share - LOWEST, 0) / (1 - LOWEST)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def reliability_svg(title: str, before: Sequence[Bin], after: Sequence[Bin]) -> str:
    """How often right (up) against how sure (across); the diagonal is honest, a dot's size is its share of messages."""
    parts = _head(SIDE + 2 * EDGE, SIDE + 2 * EDGE + 40, title)
    parts.append(f'<text x="{EDGE}" y="24" font-weight="bold">{escape(title)}</text>')
    bottom = EDGE + SIDE
    parts.append(f'<rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{INK}"/>')
    parts.append(f'<path d="M{EDGE} {bottom}L{EDGE + SIDE} {EDGE}" stroke="{INK}" stroke-dasharray="4 4"/>')
    for tenth in range(0, 11, 2):
        at = SIDE * tenth / 10
        parts.append(f'<text x="{EDGE + at}" y="{bottom + 16}" text-anchor="middle">{tenth / 10}</text>')
        parts.append(f'<text x="{EDGE - 6}" y="{bottom - at + 4}" text-anchor="end">{tenth / 10}</text>')
    for number, (words, bins) in enumerate((("as it is", before), ("after the temperature", after))):
        parts += _dots(bins, COLOURS[number])
        y = bottom + 38 + 20 * number
        parts.append(f'<circle cx="{EDGE + 6}" cy="{y - 4}" r="6" fill="{COLOURS[number]}"/>')
        parts.append(f'<text x="{EDGE + 20}" y="{y}">{words}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _dots(bins: Sequence[Bin], colour: str) -> list[str]:
    total = sum(one.count for one in bins) or 1
    places = [
        (EDGE + SIDE * one.confidence, EDGE + SIDE * (1 - one.accuracy), 3 + 14 * (one.count / total) ** 0.5)
        for one in bins
        if one.count
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}" fill-opacity="0.6"/>' for x, y, r in places]
    return [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots]
