"""Files that citizens sent: from Twilio and nowhere else, not larger than allowed, of the kinds that we know."""

import ipaddress
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx2

from bot.channels.whatsapp.filetypes import find_type
from bot.errors import JawabError

LARGEST_BYTES = 16 * 1024 * 1024
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


class MediaError(JawabError):
    """A file was not fetched, or not deleted. Retry unless it is permanent."""

    def __init__(self, reason: str, *, permanent: bool = True) -> None:
        super().__init__(reason)
        self.permanent = permanent


@dataclass(frozen=True)
class Fetched:
    """A file and its type, told by what it holds and not by what was said of it."""

    content: bytes
    mime_type: str


class MediaStore:
    """The files of one account; `base_url` is the one other host allowed, for tests."""

    def __init__(
        self, account_sid: str, auth: tuple[str, str], *, base_url: str | None, timeout_seconds: float
    ) -> None:
        self._account_sid = account_sid
        self._auth = auth
        self._base = urlsplit(base_url) if base_url else None
        # What is compressed could grow beyond every cap in one step.
        headers = {"Accept-Encoding": "identity"}
        self._http = httpx2.Client(timeout=timeout_seconds, trust_env=base_url is None, headers=headers)

    def fetch(self, url: str) -> Fetched:
        """The file at one of our media addresses; raises MediaError."""
        self._check_resource(url)
        target = url
        auth: tuple[str, str] | None = self._auth
        for _ in range(MOST_REDIRECTS + 1):
            self._check_host(target)
            with _asking(), self._http.stream("GET", target, auth=auth) as response:
                if response.status_code not in REDIRECTS:
                    return _fetched(response)
                target = _joined(target, response.headers.get("location", ""))
                auth = None  # Our key is for the first host alone.
        raise MediaError("the file is sent from host to host")

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
            raise MediaError("no address of a file of this account")

    def _check_host(self, url: str) -> None:
        parts = _split(url)
        if self._base and (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc):
            return
        host = parts.hostname or ""
        is_plain = parts.scheme == "https" and parts.netloc in (host, f"{host}:{HTTPS_PORT}")
        if not is_plain or not host.endswith(HOSTS):
            raise MediaError("a file elsewhere than at Twilio")
        if not all(ipaddress.ip_address(address).is_global for address in _addresses(host)):
            raise MediaError("a file at a private address")


def _split(url: str) -> SplitResult:
    """The parts of an address, if there are no two ways to read it."""
    try:
        if _PLAIN.fullmatch(url):
            return urlsplit(url)
    except ValueError:
        pass
    raise MediaError("no address at all")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise MediaError("the file is sent nowhere") from None


def _addresses(host: str) -> list[str]:
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, HTTPS_PORT, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise MediaError("the host of the file is not known", permanent=False) from error


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise MediaError(f"Twilio did not answer: {type(error).__name__}", permanent=False) from error


def _check_status(response: httpx2.Response) -> None:
    status = response.status_code
    if not response.is_success:
        raise MediaError(f"Twilio refused with {status}", permanent=status in REFUSED and status not in MAY_CHANGE)


def _fetched(response: httpx2.Response) -> Fetched:
    _check_status(response)
    content = _read(response)
    mime_type = find_type(content)
    if mime_type is None:
        raise MediaError("a file of a kind that we do not take")
    return Fetched(content, mime_type)


def _read(response: httpx2.Response) -> bytes:
    """The body as it comes, left as soon as it is too large or too slow."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise MediaError("a compressed file")
    ends_at, content = time.monotonic() + LONGEST_SECONDS, bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > LARGEST_BYTES:
            raise MediaError("a file that is too large")
        if time.monotonic() > ends_at:
            raise MediaError("a file that takes too long", permanent=False)
    return bytes(content)
