"""News between processes, over Redis: a new message, somebody is typing. Losing one loses nothing but time."""

import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import redis
import redis.asyncio
import structlog

log = structlog.get_logger()


# What all desks hear.
DESK = "jawab:desk"


def _name(conversation_id: uuid.UUID) -> str:
    return f"jawab:conversation:{conversation_id}"


class Events:
    """Publishes from worker threads."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)

    def publish(self, conversation_id: uuid.UUID, *events: dict[str, Any]) -> None:
        """Tell whoever listens to a conversation; listeners that hear nothing look for themselves."""
        self._publish(_name(conversation_id), *events)

    def publish_to_desk(self, event: Mapping[str, Any]) -> None:
        """Tell all desks; see `bot.db.news`."""
        self._publish(DESK, event)

    def _publish(self, name: str, *events: Mapping[str, Any]) -> None:
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for event in events:
                    pipeline.publish(name, json.dumps(event))
                pipeline.execute()
        except redis.RedisError as error:
            log.warning("event_not_published", reason=type(error).__name__)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


class Listener:
    """Hears a conversation's events in an event loop."""

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(url, socket_connect_timeout=2)

    def listen(self, conversation_id: uuid.UUID) -> AbstractAsyncContextManager["Ear"]:
        """An ear on one conversation; deaf, but harmless, while Redis is away."""
        return self._listen(_name(conversation_id))

    def listen_to_desk(self) -> AbstractAsyncContextManager["Ear"]:
        """An ear on what all desks hear."""
        return self._listen(DESK)

    @asynccontextmanager
    async def _listen(self, name: str) -> AsyncIterator["Ear"]:
        pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
        ear = Ear(pubsub)
        try:
            await pubsub.subscribe(name)
            ear.hears = True
        except redis.RedisError as error:
            log.warning("events_not_heard", reason=type(error).__name__)
        try:
            yield ear
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


class Ear:
    """One subscription."""

    def __init__(self, pubsub: "redis.asyncio.client.PubSub") -> None:
        self._pubsub = pubsub
        self.hears = False

    async def next(self, timeout_seconds: float) -> dict[str, Any] | None:
        """The next event, or None after the time."""
        if not self.hears:
            raise ConnectionError("not subscribed")
        message = await self._pubsub.get_message(timeout=timeout_seconds)
        return json.loads(message["data"]) if message else None
