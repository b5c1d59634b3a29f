"""Whether a request comes from Twilio: X-Twilio-Signature over the public address that *we* configured.

https://www.twilio.com/docs/usage/security#validating-requests. Written anew, because Twilio's own validator raises
on a missing header or hash, and skips the hash of a body that it is given as a dict.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, parse_qs, urlsplit

# Base64 of the 20 bytes of SHA-1.
SIGNATURE_CHARACTERS = 28
DEFAULT_PORTS = {"http": 80, "https": 443}
BODY_HASH = "bodySHA256"


def is_signed(url: str, form: Sequence[tuple[str, str]], header: str | bytes | None, tokens: Sequence[str]) -> bool:
    """Whether a form post to our public `url` was signed with one of the tokens; hostile input is just not signed."""
    try:
        return _matches(url, _flat(form), header, tokens)
    except Exception:  # noqa: BLE001 (whatever cannot be checked did not pass the check)
        return False


def is_signed_json(url_with_query: str, body: bytes, header: str | bytes | None, tokens: Sequence[str]) -> bool:
    """The same for a JSON post: the address carries the body's hash, without which nothing vouches for the body."""
    try:
        [given] = parse_qs(urlsplit(url_with_query).query)[BODY_HASH]
        is_whole = hmac.compare_digest(given.encode(), hashlib.sha256(body).hexdigest().encode())
        return is_whole and _matches(url_with_query, "", header, tokens)
    except Exception:  # noqa: BLE001 (as above)
        return False


def _matches(url: str, fields: str, header: str | bytes | None, tokens: Sequence[str]) -> bool:
    given = header.encode("ascii") if isinstance(header, str) else header
    if not given or len(given) != SIGNATURE_CHARACTERS:
        return False
    expected = [_signature(f"{one}{fields}", token) for one in _spellings(url) for token in tokens if token]
    # No early end: how long it takes tells nothing of which one fits.
    return sum(hmac.compare_digest(given, one) for one in expected) > 0


def _signature(text: str, token: str) -> bytes:
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest())


def _flat(form: Sequence[tuple[str, str]]) -> str:
    """Every distinct pair, in the order of keys and then of values, without anything between."""
    return "".join(key + value for key, value in sorted(set(form)))


def _spellings(url: str) -> Iterator[str]:
    """The address with and without its port, since Twilio is not of one mind; never the part after `#`."""
    parts = urlsplit(url)._replace(fragment="")
    yield parts._replace(netloc=_bare_host(parts)).geturl()
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    yield parts._replace(netloc=f"{_bare_host(parts)}:{port}").geturl()


def _bare_host(parts: SplitResult) -> str:
    return parts.netloc.removesuffix(f":{parts.port}")
