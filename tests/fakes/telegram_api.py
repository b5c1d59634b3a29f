"""A stand-in for Telegram's Bot API on this machine: its methods, limits and words, its webhook, faults on demand."""

import asyncio
import json
import re
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.channels.telegram.citizens import BOT, Citizens, Sent
from tests.channels.telegram.courier import Courier, Webhook
from tests.channels.telegram.rules import (
    Params,
    Refusal,
    bad_request,
    check_upload,
    read_caption,
    read_keyboard,
    read_params,
    read_text,
)
from tests.fakes.serving import listening

TOKEN = "7000000001:AAfake_token_of_35_characters_00000"
LARGEST_FILE = 20 * 1024 * 1024
LOOK_SECONDS = 0.01
Uploads = dict[str, tuple[str, bytes]]
KINDS_BY_DEFAULT = "message edited_message callback_query my_chat_member".split()  # noqa: SIM905


@dataclass(frozen=True)
class Fault:
    """What the next call meets: a status, done and never answered, or slow."""

    status: int = 0
    retry_after: int = 0
    is_silent: bool = False
    seconds: float = 0.0


@dataclass
class TelegramApi(Citizens):
    """What bots call, and what citizens do. Everything that was sent is in `sent`, every call in `calls`.

    `turned_away` says when calls were refused for their rate.
    """

    token: str = TOKEN
    api_url: str = ""
    calls: list[tuple[str, Params]] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    file_faults: deque[Fault] = field(default_factory=deque)
    file_location: str = ""
    has_rate_limits: bool = False
    overall_per_second: int = 30
    turned_away: list[float] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    polls: int = 0
    shows_no_photos: bool = False

    def forget(self) -> None:
        """Be as new, on the same address."""
        self.released.set()
        self.courier.webhook = Webhook()
        vars(self).update(vars(TelegramApi(api_url=self.api_url, courier=Courier(loop=self.courier.loop))))

    def fail_next(self, count: int = 1, status: int = 500, retry_after: int = 0) -> None:
        """The next calls are refused with a status, and not done."""
        self.faults.extend([Fault(status, retry_after)] * count)

    def swallow_next(self, count: int = 1) -> None:
        """The next calls are done, but never answered."""
        self.faults.extend([Fault(is_silent=True)] * count)

    def slow_next(self, seconds: float, count: int = 1) -> None:
        """The next calls take their time."""
        self.faults.extend([Fault(seconds=seconds)] * count)

    def revoke(self, token: str) -> None:
        """As BotFather does: only a new token counts, and the webhook is gone; updates wait on."""
        self.token, self.courier.webhook = token, Webhook()

    def fail_next_file(self, status: int = 0, *, seconds: float = 0.0, location: str = "") -> None:
        """The next file is refused with a status, sent elsewhere, or slow in coming."""
        self.file_faults.append(Fault(status, seconds=seconds))
        self.file_location = location

    def citizen_sends_file(self, chat: int, kind: str, content: bytes, **more: Any) -> dict[str, Any]:
        """A photo, voice, document … from a citizen, kept here until it is asked for; gives the update."""
        file_id = f"file{len(self.files)}"
        self.files[file_id] = (f"{kind}/{file_id}", content)
        file = {"file_id": file_id, "file_size": len(content)}
        content_of: dict[str, Any] = {kind: [file] if kind == "photo" else file}
        return self.citizen_sends(chat, **content_of, **more)

    def application(self) -> Starlette:
        """The API as an ASGI application."""
        methods = ["GET", "POST"]
        routes = [
            Route("/file/bot{token}/{path:path}", self._download),
            Route("/bot{token}/{method}", self._call, methods=methods),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self.courier.loop = asyncio.get_running_loop()
        yield
        await self.courier.stop()

    async def _call(self, request: Request) -> Response:
        try:
            self._check_token(request.path_params["token"])
            params, uploads = await _read(request)
            self.calls.append((request.path_params["method"], params))
            fault = self.faults.popleft() if self.faults else Fault()
            if fault.status:
                raise Refusal(fault.status, "Injected", fault.retry_after)
            await asyncio.sleep(fault.seconds)
            result = await self._do(request.path_params["method"], params, uploads)
            if fault.is_silent:
                await asyncio.to_thread(self.released.wait, 30)
            return JSONResponse({"ok": True, "result": result})
        except Refusal as refusal:
            return _refuse(refusal)

    async def _do(self, method: str, params: Params, uploads: Uploads) -> Any:
        if method.lower() == "getupdates":
            return await self._get_updates(params)
        if method.lower() in ("sendphoto", "senddocument"):
            return self._send_file(method.lower().removeprefix("send"), params, uploads)
        known: dict[str, Callable[[Params], Any]] = {
            "getme": lambda _: BOT,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "answercallbackquery": self._answer_callback_query,
            "sendchataction": self._send_chat_action,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "getfile": self._get_file,
        }
        if method.lower() not in known:
            raise Refusal(404, "Not Found")
        return known[method.lower()](params)

    def _check_token(self, token: str) -> None:
        if not re.fullmatch(r"\d+:[\w-]{35}", token):
            raise Refusal(404, "Not Found")
        if token != self.token:
            raise Refusal(401, "Unauthorized")

    def _send_message(self, params: Params) -> dict[str, Any]:
        chat = self._open_chat(params)
        text, entities = read_text(params.get("text", ""), params.get("parse_mode", ""))
        rows = read_keyboard(params.get("reply_markup", ""))
        self._keep_rate(chat)
        self.sent.append(Sent(chat, next(self.message_ids), text, entities, rows, params["text"]))
        return self.sent[-1].as_message()

    def _send_file(self, kind: str, params: Params, uploads: Uploads) -> dict[str, Any]:
        chat = self._open_chat(params)
        if kind not in uploads:
            raise bad_request(f"there is no {kind} in the request")
        check_upload(kind, uploads[kind][1])
        if kind == "photo" and self.shows_no_photos:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        text, entities = read_caption(params.get("caption", ""), params.get("parse_mode", ""))
        rows = read_keyboard(params.get("reply_markup", ""))
        self._keep_rate(chat)
        file = (kind, *uploads[kind])
        self.sent.append(Sent(chat, next(self.message_ids), text, entities, rows, params.get("caption", ""), file))
        return self.sent[-1].as_message()

    def _edit_message_text(self, params: Params) -> dict[str, Any]:
        chat = self._open_chat(params)
        found = [one for one in self.sent if (one.chat_id, str(one.message_id)) == (chat, params.get("message_id"))]
        if not found:
            raise bad_request("message to edit not found")
        text, entities = read_text(params.get("text", ""), params.get("parse_mode", ""))
        rows = read_keyboard(params.get("reply_markup", ""))
        if (text, entities, rows) == (found[0].text, found[0].entities, found[0].rows):
            raise bad_request("message is not modified")
        found[0].text, found[0].entities, found[0].rows = text, entities, rows
        return found[0].as_message()

    def _open_chat(self, params: Params) -> int:
        chat = params.get("chat_id", "")
        state = self.chats.get(int(chat)) if chat.lstrip("-").isdigit() else None
        if state is None:
            raise bad_request("chat not found" if chat else "chat_id is empty")
        if state != "open":
            words = "bot was blocked by the user" if state == "blocked" else "user is deactivated"
            raise Refusal(403, f"Forbidden: {words}")
        return int(chat)

    def _keep_rate(self, chat: int) -> None:
        recent = [one for one in self.sent[-self.overall_per_second :] if time.monotonic() - one.at < 1]
        is_too_much = len(recent) >= self.overall_per_second or any(one.chat_id == chat for one in recent)
        if self.has_rate_limits and is_too_much:
            self.turned_away.append(time.monotonic())
            raise Refusal(429, "Too Many Requests: retry after 1", 1)

    def _answer_callback_query(self, params: Params) -> bool:
        if params.get("callback_query_id") not in self.open_presses:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        self.open_presses.discard(params["callback_query_id"])
        return True

    def _send_chat_action(self, params: Params) -> bool:
        self._open_chat(params)
        if params.get("action") != "typing":
            raise bad_request("wrong parameter action in request")
        return True

    def _set_webhook(self, params: Params) -> bool:
        url, secret = params.get("url", ""), params.get("secret_token", "")
        # The real one takes https only; on this machine there is no certificate.
        if url and not re.match(r"https://|http://127\.0\.0\.1", url):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        connections = min(max(int(params.get("max_connections") or 40), 1), 100)
        self.courier.webhook = Webhook(url, secret, connections)
        self._allow(params)
        self.courier.wake()
        return True

    def _allow(self, params: Params) -> None:
        if "allowed_updates" in params:
            self.courier.allowed = set(json.loads(params["allowed_updates"]))

    def _delete_webhook(self, _params: Params) -> bool:
        self.courier.webhook = Webhook()
        return True

    def _get_webhook_info(self, _params: Params) -> dict[str, Any]:
        hook = self.courier.webhook
        info: dict[str, Any] = {"url": hook.url, "has_custom_certificate": False}
        info |= {"pending_update_count": len(self.courier.pending()), "max_connections": hook.max_connections}
        info["allowed_updates"] = sorted(self.courier.allowed) or KINDS_BY_DEFAULT
        error = {"last_error_date": hook.last_error_at, "last_error_message": hook.last_error}
        return info | (error if hook.last_error else {})

    async def _get_updates(self, params: Params) -> list[dict[str, Any]]:
        if self.courier.webhook.url:
            words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise Refusal(409, f"Conflict: {words}")
        self._allow(params)
        self.courier.confirm(int(params.get("offset") or 0))
        self.polls += 1
        mine, until = self.polls, time.monotonic() + int(params.get("timeout") or 0)
        while not self.courier.pending() and time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)
            if mine != self.polls:
                words = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise Refusal(409, f"Conflict: {words}")
        return self.courier.pending()[: int(params.get("limit") or 100)]

    def _get_file(self, params: Params) -> dict[str, Any]:
        path, content = self.files.get(params.get("file_id", ""), ("", b""))
        if not path:
            raise bad_request("invalid file_id")
        if len(content) > LARGEST_FILE:
            raise bad_request("file is too big")
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_size": len(content), "file_path": path}

    async def _download(self, request: Request) -> Response:
        try:
            self._check_token(request.path_params["token"])
        except Refusal as refusal:
            return _refuse(refusal)
        contents = dict(self.files.values())
        found = contents.get(request.path_params["path"])
        fault = self.file_faults.popleft() if self.file_faults else Fault()
        if fault.status:
            return Response(status_code=fault.status, headers={"Location": self.file_location})
        return _refuse(Refusal(404, "Not Found")) if found is None else dripping(found, fault.seconds)


async def _read(request: Request) -> tuple[Params, Uploads]:
    """The parameters of a call, and the files that it brings, with their names."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return read_params(kind, await request.body()), {}
    params: Params = {}
    uploads: Uploads = {}
    for name, value in (await request.form()).items():
        if isinstance(value, UploadFile):
            uploads[name] = (value.filename or "", await value.read())
        else:
            params[name] = value
    return params, uploads


def dripping(content: bytes, seconds: float) -> Response:
    """A file whose second half comes some time after the first."""

    async def halves() -> AsyncIterator[bytes]:
        half = len(content) // 2
        yield content[:half]
        await asyncio.sleep(seconds)
        yield content[half:]

    return StreamingResponse(halves())


def _refuse(refusal: Refusal) -> Response:
    return JSONResponse(refusal.content(), refusal.code)


@contextmanager
def serve(api: TelegramApi) -> Iterator[str]:
    """Run it on a free port of this machine; gives its address, which `api.api_url` holds too."""
    with listening(api.application()) as api.api_url:
        try:
            yield api.api_url
        finally:
            api.released.set()
