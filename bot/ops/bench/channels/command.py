"""The parts `channels` and `soak` of `jawab bench`."""

import asyncio
import datetime as dt
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from bot.ops.bench.channels import measures
from bot.ops.bench.channels.doors import Doors
from bot.ops.bench.channels.installation import Books, clear, engines_and_web, fresh_installation
from bot.ops.bench.channels.people import People
from bot.ops.bench.channels.soak import soak
from bot.ops.bench.channels.vendors import Vendor, running_vendors
from bot.ops.bench.numbers import loop_seconds
from bot.ops.bench.plan import Plan
from bot.ops.bench.system import Running, running_system
from bot.settings import Settings

PARTS = ("channels", "soak")
# How far Twilio tells that most messages got.
STATUSES = ("sent", "delivered")
# Above the numbers of those who were written to before.
IN_FIRST = 100_000
Say = Callable[[str], None]


def measure(settings: Settings, plan: Plan, wanted: list[str], say: Say, *, quick: bool) -> dict[str, Any]:
    """The figures of the parts that are wanted, each with when and on what they were taken."""
    clear(settings)
    about = _circumstances(quick=quick)
    result: dict[str, Any] = {}
    with running_vendors(settings.root, settings.var / "bench" / "channels") as vendors:
        own = fresh_installation(settings, vendors)
        if "channels" in wanted:
            result["channels"] = {**about, **_out(own, vendors, plan, say)}
        say("The whole system starts …")
        with running_system(own) as running:
            if "channels" in wanted:
                result["channels"] |= asyncio.run(_in(running, vendors, plan, say))
            if "soak" in wanted:
                result["soak"] = {**about, **asyncio.run(_soak(running, vendors, plan, say))}
    return result


def _circumstances(*, quick: bool) -> dict[str, Any]:
    return {
        "measured_on": dt.datetime.now(dt.UTC).date().isoformat(),
        "quick": quick,
        "cores": os.cpu_count(),
        "load": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "loop_seconds": loop_seconds(),
    }


def _out(own: Settings, vendors: Mapping[str, Vendor], plan: Plan, say: Say) -> dict[str, Any]:
    """Deliveries, with nobody who writes: Rasa is not even there."""
    say("Database and web process start …")
    with engines_and_web(own), closing(Books(own)) as books:
        people, accounts = People(own, books.database), books.accounts()
        say("Deliveries without limits …")
        loose = measures.without_paces(own, vendors, people, plan, accounts)
        say("Both vendors' ceilings …")
        ceilings = measures.both_ceilings(own, vendors, people, plan, accounts)
        say("Both vendors' ceilings, with news of each message …")
        told = measures.both_ceilings(own, vendors, people, plan, accounts, STATUSES)
    return {"deliveries": loose, "ceilings": ceilings, "ceilings_with_news": told}


async def _in(running: Running, vendors: Mapping[str, Vendor], plan: Plan, say: Say) -> dict[str, Any]:
    """Webhooks, and people who talk."""
    with closing(Books(running.settings)) as books:
        accounts = books.accounts()
        people = People(running.settings, books.database, first=IN_FIRST)
        async with Doors(running.settings, accounts) as doors:
            say("People who talk, without and with a campaign …")
            campaign = await measures.beside_a_campaign(doors, vendors, people, accounts, plan)
            say("Webhooks at a steady rate …")
            steady = await measures.acknowledgements(doors, vendors, books, plan)
            say("As many webhooks as are taken …")
            rush = await measures.most_accepted(doors, vendors, books, plan)
    return {"webhooks": steady, "rush": rush, "campaign": campaign}


async def _soak(running: Running, vendors: Mapping[str, Vendor], plan: Plan, say: Say) -> dict[str, Any]:
    say(f"The soak: {plan.soak_seconds} seconds …")
    with closing(Books(running.settings)) as books:
        async with Doors(running.settings, books.accounts()) as doors:
            return await soak(doors, vendors, running.pid, plan)
