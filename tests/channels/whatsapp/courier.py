"""How Twilio calls a webhook: signed over the public address, again as the part after `#` says, then the other address.

https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx2
from twilio.request_validator import RequestValidator

TOKEN = "the token that Twilio signs with"
NO_CONNECTION = "ct"
NO_ANSWER = "rt"
# Twilio waits longer between its tries; tests do not.
BREATH_SECONDS = 0.02


@dataclass(frozen=True)
class Attempt:
    """One call of a webhook: where, with what, and what came of it: a status, or 0 with `ct` or `rt` for nothing."""

    url: str
    form: dict[str, str]
    status: int
    failure: str = ""
    at: float = field(default_factory=time.monotonic)

    @property
    def is_taken(self) -> bool:
        """Whether Twilio is content."""
        return 200 <= self.status < 400

    @property
    def classes(self) -> set[str]:
        """What of the retry policy it falls under."""
        return {"all", self.failure or f"{self.status // 100}xx"}


@dataclass
class Courier:
    """Brings forms; `reach` says where the public address of the tests is really listened for."""

    token: str = TOKEN
    reach: dict[str, str] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False))

    def bring(self, url: str, form: dict[str, str], *, fallback: str = "") -> list[Attempt]:
        """Call until it is taken or the tries are used up; gives the tries."""
        mark, begun = str(uuid.uuid4()), time.monotonic()
        overrides = {name: values[-1] for name, values in parse_qs(urlsplit(url).fragment).items()}
        policy = set(overrides.get("rp", NO_CONNECTION).split(","))
        tries = [self._call(url, form, mark, overrides)]
        while (
            not tries[-1].is_taken
            and policy & tries[-1].classes
            and len(tries) <= int(overrides.get("rc", 1))
            and time.monotonic() - begun < int(overrides.get("tt", 15_000)) / 1000
        ):
            time.sleep(BREATH_SECONDS)
            tries.append(self._call(url, form, mark, overrides))
        if fallback and not tries[-1].is_taken:
            tries.append(self._call(fallback, form | {"ErrorCode": "11200", "ErrorUrl": url}, mark, {}))
        return tries

    def sign(self, url: str, form: dict[str, str]) -> str:
        """The signature for an address without its part after `#`, by Twilio's own library."""
        return str(RequestValidator(self.token).compute_signature(urlsplit(url)._replace(fragment="").geturl(), form))

    def _call(self, url: str, form: dict[str, str], mark: str, overrides: dict[str, str]) -> Attempt:
        seconds = {name: int(overrides.get(name, default)) / 1000 for name, default in (("ct", 5000), ("rt", 15_000))}
        headers = {
            "X-Twilio-Signature": self.sign(url, form),
            "I-Twilio-Idempotency-Token": mark,
            "User-Agent": "TwilioProxy/1.1",
        }
        status, failure = 0, ""
        try:
            timeout = httpx2.Timeout(seconds["rt"], connect=seconds["ct"])
            status = self.http.post(self._really(url), data=form, headers=headers, timeout=timeout).status_code
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            failure = NO_CONNECTION
        except httpx2.HTTPError:
            failure = NO_ANSWER
        self.attempts.append(Attempt(url, form, status, failure))
        return self.attempts[-1]

    def _really(self, url: str) -> str:
        plain = urlsplit(url)._replace(fragment="").geturl()
        for public, actual in self.reach.items():
            if plain.startswith(public):
                return actual + plain.removeprefix(public)
        return plain
