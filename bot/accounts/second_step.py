"""The second step of signing in: codes of an authenticator (RFC 6238), and recovery codes for when it is lost."""

import base64
import hashlib
import hmac
import secrets
import unicodedata

import pyotp
from cryptography.fernet import Fernet, InvalidToken

ISSUER = "Jawab"
STEP_SECONDS = 30
# Clocks that are half a minute off, either way.
NEIGHBOURS = (0, -1, 1)
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
GROUP = 4


class Vault:
    """Keeps authenticators' secrets encrypted."""

    def __init__(self, encryption_key: str) -> None:
        self._cipher = Fernet(encryption_key.encode())

    def seal(self, secret: str) -> bytes:
        """A secret as it may lie in the database."""
        return self._cipher.encrypt(secret.encode())

    def unseal(self, sealed: bytes | None) -> str | None:
        """The reverse; None for none, and for one that another key has sealed: its owner needs a recovery code."""
        try:
            return self._cipher.decrypt(sealed).decode() if sealed else None
        except InvalidToken:
            return None


def new_secret() -> str:
    """A secret for an authenticator: 160 random bits in base32."""
    return pyotp.random_base32()


def secret_url(secret: str, email: str) -> str:
    """What an authenticator reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def find_step(secret: str, code: str, *, after: int, now: float) -> int | None:
    """The half minute that a code is right for, later than that of the last one taken; None for a wrong code."""
    totp, given = pyotp.TOTP(secret), plain_code(code)
    current = int(now) // STEP_SECONDS
    right = [step for step in NEIGHBOURS if hmac.compare_digest(totp.at((current + step) * STEP_SECONDS), given)]
    return next((current + step for step in right if current + step > after), None)


def new_recovery_codes() -> list[str]:
    """Codes that work once each: 80 random bits, written in groups."""
    plain = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    return ["-".join(one[start : start + GROUP] for start in range(0, len(one), GROUP)) for one in plain]


def hash_recovery_code(code: str) -> str:
    """What we keep of a recovery code, however it was typed."""
    return hashlib.sha256(plain_code(code).encode()).hexdigest()


def plain_code(code: str) -> str:
    """A code without spaces and dashes, in capitals and western digits; nothing that is not ASCII stays."""
    folded = unicodedata.normalize("NFKC", code).upper()
    digits = (str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in folded)
    return "".join(sign for sign in digits if sign.isascii() and sign.isalnum())
