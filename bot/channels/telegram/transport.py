"""How calls get to Telegram: one event loop of our own, and requests that keep secrets and tell faults apart."""

import asyncio
import json
import logging
import threading
import time
from functools import lru_cache
from typing import Any

import httpx
from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.base import DeliveryError
from bot.channels.telegram.faults import Broken, Busy, redact

# At INFO or DEBUG these write the address of each call, and with it the token.
TALKATIVE = ("httpx", "telegram.Bot")
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500
# A whole file; each piece of it has the client's own time-out.
LONGEST_SECONDS = 60.0


@lru_cache(maxsize=1)
def private_loop() -> asyncio.AbstractEventLoop:
    """The event loop, in a thread of its own, that all clients of this process share."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="telegram", daemon=True).start()
    return loop


def keep_tokens_out_of_logs() -> None:
    """Have the libraries' own records redacted; harmless to call again."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_redact_record)


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True


class Requests(HTTPXRequest):
    """The library's requests, but a busy server, a broken one and a strange answer are told apart."""

    __slots__ = ()

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """One call; raises Busy for 429 and Broken for 5xx, which the library takes for one and the same fault."""
        status, content = await super().do_request(*args, **kwargs)
        if status == TOO_MANY_REQUESTS:
            raise Busy("too many requests", _retry_after(content))
        if status >= SERVER_ERRORS:
            raise Broken(status)
        return status, content

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer; the library's own way to read it would log what it cannot read, citizens' words and all."""
        try:
            found = json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is no JSON") from None
        if not isinstance(found, dict):
            raise TelegramError("the answer is no object")
        return found

    async def download(self, url: str, largest: int) -> bytes:
        """The content of a file; redirects are not followed, and more than `largest` bytes are refused."""
        try:
            # What is compressed could grow beyond every cap in one step.
            headers = {"Accept-Encoding": "identity"}
            async with self._client.stream("GET", url, headers=headers, follow_redirects=False) as response:
                _check_file_status(response.status_code)
                return await _read(response, largest)
        except httpx.HTTPError as error:
            raise NetworkError(f"httpx.{type(error).__name__}") from error


def _check_file_status(status: int) -> None:
    if status == TOO_MANY_REQUESTS:
        raise Busy("too many requests", None)
    if status >= SERVER_ERRORS:
        raise Broken(status)
    if status != httpx.codes.OK:
        code = "elsewhere" if httpx.codes.is_redirect(status) else str(status)
        raise DeliveryError(f"Telegram: the file is not there: {status}", permanent=True, code=code)


async def _read(response: httpx.Response, largest: int) -> bytes:
    ends_at, content = time.monotonic() + LONGEST_SECONDS, bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > largest:
            raise too_large()
        if time.monotonic() > ends_at:
            raise DeliveryError("Telegram: a file that takes too long", code="slow")
    return bytes(content)


def too_large() -> DeliveryError:
    """The refusal of a file for its size."""
    return DeliveryError("Telegram: the file is too big", permanent=True, code="too_large")


def _retry_after(content: bytes) -> float | None:
    try:
        return float(json.loads(content)["parameters"]["retry_after"])
    except (ValueError, TypeError, KeyError):
        return None
