"""The citizen's page: a session in a cookie, messages in, replies over server-sent events."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.channels.webchat import embedding
from bot.channels.webchat.delivery import NAME
from bot.channels.webchat.embedding import LANGUAGES, strings, templates
from bot.channels.webchat.schemas import MessageRequest, MessageView, SessionRequest
from bot.channels.webchat.sessions import Door, find_session, give_session, new_session
from bot.conversations.schemas import Line
from bot.conversations.service import find_conversation_id, list_lines, open_conversation
from bot.jobs.events import Ear
from bot.media.links import path_to

HEARTBEAT_SECONDS = 15
DEAF_SECONDS = 1.0
FLOOD = parse("40/10 seconds")
EVENT_ID = re.compile(r"\d{1,18}", re.ASCII)
LARGEST_ID = 10**18 - 1

routes = APIRouter(tags=["web chat"])
routes.include_router(embedding.routes)
_limiter = MovingWindowRateLimiter(MemoryStorage())


def _door(request: Request) -> Door:
    return Door.FRAME if request.url.path.startswith("/embed") else Door.PAGE


async def _shown_session(request: Request) -> str | None:
    """The session that the browser shows; a cookie that we did not issue counts as none, and is replaced."""
    return find_session(request.app.state.services.settings, _door(request), request.cookies)


ShownSession = Annotated[str | None, Depends(_shown_session)]
OurPage = Annotated[str, Header(alias="X-Requested-With")]
WantedLanguage = Annotated[str | None, Query(max_length=8)]


def page_language(request: Request, wanted: str | None) -> str:
    """As asked for, else the browser's first language that we have, else Arabic."""
    if wanted in LANGUAGES:
        return wanted
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


@routes.get("/", response_class=HTMLResponse, openapi_extra={"x-audience": "public"})
def page(request: Request, lang: WantedLanguage = None) -> Response:
    """The page itself."""
    return _render(request, page_language(request, lang), {"door": Door.PAGE.value}, {})


@routes.get("/embed", response_class=HTMLResponse, openapi_extra={"x-audience": "public"})
def embed(
    request: Request, lang: WantedLanguage = None, origin: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """The page for a frame: it talks to the framing site only if that is one of ours or an allowed one."""
    settings = request.app.state.services.settings
    host = origin if origin in settings.widget_origins else ""
    context = {"door": Door.FRAME.value, "is_framed": True, "host": host}
    return _render(request, page_language(request, lang), context, embedding.frame_headers(settings))


def _render(request: Request, language: str, context: dict[str, Any], headers: dict[str, str]) -> Response:
    words = strings(language)
    shared = {
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "t": words,
        "strings_json": json.dumps(words, ensure_ascii=False),
        "version": request.app.state.version,
    }
    headers = {"Vary": "Accept-Language", "Content-Language": language, **headers}
    return templates.TemplateResponse(request, "chat.html", shared | context, headers=headers)


@routes.post("/chat/session", openapi_extra={"x-audience": "public"})
@routes.post("/embed/session", openapi_extra={"x-audience": "public"})
def session(request: Request, wish: SessionRequest, _page: OurPage, shown: ShownSession = None) -> Response:
    """Begin, go on, or begin anew; the cookie is all that tells one citizen from another."""
    box, door = request.app.state.services, _door(request)
    token = shown or new_session(box.settings, door)
    with box.database.transaction() as db:
        conversation_id = open_conversation(db, box.book, channel=NAME, kind="session", address=token, anew=wish.new)
    response = JSONResponse({"conversation": str(conversation_id)})
    give_session(response, box.settings, door, token)
    return response


@routes.post("/chat/messages", status_code=202, openapi_extra={"x-audience": "public"})
@routes.post("/embed/messages", status_code=202, openapi_extra={"x-audience": "public"})
def messages(request: Request, sent: MessageRequest, _page: OurPage, token: ShownSession = None) -> Response:
    """Take a message: once this answers 202 it is durable, and the same id never counts twice."""
    if token is None:
        raise HTTPException(401, "There is no session yet.")
    box = request.app.state.services
    owner = box.book.hash(NAME, token)
    if not _limiter.hit(FLOOD, owner):
        return _later(429, "Too many messages at once; wait a moment.", seconds=10)
    inbound = sent.to_inbound(token, vendor_id=f"{owner[:16]}:{sent.id}")
    try:
        request.app.state.inbox.accept(inbound, partition=owner[:32])
    except SQLAlchemyError:
        return _later(503, "The message could not be kept; try again in a moment.", seconds=3)
    return JSONResponse({"id": str(sent.id)}, status_code=202)


def _later(status: int, words: str, *, seconds: int) -> Response:
    return JSONResponse({"error": words}, status_code=status, headers={"Retry-After": str(seconds)})


@routes.get("/chat/events", openapi_extra={"x-audience": "public"})
@routes.get("/embed/events", openapi_extra={"x-audience": "public"})
async def events(
    request: Request,
    token: ShownSession = None,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Everything said so far after a message, then what is said from now on."""
    if token is None:
        raise HTTPException(401, "There is no session yet.")
    conversation_id = await run_in_threadpool(_conversation_of, request, token)
    if conversation_id is None:
        raise HTTPException(401, "There is no session yet.")
    begin = max(after, int(last_event_id)) if last_event_id and EVENT_ID.fullmatch(last_event_id) else after
    return EventSourceResponse(_stream(request, token, conversation_id, begin), ping=HEARTBEAT_SECONDS)


def _conversation_of(request: Request, token: str) -> uuid.UUID | None:
    box = request.app.state.services
    with box.database.transaction() as db:
        return find_conversation_id(db, box.book, channel=NAME, address=token)


async def _stream(
    request: Request, token: str, conversation_id: uuid.UUID, after: int
) -> AsyncIterator[ServerSentEvent]:
    """What is said in one conversation after the other: staff may close one, and the next message opens another."""
    seen, current, is_ready = after, conversation_id, False
    while not await request.is_disconnected():
        async with aclosing(_talk(request, token, current, seen)) as events:
            async for event in events:
                seen = int(event.id or seen)
                if event.event != "ready" or not is_ready:
                    yield event
                is_ready = is_ready or event.event == "ready"
        current = await _newest(request, token, current)


async def _newest(request: Request, token: str, known: uuid.UUID) -> uuid.UUID:
    found = await run_in_threadpool(_conversation_of, request, token)
    return known if found is None else found


async def _talk(
    request: Request, token: str, conversation_id: uuid.UUID, after: int
) -> AsyncGenerator[ServerSentEvent]:
    """What is said in a conversation, until the citizen's next one has begun."""
    seen = after
    async with request.app.state.listener.listen(conversation_id) as ear:
        for line in await _new_lines(request, conversation_id, seen):
            seen = line.id
            yield _event(request, line)
        yield ServerSentEvent(event="ready", data="{}")
        while not await request.is_disconnected():
            heard = await _hear(ear)
            # After a silence, too: the news that it goes on elsewhere may have been lost.
            is_over = not heard or "moved" in heard
            if is_over and await _newest(request, token, conversation_id) != conversation_id:
                return
            if "typing" in heard:
                yield ServerSentEvent(event="typing", data=json.dumps({"on": heard["typing"]}))
                continue
            for line in await _new_lines(request, conversation_id, seen):
                seen = line.id
                yield _event(request, line)


async def _hear(ear: Ear) -> dict[str, Any]:
    """That somebody began or ended typing, or that the talk goes on elsewhere; else look for new messages."""
    try:
        heard = await ear.next(HEARTBEAT_SECONDS)
    except (ConnectionError, RedisError):
        # Redis is away: look ourselves, a little later.
        await asyncio.sleep(DEAF_SECONDS)
        return {}
    return heard or {}


def _event(request: Request, line: Line) -> ServerSentEvent:
    shown = MessageView.of(line, partial(path_to, request.app.state.settings))
    return ServerSentEvent(event="message", id=str(line.id), data=shown.model_dump_json())


async def _new_lines(request: Request, conversation_id: uuid.UUID, after: int) -> list[Line]:
    return await run_in_threadpool(_read_lines, request, conversation_id, after)


def _read_lines(request: Request, conversation_id: uuid.UUID, after: int) -> list[Line]:
    with request.app.state.services.database.transaction() as db:
        return list_lines(db, conversation_id=conversation_id, after_id=after)
