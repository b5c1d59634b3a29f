"""What is measured of the channels: webhooks in, deliveries out, and a campaign beside people who talk."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bot.deliveries.states import Lane
from bot.ops.bench.channels.doors import Doors, Knock, sleep_until
from bot.ops.bench.channels.installation import Books, worker_beside
from bot.ops.bench.channels.people import People
from bot.ops.bench.channels.rates import busiest_second, per_second, with_p99
from bot.ops.bench.channels.talks import talk, talkers
from bot.ops.bench.channels.vendors import NAMES, Vendor
from bot.ops.bench.citizens import question
from bot.ops.bench.plan import Plan
from bot.senders.service import Account
from bot.settings import Settings

# What vendors take a second from one of our accounts.
CEILINGS = {"telegram": 30, "whatsapp": 80}
# So many write at once: nobody more than twenty times a minute, which would count as a flood.
KNOCKING = 400
# Who writes as fast as webhooks are taken.
RUSHING = 16
WARM_TALKS = 12
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 120.0
Vendors = Mapping[str, Vendor]
Accounts = Mapping[str, Account]


def without_paces(own: Settings, vendors: Vendors, people: People, plan: Plan, accounts: Accounts) -> dict[str, Any]:
    """Deliveries a second of one worker, where neither it nor the vendors have limits."""
    queued = {name: plan.loose_messages // len(NAMES) for name in NAMES}
    _queue(vendors, people, accounts, queued)
    begun = {name: vendor.count() for name, vendor in vendors.items()}
    with worker_beside(own, is_hurried=True):
        _wait_for(vendors, {name: begun[name] + queued[name] for name in NAMES})
    arrived = [one.at for name, vendor in vendors.items() for one in vendor.sent(begun[name])]
    return {"count": len(arrived), "per_second": per_second(arrived)}


def both_ceilings(
    own: Settings, vendors: Vendors, people: People, plan: Plan, accounts: Accounts, statuses: Sequence[str] = ()
) -> dict[str, Any]:
    """How near to both vendors' ceilings one worker comes, and whether it ever passes them."""
    queued = {name: CEILINGS[name] * (plan.ceiling_seconds + 3) for name in NAMES}
    _queue(vendors, people, accounts, queued)
    begun = {name: vendor.count() for name, vendor in vendors.items()}
    vendors["whatsapp"].tell(*statuses)
    for vendor in vendors.values():
        vendor.keep_limits(True)
    with worker_beside(own):
        _wait_for(vendors, {name: begun[name] + queued[name] for name in NAMES})
    for vendor in vendors.values():
        vendor.keep_limits(False)
    vendors["whatsapp"].tell()
    return {name: _against_ceiling(vendors[name], begun[name], plan.ceiling_seconds) for name in NAMES}


def let_in(vendors: Vendors, people: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """People whom the vendors know, so that they can be answered."""
    for name, vendor in vendors.items():
        vendor.know([address for channel, address in people if channel == name])
    return people


def _against_ceiling(vendor: Vendor, begun: int, seconds: int) -> dict[str, Any]:
    """Counted from a second after the first message: a start is no cruise."""
    ceiling, moments = CEILINGS[vendor.name], [one.at for one in vendor.sent(begun)]
    away = vendor.turned_away()
    since = moments[0] + 1
    steady = [moment for moment in moments if since <= moment < since + seconds]
    return {
        "ceiling": ceiling,
        "per_second": round(len(steady) / seconds, 2),
        "share": round(len(steady) / seconds / ceiling, 3),
        "busiest_second": busiest_second([*moments, *away]),
        "turned_away": len(away),
    }


def _queue(vendors: Vendors, people: People, accounts: Accounts, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        found = people.new(accounts[name], count)
        vendors[name].know([one.address for one in found])
        # Reminders have the whole pace; campaigns leave a fifth of it to those who talk.
        people.write_to_all(accounts[name], found, Lane.REMINDER)


def _wait_for(vendors: Vendors, counts: Mapping[str, int]) -> None:
    """Until so many arrived, or nothing moves any more."""
    before, moved_at = -1, time.monotonic()
    while time.monotonic() - moved_at < PATIENCE_SECONDS:
        now = {name: vendor.count() for name, vendor in vendors.items()}
        if all(now[name] >= count for name, count in counts.items()):
            return
        if sum(now.values()) != before:
            before, moved_at = sum(now.values()), time.monotonic()
        time.sleep(LOOK_SECONDS)


async def acknowledgements(doors: Doors, vendors: Vendors, books: Books, plan: Plan) -> dict[str, Any]:
    """How soon a webhook gets its 200, at a steady rate, while as many turns run as can."""
    people = let_in(vendors, talkers(KNOCKING))
    began = time.monotonic()
    before = books.turns_done()
    async with asyncio.TaskGroup() as group:
        tasks = []
        for number in range(plan.knocks_per_second * plan.knock_seconds):
            await sleep_until(began + number / plan.knocks_per_second)
            tasks.append(group.create_task(doors.knock(*people[number % KNOCKING], question(number))))
    knocks = [task.result() for task in tasks]
    turns = books.turns_done() - before
    books.forget_turns()
    return {
        "per_second": per_second([one.sent_at for one in knocks]),
        "turns_per_second": round(turns / (time.monotonic() - began), 1),
        "both": with_p99([one.seconds for one in knocks]),
        **{name: with_p99([one.seconds for one in knocks[at :: len(NAMES)]]) for at, name in enumerate(NAMES)},
    }


async def most_accepted(doors: Doors, vendors: Vendors, books: Books, plan: Plan) -> dict[str, Any]:
    """How many webhooks a second are taken when some callers bring one after the other."""
    people = let_in(vendors, talkers(RUSHING * KNOCKING))
    until = time.monotonic() + plan.rush_seconds
    knocks: list[Knock] = []

    async def bring(first: int) -> None:
        number = first
        while time.monotonic() < until:
            knocks.append(await doors.knock(*people[number % len(people)], question(number)))
            number += RUSHING

    async with asyncio.TaskGroup() as group:
        for first in range(RUSHING):
            group.create_task(bring(first))
    books.forget_turns()
    taken = [one for one in knocks if one.seconds is not None]
    return {
        "per_second": round(len(taken) / plan.rush_seconds, 1),
        **with_p99([one.seconds for one in knocks]),
    }


async def beside_a_campaign(
    doors: Doors, vendors: Vendors, people: People, accounts: Accounts, plan: Plan
) -> dict[str, Any]:
    """The time from a citizen's message to its answer at the vendor: quiet, and while a campaign goes out."""
    chatting = let_in(vendors, talkers(plan.talkers))
    await talk(doors, vendors, chatting[:WARM_TALKS], seconds=plan.think_seconds, think_seconds=plan.think_seconds)
    quiet = await talk(doors, vendors, chatting, seconds=plan.talk_seconds, think_seconds=plan.think_seconds)
    total = sum(CEILINGS.values())
    for name, ceiling in CEILINGS.items():
        found = await asyncio.to_thread(people.new, accounts[name], plan.campaign_messages * ceiling // total)
        await asyncio.to_thread(vendors[name].know, [one.address for one in found])
        await asyncio.to_thread(people.write_to_all, accounts[name], found, Lane.CAMPAIGN)
    before, began = sum(vendor.count() for vendor in vendors.values()), time.monotonic()
    busy = await talk(doors, vendors, chatting, seconds=plan.talk_seconds, think_seconds=plan.think_seconds)
    sent = sum(vendor.count() for vendor in vendors.values()) - before - len(busy)
    rate = sent / (time.monotonic() - began)
    people.forget_waiting()
    before_it, beside_it = (with_p99([one.seconds for one in moments]) for moments in (quiet, busy))
    return {
        "queued": plan.campaign_messages,
        "talkers": plan.talkers,
        "sent_per_second": round(rate, 1),
        "quiet": before_it,
        "campaign": beside_it,
        "ratio": round(beside_it.get("p95_ms", 0.0) / max(before_it.get("p95_ms", 0.0), 0.1), 2),
    }
