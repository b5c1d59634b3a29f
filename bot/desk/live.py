"""What a page of the desk hears while it is open: one stream a page, over server-sent events.

`queue` tells that the lists are not as they were, `case` that the opened one is not, `lines` brings what was said,
noted or done since, `watchers` who else is there. The id of an event is how far the thread has been told: a browser
that comes back sends it, and is told the rest. Every line has an id of its own, so one that comes twice is shown once.
"""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import ServerSentEvent

from bot.cases.access import scope_of
from bot.cases.schemas import Thread
from bot.cases.teams import note_presence
from bot.cases.threads import get_card, read_thread
from bot.conversations.states import Author
from bot.desk.inbox import check_seen_by, cursor_of, newer, read_cursor, timeline
from bot.desk.pages import templates
from bot.desk.presence import Act, Presence
from bot.desk.security import Viewer, form_token, is_alive
from bot.desk.words import strings
from bot.jobs.events import Ear

HEARTBEAT_SECONDS = 15
DEAF_SECONDS = 1.0
# How far back a stream looks when it has heard something, and when a browser comes back.
RECENT, MISSED = 30, 200
ANYWHERE = {"counts", "presence"}


@dataclass
class Stream:
    """One page's stream: whose it is, which case it shows, and how far that has been told."""

    request: Request
    viewer: Viewer
    case_id: uuid.UUID | None
    told: tuple[int, int, int]
    conversation_id: uuid.UUID | None = None
    scope: Sequence[str] | None = None
    _beat_at: float = field(default=0.0)

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Everything from now on, after what was missed; it ends with the session."""
        await run_in_threadpool(self._begin)
        try:
            async with self.request.app.state.listener.listen_to_desk() as ear:
                async for event in self._first():
                    yield event
                while not await self.request.is_disconnected():
                    if not await self._beat():
                        yield ServerSentEvent(event="ended", data="{}")
                        return
                    async for event in self._tell(await _hear(ear)):
                        yield event
        finally:
            if self.case_id is not None:
                await asyncio.shield(self._presence.forget(self.case_id, self.viewer.staff_id))

    @property
    def _presence(self) -> Presence:
        found: Presence = self.request.app.state.presence
        return found

    def _begin(self) -> None:
        with self.request.app.state.services.database.transaction() as session:
            self.scope = scope_of(session, self.viewer.staff_id, self.viewer.role)
            if self.case_id is not None:
                check_seen_by(session, self.viewer, self.case_id)
                self.conversation_id = get_card(session, self.case_id).row.conversation_id

    async def _first(self) -> AsyncIterator[ServerSentEvent]:
        """What was missed since the page was made, or since the stream broke."""
        if self.case_id is not None:
            async for event in self._lines(limit=MISSED):
                yield event
            yield await self._watchers()
        yield ServerSentEvent(event="ready", data="{}")

    async def _beat(self) -> bool:
        """From time to time: whether the session lives, that somebody is there, and at which case."""
        if time.monotonic() - self._beat_at < HEARTBEAT_SECONDS:
            return True
        self._beat_at = time.monotonic()
        if self.case_id is not None:
            await self._presence.note(Act.LOOKING, self.case_id, self.viewer.staff_id, self.viewer.name)
        return await run_in_threadpool(self._note)

    def _note(self) -> bool:
        try:
            with self.request.app.state.services.database.transaction() as session:
                note_presence(session, self.viewer.staff_id)
            return is_alive(self.request)
        except SQLAlchemyError:  # The database is away for a moment: the page keeps its stream.
            return True

    async def _tell(self, heard: Mapping[str, Any]) -> AsyncIterator[ServerSentEvent]:
        """What some news mean for this page."""
        kind = heard.get("kind")
        is_here = self.case_id is not None and (
            heard.get("conversation") == str(self.conversation_id) or heard.get("case") == str(self.case_id)
        )
        if kind == "watchers":
            if is_here:
                yield await self._watchers()
            return
        if not heard or is_here:  # After a silence, too: news may have been lost.
            # What is staff's may have been told before, and is not as it was: sent, read, taken back.
            is_changed = kind == "status" or heard.get("author") == Author.STAFF
            async for event in self._lines(only=heard.get("message") if is_changed else None):
                yield event
        if kind == "case" and is_here:
            yield ServerSentEvent(event="case", data="{}")
        if kind in ANYWHERE or (kind in ("case", "message", "note") and self._is_ours(heard)):
            yield ServerSentEvent(event="queue", data=json.dumps(self._notice(heard)))

    def _is_ours(self, heard: Mapping[str, Any]) -> bool:
        me = str(self.viewer.staff_id)
        return (
            self.scope is None
            or heard.get("team") in self.scope
            or heard.get("assignee") == me
            or me in heard.get("mentions", ())
        )

    def _notice(self, heard: Mapping[str, Any]) -> dict[str, Any]:
        """What a page may make a sound for: somebody waits, or wrote to the viewer, or called them."""
        me = str(self.viewer.staff_id)
        waits = heard.get("kind") == "case" and heard.get("state") == "waiting"
        wrote = heard.get("author") == "citizen" and heard.get("assignee") == me
        return {"case": heard.get("case"), "rings": waits or wrote or me in heard.get("mentions", ())}

    async def _lines(self, *, limit: int = RECENT, only: int | None = None) -> AsyncIterator[ServerSentEvent]:
        if self.conversation_id is None:
            return
        try:
            thread = await run_in_threadpool(self._read, limit)
        except SQLAlchemyError:
            return  # What was not told now is told with the next news.
        fresh = newer(thread, self.told)
        lines = [one for one in thread.lines if one.id > self.told[0] or one.id == only]
        shown = timeline(Thread(lines, fresh.notes, fresh.events, has_earlier=False))
        if not shown:
            return
        message, note, event = (max(pair) for pair in zip(self.told, read_cursor(cursor_of(thread)), strict=True))
        self.told = message, note, event
        data = self._draw("inbox/lines.html", {"lines": shown, "case_id": self.case_id})
        yield ServerSentEvent(event="lines", id=f"{message}.{note}.{event}", data=data)

    def _read(self, limit: int) -> Thread:
        assert self.conversation_id is not None
        with self.request.app.state.services.database.transaction() as session:
            return read_thread(session, self.conversation_id, limit=limit)

    async def _watchers(self) -> ServerSentEvent:
        assert self.case_id is not None
        found = await self._presence.list_at(self.case_id, but=self.viewer.staff_id)
        return ServerSentEvent(event="watchers", data=self._draw("inbox/watchers.html", {"watchers": found}))

    def _draw(self, template: str, context: Mapping[str, Any]) -> str:
        """A part of the page, in the words of who looks at it."""
        language, csrf = self.viewer.language, form_token(self.request)
        shared = {"viewer": self.viewer, "t": strings(language), "language": language, "csrf": csrf}
        return templates.get_template(template).render({**shared, **context})


async def _hear(ear: Ear) -> Mapping[str, Any]:
    """The next news; nothing after a silence, or while Redis is away."""
    try:
        return await ear.next(HEARTBEAT_SECONDS) or {}
    except (ConnectionError, RedisError):
        await asyncio.sleep(DEAF_SECONDS)
        return {}
