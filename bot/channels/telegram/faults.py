"""What a failed call means for whom: Telegram's errors, and those on the way there, as ours."""

import re

import httpx
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError

from bot.channels.base import DeliveryError, Fault

# Of all errors on the way these alone come before the first byte has left.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid", "user_deactivated", "chat_id is empty")
TOO_OLD = "query is too old"
BAD_MARKUP = "can't parse entities"
# A picture that is too wide, too long or broken may still go as a document.
NO_PHOTO = "photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid"

_TOKEN = re.compile(r"\d+:[\w-]{20,}")


class Busy(TelegramError):
    """We are too fast: 429, with the seconds to wait when Telegram names them."""

    def __init__(self, message: str, retry_after: float | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Broken(NetworkError):
    """A server on the way failed, and perhaps after the call was done: 5xx."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the server answered {status}")
        self.status = status


def says(error: TelegramError, *words: str) -> bool:
    """Whether Telegram's description holds one of these, in whatever letters."""
    return any(one in error.message.lower() for one in words)


def redact(text: str) -> str:
    """A text fit for a log: without the bot's token, which stands in every address that we call."""
    return _TOKEN.sub("[token]", text)


def delivery_error(error: Exception, *, is_repeatable: bool) -> DeliveryError:
    """The error of our kind; when the call may be repeated without harm, not knowing its end is a passing fault."""
    fault, code = _fault(error)
    if is_repeatable and fault is Fault.UNKNOWN:
        fault = Fault.PASSING
    reason = redact(f"Telegram: {type(error).__name__}: {error}")
    return DeliveryError(reason, fault=fault, code=code, retry_after=getattr(error, "retry_after", None))


def _fault(error: Exception) -> tuple[Fault, str]:
    match error:
        case Busy():
            return Fault.PASSING, "429"
        case Forbidden() | ChatMigrated():
            return Fault.ADDRESS, "403"
        case InvalidToken():  # 401, or 404 when it is not even shaped like a token.
            return Fault.SENDER, "401"
        case Conflict():
            return Fault.SENDER, "409"
        case BadRequest():
            return Fault.ADDRESS if says(error, *NOBODY_THERE) else Fault.CONTENT, "400"
        case _:
            return _network_fault(error)


def _network_fault(error: Exception) -> tuple[Fault, str]:
    if isinstance(error, Broken):
        return Fault.UNKNOWN, str(error.status)
    if isinstance(error.__cause__, NOT_SENT):
        return Fault.PASSING, "unreachable"
    return Fault.UNKNOWN, "timeout" if isinstance(error.__cause__, httpx.TimeoutException) else "no_answer"
