"""What Twilio's library sends by: our time-outs, our errors, another host for tests, and no line in any log."""

import json
from typing import Any
from urllib.parse import urlsplit

import httpx2
from twilio.http.response import Response

from bot.channels.base import DeliveryError, Fault
from bot.channels.whatsapp.errors import refusal

CONNECT_SECONDS = 5.0
JSON_TYPE = "application/json"
REFUSED = 300
# Nothing of the request was read by anybody.
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class Transport:
    """An HTTP client in the shape that twilio.rest.Client wants; raises DeliveryError for whatever is no success."""

    is_async = False

    def __init__(self, *, base_url: str | None, timeout_seconds: float) -> None:
        self._base_url = base_url and base_url.rstrip("/")
        timeout = httpx2.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
        # The environment's proxy leads to Twilio, not to a server of this machine.
        self._http = httpx2.Client(timeout=timeout, trust_env=base_url is None)

    def request(self, method: str, url: str, **given: Any) -> Response:
        """One call, with Twilio's own arguments; what came back is JSON or empty."""
        changes = method.upper() == "POST"
        try:
            response = self._http.request(method, self._address(url), **_arguments(given))
        except _NEVER_SENT as error:
            raise DeliveryError("Twilio cannot be reached", fault=Fault.PASSING) from error
        except httpx2.HTTPError as error:
            fault = Fault.UNKNOWN if changes else Fault.PASSING
            raise DeliveryError(f"Twilio did not answer: {type(error).__name__}", fault=fault) from error
        _check(response, changes=changes)
        return Response(response.status_code, response.text, dict(response.headers))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _address(self, url: str) -> str:
        """Where to send to; Twilio's library also follows addresses that an answer names."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not (parts.hostname or "").endswith(".twilio.com"):
            raise DeliveryError("an address outside of Twilio", fault=Fault.SENDER)
        return url if self._base_url is None else self._base_url + parts._replace(scheme="", netloc="").geturl()


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    headers, data = given.get("headers") or {}, given.get("data")
    if headers.get("Content-Type") == JSON_TYPE:
        body = {"content": json.dumps(data).encode()}
    else:
        body = {"data": data} if data else {}
    return {"params": given.get("params") or None, "headers": headers, "auth": given.get("auth"), **body}


def _check(response: httpx2.Response, *, changes: bool) -> None:
    """Raise for a refusal, and for a success that says nothing that we understand."""
    content = _json(response)
    if response.status_code >= REFUSED:
        code, later = content.get("code"), response.headers.get("retry-after", "")
        raise refusal(
            response.status_code,
            str(code) if isinstance(code, int) else "",
            changes=changes,
            retry_after=float(later) if later.isdecimal() else None,
        )
    if response.text and not content:
        fault = Fault.UNKNOWN if changes else Fault.PASSING
        raise DeliveryError("Twilio answered with something else than JSON", fault=fault)


def _json(response: httpx2.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
