"""The comparison as a section of docs/nlu.md, between two markers."""

from collections.abc import Mapping
from typing import Any

from bot.errors import JawabError
from bot.evaluation.systems import PRESENT

BEGIN, END = "<!-- comparison -->", "<!-- /comparison -->"
LANGUAGES = ("ar", "ary", "ary-latn", "en", "fr", "mix")
Report = Mapping[str, Any]


class PageError(JawabError):
    """The page does not have the two markers, in order."""


def put(page: str, section: str) -> str:
    """The page with what stands between the markers replaced; raises PageError."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise PageError(f"docs/nlu.md needs the markers {BEGIN} and {END}: the comparison stands between them.")
    return f"{before}{BEGIN}\n{section.strip()}\n{END}{after}"


def section(report: Report) -> str:
    """Tables and pictures of a report in Markdown."""
    parts = [_introduction(report), _table("Held-out examples", report["systems"], "folds")]
    parts += [_table("Development set", report["systems"], "development"), _costs(report["systems"])]
    parts += [_pictures(), _variants(report)]
    if report.get("diet"):
        parts.append(_diet(report["diet"]))
    parts.append(_calibration(report["calibration"]))
    return "\n\n".join(parts)


def _introduction(report: Report) -> str:
    return (
        "## Compared\n\n"
        "Written by `make compare`; pictures and figures are those of one run.\n\n"
        f"{report['examples']} training examples in five folds, and the {report['development']} messages of the "
        "development set, answered by a model of all examples. Near copies (cosine of n-grams of 0.8 or more) and the "
        "same line of a topic in all languages stay in one fold, since many are translations of each other; "
        "paraphrases that no measure sees may still leak, and whoever wrote the examples wrote both sides. "
        "The folds are harder than the development set: many examples were written at the borders between acts. The "
        "folds choose, the development set is only reported. *No transliteration* means spelling and text as written; "
        "otherwise sounds, words by their sound and the Arabic-letter reading are seen too."
    )


def _table(title: str, rows: Mapping[str, Any], part: str) -> str:
    lines = [f"**{title}: share of acts understood**", "", f"| classifier | {' | '.join(LANGUAGES)} | all | macro-F1 |"]
    lines.append("|---|" + "---|" * (len(LANGUAGES) + 2))
    for name, row in rows.items():
        numbers = [row[part]["by_lang"].get(lang, 0.0) for lang in LANGUAGES]
        numbers += [row[part]["accuracy"], row[part]["macro_f1"]]
        lines.append(f"| {name} | {' | '.join(f'{number:.3f}' for number in numbers)} |")
    return "\n".join(lines)


def _costs(rows: Mapping[str, Any]) -> str:
    lines = ["**Cost on one thread**, in time of the processor; memory is that of features and classifier without Rasa"]
    lines += ["", "| classifier | ms a message (p50) | MB at most | training, s |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {row['milliseconds']:.1f} | {row['megabytes']:.0f} | {row['train_seconds']:.0f} |"
        for name, row in rows.items()
    ]
    return "\n".join(lines)


def _pictures() -> str:
    return (
        "![Share of acts understood](pictures/nlu-accuracy.svg)\n"
        "![By language](pictures/nlu-languages.svg)\n"
        "![Reliability](pictures/nlu-reliability.svg)"
    )


def _variants(report: Report) -> str:
    lines = [f"**What might beat the present one** ({PRESENT}; the folds decide)", ""]
    lines += ["| change | held-out | macro-F1 | development | macro-F1 |", "|---|---|---|---|---|"]
    present = {"none (the present one)": report["systems"][PRESENT]}
    for name, row in {**present, **report["variants"]}.items():
        parts = (row[part][key] for part in ("folds", "development") for key in ("accuracy", "macro_f1"))
        lines.append(f"| {name} | {' | '.join(f'{number:.3f}' for number in parts)} |")
    return "\n".join(lines)


def _diet(diet: Report) -> str:
    lines = [
        f"**DIET**: Rasa's own, {diet['epochs']} epochs on {diet['sample']} examples of one fold (all five folds would "
        "take hours), beside our classifier on the very same examples; asked that fold's held-out examples and the "
        "development set.",
        "",
        f"| classifier | {' | '.join(LANGUAGES)} | held-out | development | ms | MB with Rasa | training, s |",
        "|---|" + "---|" * (len(LANGUAGES) + 5),
    ]
    for name, row in diet["rows"].items():
        shares = [f"{row['by_lang'].get(lang, 0.0):.3f}" for lang in LANGUAGES]
        shares += [f"{row[part]:.3f}" for part in ("held_out", "development")]
        costs = [_maybe(row.get(key)) for key in ("milliseconds", "megabytes", "train_seconds")]
        lines.append(f"| {name} | {' | '.join(shares + costs)} |")
    return "\n".join(lines)


def _maybe(number: float | None) -> str:
    return "–" if number is None else f"{number:.0f}"


def _calibration(found: Report) -> str:
    lines = [
        f"**Calibration** of {PRESENT}: the mean gap between how sure it is and how often it is right, in ten bins, "
        f"as it is and with the one temperature of {found['temperature']:.2f} that fits the held-out examples best "
        "(probabilities to the power of 1 / temperature, summing to one again).",
        "",
        "| messages | gap as it is | gap after | own best temperature | acts from |",
        "|---|---|---|---|---|",
    ]
    for name, row in {**found["by_lang"], "development set": found["development"]}.items():
        numbers = (
            f"{row['error']:.3f} | {row['error_after']:.3f} | {row['own_temperature']:.2f} | {row['threshold']:.2f}"
        )
        lines.append(f"| {name} | {numbers} |")
    return "\n".join(lines)
