"""A stand-in for Twilio on this machine: messages, contents, files and webhooks of one account, faults on demand."""

import asyncio
import base64
import json
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.channels.whatsapp.citizens import sid
from tests.channels.whatsapp.courier import Courier
from tests.channels.whatsapp.outbox import Outbox
from tests.channels.whatsapp.rules import (
    NOT_AUTHENTICATED,
    NOT_FOUND,
    TOO_MANY,
    Refusal,
    refusal_of_content,
    refusal_of_message,
)
from tests.fakes.serving import listening
from tests.fakes.telegram_api import dripping

KEY, SECRET = "SK" + "0" * 32, "the secret of that key"
LONGEST_SILENCE = 30.0

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Fault:
    """What the next sending meets: a status and nothing done, or done and never answered, or slow."""

    status: int = 0
    is_silent: bool = False
    seconds: float = 0.0


@dataclass
class TwilioApi(Outbox):
    """What we call, and what citizens do. Everything that was sent is in `sent`, every webhook's call in `attempts`.

    `per_second` is the sender's limit when it is kept, `turned_away` says when calls were refused for it; `unknown` and
    `opted_out` are citizens' numbers.
    """

    key: str = KEY
    secret: str = SECRET
    typing: list[dict[str, Any]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    opted_out: set[str] = field(default_factory=set)
    faults: deque[Fault] = field(default_factory=deque)
    content_faults: deque[int] = field(default_factory=deque)
    per_second: int | None = None
    turned_away: list[float] = field(default_factory=list)
    media_location: str = ""
    media_faults: deque[Fault] = field(default_factory=deque)
    released: threading.Event = field(default_factory=threading.Event)

    def forget(self) -> None:
        """Be as new, on the same address."""
        self.settle()
        self.released.set()
        vars(self).update(vars(TwilioApi(api_url=self.api_url, courier=Courier(reach=self.courier.reach))))

    def fail_next(self, count: int = 1, status: int = 500) -> None:
        """The next messages are refused with a status, and not sent."""
        self.faults.extend([Fault(status)] * count)

    def swallow_next(self, count: int = 1) -> None:
        """The next messages are sent, but the call is never answered."""
        self.faults.extend([Fault(is_silent=True)] * count)

    def fail_next_file(self, status: int = 0, *, seconds: float = 0.0) -> None:
        """The next file is refused with a status, or slow in coming."""
        self.media_faults.append(Fault(status, seconds=seconds))

    def slow_next(self, seconds: float, count: int = 1) -> None:
        """The next calls take their time."""
        self.faults.extend([Fault(seconds=seconds)] * count)

    def application(self) -> Starlette:
        """The API as an ASGI application."""
        account = f"/2010-04-01/Accounts/{self.account_sid}"
        one_file = account + "/Messages/{message}/Media/{media}"
        routes = [
            Route(account + "/Messages.json", self._known(self._create), methods=["POST"]),
            Route(account + "/Messages.json", self._known(self._list)),
            Route(account + "/Messages/{message}.json", self._known(self._show)),
            Route(account + "/Messages/{message}/Media.json", self._known(self._list_media)),
            Route(one_file, self._known(self._fetch_media), methods=["GET"]),
            Route(one_file, self._known(self._delete_media), methods=["DELETE"]),
            Route("/carrier/{media}", self._carry),
            Route("/v1/Content", self._known(self._create_content), methods=["POST"]),
            Route("/v1/Content/{content}", self._known(self._delete_content), methods=["DELETE"]),
            Route("/v1/Content/{content}/ApprovalRequests", self._known(self._show_approval), methods=["GET"]),
            Route("/v1/Content/{content}/ApprovalRequests/whatsapp", self._known(self._ask_approval), methods=["POST"]),
            Route("/v3/Indicators/Typing.json", self._known(self._show_typing), methods=["POST"]),
            Route("/{path:path}", self._known(self._nothing), methods=["GET", "POST", "DELETE"]),
        ]
        return Starlette(routes=routes)

    def _known(self, endpoint: Endpoint) -> Endpoint:
        """Only for who has a key, or the account's own token."""
        pairs = ((self.key, self.secret), (self.account_sid, self.courier.token))
        taken = {"Basic " + base64.b64encode(":".join(pair).encode()).decode() for pair in pairs}

        async def answer(request: Request) -> Response:
            is_known = request.headers.get("authorization") in taken
            return await endpoint(request) if is_known else _refused(NOT_AUTHENTICATED)

        return answer

    async def _nothing(self, request: Request) -> Response:
        return _refused(NOT_FOUND)

    async def _create(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        fault, test = self.faults.popleft() if self.faults else Fault(), self.released
        await asyncio.sleep(fault.seconds)
        if self.released is not test:  # What an earlier test left behind must not come to this one.
            return Response(status_code=503)
        if fault.status:
            return _refused(TOO_MANY if fault.status == TOO_MANY.status else Refusal(fault.status, 20500, "Failed"))
        refusal = self._refusal(form)
        if refusal is not None:
            return _refused(refusal)
        sent = self.accept(form)
        told = self.tell_later(sent)
        if self.early:
            await run_in_threadpool(told.join)
        if fault.is_silent:
            await run_in_threadpool(test.wait, LONGEST_SILENCE)
            return Response(status_code=504)
        return JSONResponse(_public(self.messages[sent.sid]), 201)

    def _refusal(self, form: dict[str, str]) -> Refusal | None:
        limit = self.per_second
        if limit is not None and len(self.sent) >= limit and time.monotonic() - self.sent[-limit].at < 1:
            self.turned_away.append(time.monotonic())
            return TOO_MANY
        return refusal_of_message(
            form, sender=self.sender, contents=self.contents, unknown=self.unknown, opted_out=self.opted_out
        )

    async def _list(self, request: Request) -> Response:
        asked = request.query_params
        found = [
            _public(message)
            for message in reversed(list(self.messages.values()))
            if asked.get("To", message["to"]) == message["to"]
            and asked.get("From", message["from"]) == message["from"]
            and (message["date_sent"] or "DateSent>" not in asked)
        ]
        size, page = int(asked.get("PageSize", "50")), int(asked.get("Page", "0"))
        after = {**asked, "Page": str(page + 1)}
        following = f"{request.url.path}?{urlencode(after)}" if len(found) > size * (page + 1) else None
        return JSONResponse({"messages": found[size * page : size * (page + 1)], "next_page_uri": following})

    async def _show(self, request: Request) -> Response:
        message = self.messages.get(request.path_params["message"])
        return _refused(NOT_FOUND) if message is None else JSONResponse(_public(message))

    async def _list_media(self, request: Request) -> Response:
        message = self.messages.get(request.path_params["message"])
        if message is None:
            return _refused(NOT_FOUND)
        folder = message["uri"].removesuffix(".json") + "/Media/"
        found = [
            {"sid": one, "content_type": self.media[one][1], "uri": f"{folder}{one}.json"}
            for one in message["media"]
            if one in self.media
        ]
        return JSONResponse({"media_list": found, "next_page_uri": None})

    async def _fetch_media(self, request: Request) -> Response:
        media = request.path_params["media"]
        if media not in self.media:
            return _refused(NOT_FOUND)
        return Response(status_code=307, headers={"Location": self.media_location or f"{self.api_url}/carrier/{media}"})

    async def _delete_media(self, request: Request) -> Response:
        gone = self.media.pop(request.path_params["media"], None)
        return _refused(NOT_FOUND) if gone is None else Response(status_code=204)

    async def _carry(self, request: Request) -> Response:
        """The files' own host, which refuses whoever shows a key that is not for it."""
        if "authorization" in request.headers or request.path_params["media"] not in self.media:
            return Response(status_code=400)
        fault = self.media_faults.popleft() if self.media_faults else Fault()
        if fault.status:
            return Response(status_code=fault.status)
        content, mime_type = self.media[request.path_params["media"]]
        response = dripping(content, fault.seconds)
        response.headers["Content-Type"] = mime_type
        return response

    async def _create_content(self, request: Request) -> Response:
        if self.content_faults:
            return _refused(Refusal(self.content_faults.popleft(), 20500, "Failed"))
        content = json.loads(await request.body())
        refusal = refusal_of_content(content)
        if refusal is not None:
            return _refused(refusal)
        content_sid = sid("HX")
        self.contents[content_sid] = content
        return JSONResponse({"sid": content_sid, "account_sid": self.account_sid, **content}, 201)

    async def _ask_approval(self, request: Request) -> Response:
        content_sid = request.path_params["content"]
        if content_sid not in self.contents:
            return _refused(NOT_FOUND)
        told = self.ask(content_sid, json.loads(await request.body()))
        return _refused(told) if isinstance(told, Refusal) else JSONResponse(told, 201)

    async def _show_approval(self, request: Request) -> Response:
        content_sid = request.path_params["content"]
        if content_sid not in self.contents:
            return _refused(NOT_FOUND)
        told = self.approvals.get(content_sid, {"status": "unsubmitted"})
        return JSONResponse({"sid": content_sid, "account_sid": self.account_sid, "whatsapp": told})

    async def _delete_content(self, request: Request) -> Response:
        gone = self.contents.pop(request.path_params["content"], None)
        self.approvals.pop(request.path_params["content"], None)
        return _refused(NOT_FOUND) if gone is None else Response(status_code=204)

    async def _show_typing(self, request: Request) -> Response:
        asked = json.loads(await request.body())
        message = self.messages.get(asked.get("messageId"), {})
        if asked.get("channel") != "WHATSAPP" or message.get("direction") != "inbound":
            return _refused(Refusal(400, 20422, "Invalid Parameter"))
        self.typing.append(asked)
        return JSONResponse({"success": True})


def _refused(refusal: Refusal) -> Response:
    return JSONResponse(refusal.as_json(), refusal.status)


def _public(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "media"}


@contextmanager
def serve(api: TwilioApi) -> Iterator[str]:
    """Run the API on a free port of this machine; gives its address, which `api.api_url` holds too."""
    with listening(api.application()) as api.api_url:
        try:
            yield api.api_url
        finally:
            api.released.set()
            api.settle()
