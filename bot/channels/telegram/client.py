"""The way to Telegram's Bot API for threads: python-telegram-bot on a private event loop, errors as ours."""

import asyncio
import datetime as dt
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from telegram import Bot, File, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.channels.base import DeliveryError
from bot.channels.telegram.faults import BAD_MARKUP, NO_PHOTO, TOO_OLD, delivery_error, says
from bot.channels.telegram.render import Key, TelegramPart
from bot.channels.telegram.transport import Requests, keep_tokens_out_of_logs, private_loop, too_large

BASE_URL = "https://api.telegram.org"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
MAX_CONNECTIONS = 20
LARGEST_FILE = 20 * 1024 * 1024
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")

# What the library raises, besides its own errors, at an answer that lacks what belongs there.
_STRANGE_ANSWER = (AttributeError, KeyError, TypeError, ValueError)
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Result = TypeVar("Result")
Upload = Callable[..., Awaitable[Message]]


@dataclass(frozen=True)
class Account:
    """Who the token makes us."""

    id: str
    username: str
    name: str


@dataclass(frozen=True)
class WebhookState:
    """Where Telegram sends updates ("" for nowhere), how many wait, and what went wrong last."""

    url: str
    pending: int
    last_error_at: dt.datetime | None
    last_error: str


class _Bot(Bot):
    """The library's bot, plus updates as they come: it would drop a whole batch for one update that it cannot read."""

    async def raw_updates(self, offset: int | None, timeout_seconds: int, read_timeout: float) -> list[dict[str, Any]]:
        data = {"offset": offset, "timeout": timeout_seconds, "allowed_updates": ALLOWED_UPDATES}
        return cast(list[dict[str, Any]], await self._post("getUpdates", data, read_timeout=read_timeout))


class TelegramClient:
    """Calls that may come from any thread; each raises DeliveryError with the fault that tells what to do next."""

    def __init__(self, token: str, *, base_url: str = BASE_URL, timeout_seconds: float = 10.0) -> None:
        keep_tokens_out_of_logs()
        self._loop = private_loop()
        self._timeout = timeout_seconds
        self._requests, self._polls = (self._new_requests(size) for size in (MAX_CONNECTIONS, 1))
        self._files = f"{base_url}/file/bot{token}/"
        self._bot = _Bot(
            token,
            base_url=f"{base_url}/bot",
            base_file_url=self._files.removesuffix(f"{token}/"),
            request=self._requests,
            get_updates_request=self._polls,
        )

    def send_part(self, chat_id: str, part: TelegramPart) -> str:
        """Send one message; gives `<chat>:<message>`. HTML that is refused goes again, once, as plain text."""
        message = self._run(self._send(chat_id, part), is_repeatable=False)
        return f"{chat_id}:{message.message_id}"

    def send_file(self, chat_id: str, part: TelegramPart, content: bytes) -> str:
        """Send a part with its file: a picture is shown, unless Telegram cannot; gives `<chat>:<message>`."""
        message = self._run(self._send_file(chat_id, part, content), is_repeatable=False)
        return f"{chat_id}:{message.message_id}"

    def answer_callback(self, query_id: str) -> None:
        """Stop the waiting sign on a pressed button; one that waits no longer is as good."""
        self._run(self._answer(query_id))

    def send_typing(self, chat_id: str) -> None:
        """Show for five seconds that somebody writes."""
        self._run(self._bot.send_chat_action(chat_id, ChatAction.TYPING))

    def get_file(self, file_id: str, *, largest: int = LARGEST_FILE) -> bytes:
        """The content of a citizen's file, from Telegram's own host; refuses more than `largest` bytes."""
        return self._run(self._fetch(file_id, largest))

    def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to us; raises ValueError without a secret that their header can carry."""
        if not SECRET.fullmatch(secret):
            raise ValueError("a webhook needs a secret of 1 to 256 letters, digits, _ or -")
        self._run(
            self._bot.set_webhook(
                url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=MAX_CONNECTIONS
            )
        )

    def delete_webhook(self) -> None:
        """Have updates kept for polling; those that wait stay."""
        self._run(self._bot.delete_webhook())

    def webhook_info(self) -> WebhookState:
        """How the webhook fares."""
        info = self._run(self._bot.get_webhook_info())
        return WebhookState(info.url, info.pending_update_count, info.last_error_date, info.last_error_message or "")

    def get_me(self) -> Account:
        """Whose token it is; the way to try one out."""
        me = self._run(self._bot.get_me())
        return Account(str(me.id), me.username or "", me.full_name)

    def get_updates(self, offset: int | None = None, *, timeout_seconds: int = 10) -> list[dict[str, Any]]:
        """The updates from an offset on, raw, after waiting for one; asking for more confirms those before."""
        patience = timeout_seconds + self._timeout
        return self._run(self._bot.raw_updates(offset, timeout_seconds, patience))

    def close(self) -> None:
        """Close the connections."""
        for requests in (self._requests, self._polls):
            self._run(requests.shutdown())

    def _new_requests(self, size: int) -> Requests:
        seconds = self._timeout
        return Requests(
            size, read_timeout=seconds, write_timeout=seconds, connect_timeout=seconds, pool_timeout=seconds
        )

    def _run(self, call: Coroutine[Any, Any, Result], *, is_repeatable: bool = True) -> Result:
        future = asyncio.run_coroutine_threadsafe(call, self._loop)
        try:
            return future.result()
        except (TelegramError, *_STRANGE_ANSWER) as error:
            # Without its chain, in which an address with the token could stand.
            raise delivery_error(error, is_repeatable=is_repeatable) from None
        finally:
            # When the waiting thread is interrupted, the call must not go on behind its back.
            future.cancel()

    async def _send(self, chat_id: str, part: TelegramPart) -> Message:
        markup = _markup(part.rows)
        more: dict[str, Any] = {"reply_markup": markup, "link_preview_options": _NO_PREVIEW}
        try:
            return await self._bot.send_message(chat_id, part.html, parse_mode=ParseMode.HTML, **more)
        except BadRequest as error:
            if not says(error, BAD_MARKUP):
                raise
            return await self._bot.send_message(chat_id, part.plain, **more)

    async def _send_file(self, chat_id: str, part: TelegramPart, content: bytes) -> Message:
        assert part.file is not None
        if part.file.is_picture:
            try:
                return await self._upload(self._bot.send_photo, chat_id, part, content)
            except BadRequest as error:
                if not says(error, *NO_PHOTO):
                    raise
        return await self._upload(self._bot.send_document, chat_id, part, content)

    async def _upload(self, send: Upload, chat_id: str, part: TelegramPart, content: bytes) -> Message:
        assert part.file is not None
        more: dict[str, Any] = {"filename": part.file.name, "reply_markup": _markup(part.rows)}
        try:
            return await send(chat_id, content, caption=part.html or None, parse_mode=ParseMode.HTML, **more)
        except BadRequest as error:
            if not says(error, BAD_MARKUP):
                raise
            return await send(chat_id, content, caption=part.plain or None, **more)

    async def _answer(self, query_id: str) -> None:
        try:
            await self._bot.answer_callback_query(query_id)
        except BadRequest as error:
            if not says(error, TOO_OLD):
                raise

    async def _fetch(self, file_id: str, largest: int) -> bytes:
        file = await self._bot.get_file(file_id)
        _check_file(file, self._files, largest)
        return await self._requests.download(str(file.file_path), largest)


def _check_file(file: File, beginning: str, largest: int) -> None:
    if (file.file_size or 0) > largest:
        raise too_large()
    # The library takes a path that exists on this machine for a file of a local server.
    if not (file.file_path or "").startswith(beginning):
        raise DeliveryError("Telegram: the file is not at Telegram's", permanent=True, code="elsewhere")


def _markup(rows: tuple[tuple[Key, ...], ...]) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup([[_button(key) for key in row] for row in rows]) if rows else None


def _button(key: Key) -> InlineKeyboardButton:
    return InlineKeyboardButton(key.title, url=key.url or None, callback_data=key.data or None)
