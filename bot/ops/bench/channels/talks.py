"""Citizens who write through a vendor, wait for the answer there, think, and write again."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.ops.bench.channels.doors import Doors, sleep_until
from bot.ops.bench.channels.people import address_of
from bot.ops.bench.channels.vendors import NAMES, Vendor
from bot.ops.bench.citizens import question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LISTEN_SECONDS = 0.2
PATIENCE_SECONDS = 60
# Those who talk have numbers of their own, above those who are only written to.
FIRST_TALKER = 1_000_000
SEED = 20261128


@dataclass(frozen=True)
class Moment:
    """A message of a citizen's, and the seconds until its answer was at the vendor; None when none came."""

    sent_at: float
    seconds: float | None


@dataclass
class Ear:
    """Hears what arrives at the vendors, for those who wait for it."""

    vendors: Mapping[str, Vendor]
    waiting: dict[str, "asyncio.Future[float]"] = field(default_factory=dict)

    def expect(self, address: str) -> "asyncio.Future[float]":
        """The moment at which the next message to an address arrives."""
        self.waiting[address] = asyncio.get_running_loop().create_future()
        return self.waiting[address]

    async def listen(self) -> None:
        """Listen until cancelled."""
        heard = {name: await asyncio.to_thread(vendor.count) for name, vendor in self.vendors.items()}
        while True:
            for name, vendor in self.vendors.items():
                arrived = await asyncio.to_thread(vendor.sent, heard[name])
                heard[name] += len(arrived)
                for one in arrived:
                    future = self.waiting.pop(one.address, None)
                    if future is not None and not future.done():
                        future.set_result(one.at)
            await asyncio.sleep(LISTEN_SECONDS)


@asynccontextmanager
async def listening(vendors: Mapping[str, Vendor]) -> "AsyncIterator[Ear]":
    """An ear for the time of the block."""
    ear = Ear(vendors)
    task = asyncio.create_task(ear.listen())
    try:
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def talkers(count: int) -> list[tuple[str, str]]:
    """Channels and addresses of so many who talk, in turn."""
    return [
        (NAMES[number % len(NAMES)], address_of(NAMES[number % len(NAMES)], FIRST_TALKER + number))
        for number in range(count)
    ]


async def talk(
    doors: Doors, vendors: Mapping[str, Vendor], people: list[tuple[str, str]], *, seconds: float, think_seconds: float
) -> list[Moment]:
    """All talk for so long, each a message every `think_seconds`; gives the moments in order."""
    moments: list[Moment] = []
    until = time.monotonic() + seconds
    async with listening(vendors) as ear, asyncio.TaskGroup() as group:
        for number, (channel, address) in enumerate(people):
            begin = time.monotonic() + think_seconds * number / len(people)
            chance = random.Random(SEED + number)  # noqa: S311 (a plan, not a secret)
            group.create_task(_live(doors, ear, (channel, address), (begin, until, think_seconds), chance, moments))
    return sorted(moments, key=lambda one: one.sent_at)


async def _live(
    doors: Doors,
    ear: Ear,
    who: tuple[str, str],
    times: tuple[float, float, float],
    chance: random.Random,
    moments: list[Moment],
) -> None:
    next_at, until, think_seconds = times
    while next_at < until:
        await sleep_until(next_at)
        answered = ear.expect(who[1])
        knock = await doors.knock(*who, question(chance.randrange(1000)))
        try:
            at = await asyncio.wait_for(answered, PATIENCE_SECONDS)
            moments.append(Moment(knock.sent_at, at - knock.sent_at))
        except TimeoutError:
            moments.append(Moment(knock.sent_at, None))
        next_at = max(next_at + think_seconds * chance.uniform(0.8, 1.2), time.monotonic())
