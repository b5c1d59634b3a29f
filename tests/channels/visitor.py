"""A citizen's page without a browser: a session, messages out, events in."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2

HEADERS = {"X-Requested-With": "jawab-chat"}
PATIENCE_SECONDS = 30


@dataclass
class Event:
    """One server-sent event."""

    name: str
    data: dict[str, Any]
    id: str | None = None


class Visitor:
    """Keeps its cookie as a browser does."""

    def __init__(self, address: str) -> None:
        self._client = httpx2.Client(base_url=address, headers=HEADERS, trust_env=False, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        self._client.post("/chat/session", json={"language": "fr"}).raise_for_status()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def begin_anew(self) -> None:
        """Close the conversation so far."""
        self._client.post("/chat/session", json={"new": True}).raise_for_status()

    def say(self, text: str) -> str:
        """Send a text; gives the id that the page gave it."""
        client_id = str(uuid.uuid4())
        self._client.post("/chat/messages", json={"id": client_id, "text": text}).raise_for_status()
        return client_id

    def hear(
        self, enough: Callable[[list[Event]], bool], *, after: int = 0, last_event_id: str | bytes | None = None
    ) -> list[Event]:
        """Listen until it is enough."""
        heard: list[Event] = []
        known = last_event_id.encode() if isinstance(last_event_id, str) else last_event_id
        headers = {} if known is None else {b"Last-Event-ID": known}
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._client.stream("GET", "/chat/events", params={"after": after}, headers=headers) as stream:
            stream.raise_for_status()
            for event in _events(stream.iter_lines()):
                heard.append(event)
                if enough(heard):
                    return heard
                assert time.monotonic() < deadline, heard
        raise AssertionError(f"the stream ended: {heard}")

    def converse(self, text: str) -> list[Event]:
        """Send a text and listen until it is answered; gives the messages of the conversation so far."""
        client_id = self.say(text)
        heard = self.hear(lambda events: is_answered(events, client_id))
        return [event for event in heard if event.name == "message"]


def is_answered(events: list[Event], client_id: str) -> bool:
    """Whether a message of ours came back with a reply after it."""
    messages = [event for event in events if event.name == "message"]
    mine = [number for number, event in enumerate(messages) if event.data["client_id"] == client_id]
    return bool(mine) and any(event.data["author"] == "bot" for event in messages[mine[0] :])


def is_ready(events: list[Event]) -> bool:
    """Whether all that was said before has come."""
    return events[-1].name == "ready"


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        elif "data" in fields:
            yield Event(fields.get("event", "message"), json.loads(fields["data"]), fields.get("id"))
            fields = {}
