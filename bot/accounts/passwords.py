"""Passwords: kept as argon2id, checked in the same time whoever is asked for, refused when they are easy to guess."""

import functools
import secrets
import threading
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.accounts.states import Fault

SHORTEST = 12
LONGEST = 128
# Of zxcvbn's 0 to 4: "safely unguessable: moderate protection from offline slow-hash scenario".
LEAST_SCORE = 3
# What zxcvbn looks at; it takes long over long ones.
LOOKED_AT = 72
# 64 MiB each (RFC 9106, section 4, second choice): a crowd at the door must not take all memory.
_AT_ONCE = threading.BoundedSemaphore(4)
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The hash to keep."""
    with _AT_ONCE:
        return _HASHER.hash(_composed(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether it is the password; the work is the same where there is none to compare with."""
    known = password_hash or _nobodys()
    try:
        with _AT_ONCE:
            _HASHER.verify(known, _composed(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with parameters of before, and should be made anew at the next occasion."""
    return _HASHER.check_needs_rehash(password_hash)


def find_fault(password: str, known: Iterable[str]) -> Fault | None:
    """What is wrong with a new password; `known` is what others know of the person."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 (its word lists take a while to load, and are rarely needed)

    if len(password) < SHORTEST:
        return Fault.PASSWORD_SHORT
    if len(password) > LONGEST:
        return Fault.PASSWORD_LONG
    score = zxcvbn(password[:LOOKED_AT], user_inputs=[*known, "jawab"])["score"]
    return Fault.PASSWORD_EASY if score < LEAST_SCORE else None


@functools.cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


def _composed(password: str) -> str:
    """Keyboards write the same letter in one piece or in two."""
    return unicodedata.normalize("NFC", password)
