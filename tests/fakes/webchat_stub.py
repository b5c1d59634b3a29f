"""A stand-in for the web chat's server: the real page, its three addresses, and faults on demand."""

import asyncio
import json
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.fakes.serving import listening

REPOSITORY = Path(__file__).resolve().parents[2]
WEBCHAT = REPOSITORY / "bot" / "channels" / "webchat"
COOKIE = "stub_session"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DIRECTIONS = {"ar": "rtl", "fr": "ltr", "en": "ltr"}
LOOK_SECONDS = 0.02

Fault = int | tuple[int, dict[str, str], dict[str, str]]
Answer = Callable[["Stub", str, dict[str, Any]], None]


@dataclass
class Stub:
    """What the server holds, and the faults that it shall show next: a status, with headers and JSON."""

    conversations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    received: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    lost_answers: int = 0
    answer: Answer | None = None
    is_down: bool = False
    streams_opened: int = 0
    generation: int = 0
    next_id: int = 0

    @property
    def conversation(self) -> str:
        """The conversation that began last."""
        return list(self.conversations)[-1]

    def say(self, text: str, *, author: str = "bot", **more: Any) -> None:
        """Adds a message to the last conversation and shows it to whoever listens."""
        self.next_id += 1
        message = _message(self.next_id, author=author, text=text) | more
        self.conversations[self.conversation].append(message)

    def type(self, *, on: bool) -> None:
        """Shows or ends the sign that somebody writes."""
        self.conversations[self.conversation].append({"on": on})

    def cut_streams(self) -> None:
        """Ends every open stream of events, as a restart would."""
        self.generation += 1

    def keep(self, conversation: str, body: dict[str, Any]) -> None:
        """Records a citizen's message once, however often it comes."""
        everything = [event for events in self.conversations.values() for event in events]
        if any(event.get("client_id") == body["id"] for event in everything):
            return
        self.next_id += 1
        message = _message(self.next_id, author="citizen", text=body.get("text", ""))
        self.conversations[conversation].append(message | {"client_id": body["id"]})
        if self.answer:
            self.answer(self, conversation, body)

    def application(self, node_modules: Path) -> Starlette:
        """The server as an ASGI application; fonts come from `node_modules`."""
        fonts = StaticFiles(directory=node_modules / "@fontsource", check_dir=False)
        routes = [
            Route("/", self._page),
            Route("/chat/session", self._session, methods=["POST"]),
            Route("/chat/messages", self._messages, methods=["POST"]),
            Route("/chat/events", self._events),
            Mount("/static/webchat", StaticFiles(directory=WEBCHAT / "static")),
            Mount("/static/fonts", fonts),
        ]
        return Starlette(routes=routes, middleware=[Middleware(BaseHTTPMiddleware, dispatch=_secure)])

    async def _page(self, request: Request) -> Response:
        language = request.query_params.get("lang", "ar")
        return HTMLResponse(render_page(language))

    async def _session(self, request: Request) -> Response:
        if self.is_down:
            return Response(status_code=502)
        asked = await request.json()
        known = request.cookies.get(COOKIE)
        conversation = known if known in self.conversations and not asked["new"] else str(uuid.uuid4())
        assert conversation is not None
        self.conversations.setdefault(conversation, [])
        response = JSONResponse({"conversation": conversation})
        response.set_cookie(COOKIE, conversation, httponly=True, samesite="lax")
        return response

    async def _messages(self, request: Request) -> Response:
        body = await request.json()
        self.headers.append(dict(request.headers))
        self.received.append(body)
        conversation = request.cookies.get(COOKIE, "")
        if self.is_down:
            return Response(status_code=502)
        if self.faults:
            return _fault(self.faults.popleft())
        if conversation not in self.conversations:
            return JSONResponse({"error": "no session"}, 401)
        self.keep(conversation, body)
        if self.lost_answers:
            self.lost_answers -= 1
            return Response(status_code=504)
        return JSONResponse({"id": body["id"]}, 202)

    async def _events(self, request: Request) -> Response:
        conversation = request.cookies.get(COOKIE, "")
        if self.is_down or conversation not in self.conversations:
            return Response(status_code=502 if self.is_down else 401)
        self.streams_opened += 1
        after = int(request.headers.get("last-event-id") or request.query_params.get("after", "0"))
        return StreamingResponse(self._stream(conversation, after), media_type="text/event-stream")

    async def _stream(self, conversation: str, after: int) -> AsyncIterator[str]:
        events, generation = self.conversations[conversation], self.generation
        yield "retry: 100\n\n"
        seen = len(events)
        for event in events[:seen]:
            if event.get("id", 0) > after:
                yield _written(event)
        yield "event: ready\ndata: {}\n\n"
        while generation == self.generation:
            for event in events[seen:]:
                yield _written(event)
                seen += 1
            await asyncio.sleep(LOOK_SECONDS)


def render_page(language: str) -> str:
    """The page as the real server renders it."""
    environment = Environment(loader=FileSystemLoader(WEBCHAT / "templates"), autoescape=True)
    strings = json.loads((WEBCHAT / "locale" / f"{language}.json").read_text("utf-8"))
    return environment.get_template("chat.html").render(
        language=language,
        direction=DIRECTIONS[language],
        t=strings,
        strings_json=json.dumps(strings, ensure_ascii=False),
        version="stub",
    )


def _message(number: int, *, author: str, text: str) -> dict[str, Any]:
    return {
        "id": number,
        "client_id": None,
        "author": author,
        "text": text,
        "buttons": [],
        "links": [],
        "language": "ar",
        "created_at": datetime.now(UTC).isoformat(),
    }


def _written(event: dict[str, Any]) -> str:
    data = json.dumps(event, ensure_ascii=False)
    return (
        f"event: message\nid: {event['id']}\ndata: {data}\n\n" if "id" in event else f"event: typing\ndata: {data}\n\n"
    )


def _fault(fault: Fault) -> Response:
    status, headers, content = fault if isinstance(fault, tuple) else (fault, {}, {"error": "stub"})
    return JSONResponse(content, status, headers)


async def _secure(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@contextmanager
def serve(stub: Stub, node_modules: Path) -> Iterator[str]:
    """Runs the stub on a free port of this machine and gives its address."""
    with listening(stub.application(node_modules)) as address:
        try:
            yield address
        finally:
            stub.cut_streams()
