"""Addresses under which somebody without an account fetches one file that staff sent, for some time."""

import base64
import datetime as dt
import hashlib
import hmac

from bot.db.base import utc_now
from bot.settings import Settings

PATH = "/media/out"
LASTS = dt.timedelta(days=1)
# The message's id and the second at which it ends.
_NUMBER_BYTES = 8
_SEAL_BYTES = 20
_TOKEN_CHARACTERS = (2 * _NUMBER_BYTES + _SEAL_BYTES) * 4 // 3


def path_to(settings: Settings, message_id: int, *, lasts: dt.timedelta = LASTS) -> str:
    """The path of a message's file."""
    until = int((utc_now() + lasts).timestamp())
    told = message_id.to_bytes(_NUMBER_BYTES) + until.to_bytes(_NUMBER_BYTES)
    return f"{PATH}/{base64.urlsafe_b64encode(told + _seal(settings, told)).decode()}"


def link_to(settings: Settings, message_id: int) -> str:
    """The same as an address for a vendor."""
    return settings.public_url.rstrip("/") + path_to(settings, message_id)


def read_token(settings: Settings, token: str) -> int | None:
    """The message that the last part of a path is for; None for one that we did not make, or that is over."""
    if len(token) != _TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        given = base64.b64decode(token, altchars=b"-_", validate=True)
    except ValueError:
        return None
    told, seal = given[: 2 * _NUMBER_BYTES], given[2 * _NUMBER_BYTES :]
    if not hmac.compare_digest(seal, _seal(settings, told)):
        return None
    message_id, until = (int.from_bytes(part) for part in (told[:_NUMBER_BYTES], told[_NUMBER_BYTES:]))
    return message_id if until > utc_now().timestamp() else None


def _seal(settings: Settings, told: bytes) -> bytes:
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, b"file link\0" + told, hashlib.sha256).digest()[:_SEAL_BYTES]
