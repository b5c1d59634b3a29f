"""How Telegram brings updates to a webhook (WebhookActor.cpp): one at a time a queue, in order, until it says 2xx."""

import asyncio
import contextlib
import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_RETRY_AFTER = 3600.0


@dataclass(frozen=True)
class Delivery:
    """One call of the webhook: the update, when, and what it answered (0 for nothing)."""

    update_id: int
    at: float
    status: int


@dataclass
class Webhook:
    """What setWebhook was told, and how it fares."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_at: int = 0


@dataclass
class Courier:
    """Updates that wait, by queue; each queue has one update on the way at most."""

    webhook: Webhook = field(default_factory=Webhook)
    allowed: set[str] = field(default_factory=set)
    waiting: dict[str, deque[dict[str, Any]]] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    duplicates: int = 0
    retry_seconds: float = 0.05
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(100_000_000))
    loop: asyncio.AbstractEventLoop | None = None
    _busy: set[str] = field(default_factory=set)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def bring(self, queue: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Queue an update, unless its kind is not asked for; from any thread."""
        update = {"update_id": next(self.ids), kind: content}
        if not self.allowed or kind in self.allowed:
            self.waiting.setdefault(queue, deque()).append(update)
            self.wake()
        return update

    def pending(self) -> list[dict[str, Any]]:
        """All that waits, in the order in which it happened."""
        everything = itertools.chain.from_iterable(list(queue) for queue in list(self.waiting.values()))
        return sorted(everything, key=lambda update: int(update["update_id"]))

    def confirm(self, offset: int) -> None:
        """Forget the updates before an offset."""
        for queue in self.waiting.values():
            while queue and queue[0]["update_id"] < offset:
                queue.popleft()

    def wake(self) -> None:
        """Begin to deliver whatever waits; from any thread."""
        if self.loop and self.webhook.url:
            self.loop.call_soon_threadsafe(self._begin)

    def wait_until_idle(self, seconds: float = 10.0) -> None:
        """Block a test until everything was taken."""
        until = time.monotonic() + seconds
        while self.pending() or self._busy:
            assert time.monotonic() < until, f"{len(self.pending())} updates were not taken"
            time.sleep(0.01)

    async def stop(self) -> None:
        """End all that is on the way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self) -> None:
        for name, queue in list(self.waiting.items()):
            if queue and name not in self._busy and len(self._busy) < self.webhook.max_connections:
                self._busy.add(name)
                task = asyncio.get_running_loop().create_task(self._work(name, queue))
                self._tasks.add(task)
                task.add_done_callback(partial(self._end, name))

    def _end(self, name: str, task: "asyncio.Task[None]") -> None:
        """A queue is done, or its call broke in a way that nobody foresaw: then it is called again."""
        self._tasks.discard(task)
        self._busy.discard(name)
        if not task.cancelled():
            if error := task.exception():
                self._complain(f"Call broken: {error!r}")
            self.wake()

    async def _work(self, name: str, queue: deque[dict[str, Any]]) -> None:
        async with httpx2.AsyncClient(timeout=10, trust_env=False) as client:
            with contextlib.suppress(IndexError):  # Somebody polled it away.
                while queue and await self._deliver(client, queue[0]):
                    queue.popleft()

    async def _deliver(self, client: httpx2.AsyncClient, update: dict[str, Any]) -> bool:
        # After a failure again at once, then each time twice as late, unless the webhook says when.
        delay = 0.0
        while self.webhook.url:
            status, retry_after = await self._post(client, update)
            if httpx2.codes.is_success(status):
                await self._repeat(client, update)
                return True
            await asyncio.sleep(retry_after or delay)
            delay = 2 * delay or self.retry_seconds
        return False

    async def _repeat(self, client: httpx2.AsyncClient, update: dict[str, Any]) -> None:
        if self.duplicates > 0:
            self.duplicates -= 1
            await self._post(client, update)

    async def _post(self, client: httpx2.AsyncClient, update: dict[str, Any]) -> tuple[int, float]:
        headers = {SECRET_HEADER: self.webhook.secret} if self.webhook.secret else {}
        try:
            response = await client.post(self.webhook.url, json=update, headers=headers)
            status, wish = response.status_code, response.headers.get("retry-after", "0")
        except httpx2.HTTPError as error:
            status, wish = 0, "0"
            self._complain(f"Connection failed: {type(error).__name__}")
        self.deliveries.append(Delivery(update["update_id"], time.monotonic(), status))
        if status and not httpx2.codes.is_success(status):
            self._complain(f"Wrong response from the webhook: {status} {response.reason_phrase}")
        return status, min(float(wish), MAX_RETRY_AFTER) if wish.isdigit() else 0.0

    def _complain(self, words: str) -> None:
        self.webhook.last_error, self.webhook.last_error_at = words, int(time.time())
