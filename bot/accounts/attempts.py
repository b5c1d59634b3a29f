"""How often somebody may try to sign in: counted for each account and each address, in Redis, or here without it."""

import hashlib
import ipaddress
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

log = structlog.get_logger()

# A whole office may share one address; an account is one person.
PER_ACCOUNT = parse("8/15 minutes")
PER_ADDRESS = parse("100/15 minutes")
# What one subscriber has of the newer internet.
SUBSCRIBER_BITS = 64
PATIENCE_SECONDS = 1.0


class Attempts:
    """Counts attempts before they are looked at, whether or not there is such an account."""

    def __init__(
        self, redis_url: str, *, per_account: RateLimitItem = PER_ACCOUNT, per_address: RateLimitItem = PER_ADDRESS
    ) -> None:
        self._shared = MovingWindowRateLimiter(_storage(redis_url))
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._per_account, self._per_address = per_account, per_address

    def take(self, kind: str, account: str, address: str) -> bool:
        """Count an attempt of a kind; False when it is one too many. A blocked address blocks no accounts."""
        asked = ((self._per_address, _subscriber(address)), (self._per_account, f"{kind}:{_hidden(account)}"))
        try:
            return all(self._shared.hit(item, key) for item, key in asked)
        except RedisError as error:
            log.warning("attempts_counted_here", reason=type(error).__name__)
            return all(self._own.hit(item, key) for item, key in asked)

    def forget(self, kind: str, account: str) -> None:
        """An attempt was right: those before it were the same person's mistakes."""
        key = f"{kind}:{_hidden(account)}"
        self._own.clear(self._per_account, key)
        try:
            self._shared.clear(self._per_account, key)
        except RedisError as error:
            log.warning("attempts_not_forgotten", reason=type(error).__name__)


def _storage(redis_url: str) -> RedisStorage:
    patience: dict[str, Any] = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
    return RedisStorage(redis_url, **patience)


def _hidden(account: str) -> str:
    """Redis holds no e-mail addresses."""
    return hashlib.sha256(account.encode()).hexdigest()[:32]


def _subscriber(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(known if known.version == 4 else ipaddress.ip_network((known, SUBSCRIBER_BITS), strict=False))  # noqa: PLR2004
