"""Files that citizens sent: from Twilio and nowhere else, and not larger than allowed."""

import ipaddress
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx2

from bot.channels.base import DeliveryError

LONGEST_SECONDS = 60.0
MOST_REDIRECTS = 3
HTTPS_PORT = 443
# A file's address at Twilio answers with one at its carrier of files, good for four hours.
HOSTS = (".twilio.com", ".twiliocdn.com")

REDIRECTS = range(300, 400)
REFUSED = range(400, 500)
# Of the refusals, those that another time or a mended setting may turn.
MAY_CHANGE = {401, 403, 408, 429}
GONE = 404
_RESOURCE = re.compile(
    r"/2010-04-01/Accounts/(AC[0-9A-Za-z]{32})/Messages/(?:SM|MM)[0-9A-Za-z]{32}/Media/ME[0-9A-Za-z]{32}", re.ASCII
)
# Where parsers of addresses differ, the check and the call could speak of two hosts.
_PLAIN = re.compile(r"[!-\[\]-~]+", re.ASCII)


class MediaStore:
    """The files of one account; `base_url` is the one other host allowed, for tests.

    All calls raise DeliveryError; of its codes `elsewhere` and `too_large` mean that a file was refused by us.
    """

    def __init__(
        self, account_sid: str, auth: tuple[str, str], *, base_url: str | None, timeout_seconds: float
    ) -> None:
        self._account_sid = account_sid
        self._auth = auth
        self._base = urlsplit(base_url) if base_url else None
        # What is compressed could grow beyond every cap in one step.
        headers = {"Accept-Encoding": "identity"}
        self._http = httpx2.Client(timeout=timeout_seconds, trust_env=base_url is None, headers=headers)

    def fetch(self, url: str, largest: int) -> bytes:
        """The file at one of our media addresses."""
        self._check_resource(url)
        target = url
        auth: tuple[str, str] | None = self._auth
        for _ in range(MOST_REDIRECTS + 1):
            self._check_host(target)
            with _asking(), self._http.stream("GET", target, auth=auth) as response:
                if response.status_code not in REDIRECTS:
                    return _fetched(response, largest)
                target = _joined(target, response.headers.get("location", ""))
                auth = None  # Our key is for the first host alone.
        raise _elsewhere("the file is sent from host to host")

    def delete(self, url: str) -> None:
        """Delete the file at Twilio; one that is gone already is deleted."""
        self._check_resource(url)
        self._check_host(url)
        with _asking():
            response = self._http.delete(url, auth=self._auth)
        if response.status_code != GONE:
            _check_status(response)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _check_resource(self, url: str) -> None:
        """With our key, other addresses at Twilio do other things, above all when they are deleted."""
        match = _RESOURCE.fullmatch(_split(url).path)
        if not match or match[1] != self._account_sid or "?" in url or "#" in url:
            raise _elsewhere("no address of a file of this account")

    def _check_host(self, url: str) -> None:
        parts = _split(url)
        if self._base and (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc):
            return
        host = parts.hostname or ""
        is_plain = parts.scheme == "https" and parts.netloc in (host, f"{host}:{HTTPS_PORT}")
        if not is_plain or not host.endswith(HOSTS):
            raise _elsewhere("a file elsewhere than at Twilio")
        if not all(ipaddress.ip_address(address).is_global for address in _addresses(host)):
            raise _elsewhere("a file at a private address")


def _split(url: str) -> SplitResult:
    """The parts of an address, if there are no two ways to read it."""
    try:
        if _PLAIN.fullmatch(url):
            return urlsplit(url)
    except ValueError:
        pass
    raise _elsewhere("no address at all")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise _elsewhere("the file is sent nowhere") from None


def _addresses(host: str) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, HTTPS_PORT, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise DeliveryError("the host of the file is not known", code="unreachable") from error


def _elsewhere(reason: str) -> DeliveryError:
    return DeliveryError(reason, permanent=True, code="elsewhere")


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise DeliveryError(f"Twilio did not answer: {type(error).__name__}", code="no_answer") from error


def _check_status(response: httpx2.Response) -> None:
    status = response.status_code
    if not response.is_success:
        is_final = status in REFUSED and status not in MAY_CHANGE
        raise DeliveryError(f"Twilio refused with {status}", permanent=is_final, code=str(status))


def _fetched(response: httpx2.Response, largest: int) -> bytes:
    """The body as it comes, left as soon as it is too large or too slow."""
    _check_status(response)
    if response.headers.get("content-encoding", "identity") != "identity":
        raise DeliveryError("a compressed file", permanent=True, code="compressed")
    ends_at, content = time.monotonic() + LONGEST_SECONDS, bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > largest:
            raise DeliveryError("a file that is too large", permanent=True, code="too_large")
        if time.monotonic() > ends_at:
            raise DeliveryError("a file that takes too long", code="slow")
    return bytes(content)
