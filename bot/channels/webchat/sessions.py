"""Who is who: session ids that this server made and signed, in a cookie that fits where the page is shown."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from enum import StrEnum

from fastapi import Response

from bot.settings import Settings

COOKIE_SECONDS = 180 * 24 * 3600
# Together 32 bytes, which are 43 characters; neither part can be guessed.
RANDOM_BYTES = 18
SIGNATURE_BYTES = 14
SHAPE = re.compile(r"[\w-]{43}", re.ASCII)


class Door(StrEnum):
    """Where citizens come in: our own page, or its frame in another site. Each has its own sessions."""

    PAGE = "chat"
    FRAME = "embed"


def new_session(settings: Settings, door: Door) -> str:
    """A session id: random bytes and, under our key, their signature."""
    random = secrets.token_bytes(RANDOM_BYTES)
    return base64.urlsafe_b64encode(random + _signature(settings, door, random)).decode().rstrip("=")


def cookie_name(settings: Settings, door: Door) -> str:
    """Behind TLS, the prefix keeps our neighbours under the same domain from planting a cookie of theirs."""
    return f"{'__Host-' if _is_secure(settings) else ''}jawab_{door.value}"


def find_session(settings: Settings, door: Door, cookies: Mapping[str, str]) -> str | None:
    """The session id that a browser shows; None if it shows none, or one that we never issued for this door."""
    shown = cookies.get(cookie_name(settings, door), "")
    return shown if _is_ours(settings, door, shown) else None


def give_session(response: Response, settings: Settings, door: Door, session: str) -> None:
    """Set the cookie. In another site's frame it works over https only, and is another one under every site."""
    parts = [f"{cookie_name(settings, door)}={session}", f"Max-Age={COOKIE_SECONDS}", "Path=/", "HttpOnly"]
    if not _is_secure(settings):
        parts.append("SameSite=Lax")
    elif door is Door.PAGE:
        parts += ["Secure", "SameSite=Lax"]
    else:  # https://developers.google.com/privacy-sandbox/cookies/chips; http.cookies knows it from Python 3.14 on.
        parts += ["Secure", "SameSite=None", "Partitioned"]
    response.headers.append("Set-Cookie", "; ".join(parts))


def _is_ours(settings: Settings, door: Door, session: str) -> bool:
    if not SHAPE.fullmatch(session):
        return False
    try:
        content = base64.b64decode(f"{session}=", altchars=b"-_", validate=True)
    except binascii.Error:
        return False
    random, signature = content[:RANDOM_BYTES], content[RANDOM_BYTES:]
    # The last character has two bits to spare: only one of its four spellings is ours.
    is_canonical = base64.urlsafe_b64encode(content).decode() == f"{session}="
    return is_canonical and hmac.compare_digest(signature, _signature(settings, door, random))


def _signature(settings: Settings, door: Door, random: bytes) -> bytes:
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, f"webchat {door.value} session\0".encode() + random, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
