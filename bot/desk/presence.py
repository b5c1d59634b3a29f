"""Who looks at a case, and who is writing: kept in Redis for a moment. Losing it loses nothing."""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import redis
import redis.asyncio
import structlog

from bot.jobs.events import DESK

log = structlog.get_logger()


class Act(StrEnum):
    """What somebody does at a case."""

    LOOKING = "looking"
    TYPING = "typing"


# How long it counts unless it is noted anew.
SECONDS = {Act.LOOKING: 40, Act.TYPING: 6}
KEPT_SECONDS = 120


@dataclass(frozen=True)
class Watcher:
    """Somebody at a case."""

    staff_id: str
    name: str
    is_typing: bool


def _key(case_id: uuid.UUID) -> str:
    return f"jawab:at:{case_id}"


class Presence:
    """Notes and tells who is at a case; mute, but harmless, while Redis is away."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(url, decode_responses=True, socket_connect_timeout=2)

    async def note(self, act: Act, case_id: uuid.UUID, staff_id: uuid.UUID, name: str) -> None:
        """Somebody looks, or types; all desks hear of it where that is news."""
        field, until = f"{act}:{staff_id}", time.time() + SECONDS[act]
        try:
            known = await self._redis.hget(_key(case_id), field)
            await self._redis.hset(_key(case_id), field, json.dumps([name, until]))
            await self._redis.expire(_key(case_id), KEPT_SECONDS)
            if known is None or json.loads(known)[1] < time.time():
                await self._tell(case_id)
        except redis.RedisError as error:
            log.warning("presence_not_noted", reason=type(error).__name__)

    async def forget(self, case_id: uuid.UUID, staff_id: uuid.UUID) -> None:
        """Somebody went away."""
        try:
            await self._redis.hdel(_key(case_id), *(f"{act}:{staff_id}" for act in Act))
            await self._tell(case_id)
        except redis.RedisError as error:
            log.warning("presence_not_forgotten", reason=type(error).__name__)

    async def list_at(self, case_id: uuid.UUID, *, but: uuid.UUID) -> Sequence[Watcher]:
        """Who else is at a case."""
        try:
            kept = cast("dict[str, str]", await self._redis.hgetall(_key(case_id)))
        except redis.RedisError as error:
            log.warning("presence_not_read", reason=type(error).__name__)
            return []
        found: dict[str, Watcher] = {}
        for field, value in sorted(kept.items()):
            act, _, staff_id = field.partition(":")
            name, until = json.loads(value)
            if until > time.time() and staff_id != str(but):
                found[staff_id] = Watcher(staff_id, name, act == Act.TYPING)
        return sorted(found.values(), key=lambda one: one.name)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _tell(self, case_id: uuid.UUID) -> None:
        await self._redis.publish(DESK, json.dumps({"kind": "watchers", "case": str(case_id)}))
