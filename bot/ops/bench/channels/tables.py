"""What was measured of the channels, beside what is asked of them, as tables in Markdown."""

from collections.abc import Mapping
from typing import Any

from bot.ops.bench.markdown import table

NO_LIMIT = "–"
HEAD = ("", "seen", "asked")


def page(result: Mapping[str, Any]) -> list[str]:
    """The tables of what is there."""
    parts = []
    if "channels" in result:
        parts += [_circumstances("Channels", result["channels"]), _channels(result["channels"])]
    if "soak" in result:
        parts += [_circumstances("The soak", result["soak"]), _soak(result["soak"])]
    return parts


def _circumstances(name: str, found: Mapping[str, Any]) -> str:
    quick = "; a quick run, the figures mean little" if found["quick"] else ""
    return (
        f"{name}: measured on {found['measured_on']}, {found['cores']} cores, load before: {found['load']}, "
        f"5 million multiplications in {found['loop_seconds']} s{quick}."
    )


def _channels(found: Mapping[str, Any]) -> str:
    webhooks, rush, campaign = found["webhooks"], found["rush"], found["campaign"]
    rows: list[tuple[object, ...]] = [
        (
            f"a webhook's 200 at {webhooks['per_second']:.0f} a second while turns run "
            f"({webhooks['turns_per_second']} a second), p50 / p99 ms",
            _times(webhooks["both"], "p99_ms"),
            "≤ 50 (p99)",
        ),
        *((f"the same, {name}", _times(webhooks[name], "p99_ms"), NO_LIMIT) for name in ("telegram", "whatsapp")),
        ("webhooks not taken", webhooks["both"]["failed"], 0),
        ("most webhooks taken a second, 16 callers", rush["per_second"], NO_LIMIT),
        ("messages sent a second by one worker, no limits", found["deliveries"]["per_second"], "110"),
    ]
    for words, kept in (("", found["ceilings"]), (", with news of each", found["ceilings_with_news"])):
        for name, one in kept.items():
            rows.append((f"{name}'s ceiling of {one['ceiling']} a second, both at once{words}", _share(one), "≥ 95 %"))
            rows.append((f"{name}'s busiest second{words}", one["busiest_second"], f"≤ {one['ceiling']}"))
            rows.append((f"refused by {name} as too fast{words}", one["turned_away"], 0))
    rows += [
        (f"{campaign['talkers']} citizens talk, p50 / p95 ms", _times(campaign["quiet"], "p95_ms"), NO_LIMIT),
        (
            f"the same beside a campaign of {campaign['queued']:,} messages ({campaign['sent_per_second']} a second)",
            _times(campaign["campaign"], "p95_ms"),
            NO_LIMIT,
        ),
        ("p95 beside the campaign ÷ quiet", campaign["ratio"], "≤ 1.5"),
    ]
    return table(HEAD, rows)


def _share(one: Mapping[str, Any]) -> str:
    return f"{one['per_second']} ({one['share']:.1%})"


def _times(one: Mapping[str, Any], high: str) -> str | None:
    return f"{one['p50_ms']:.0f} / {one[high]:.0f}" if high in one else None


def _soak(found: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{one['per_minute']:+}", one["ratio"], "yes" if one["is_level"] else "NO")
        for name, one in found["level"].items()
    ]
    head = (
        f"{found['seconds']} s, {found['per_second']} answers a second, {found['all']['failed']} failed",
        "growth a minute",
        "last third ÷ second",
        "level",
    )
    return table(head, rows)
