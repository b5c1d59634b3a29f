"""What Twilio does with messages that it accepted: shows them to citizens, or not, and tells us how they fare."""

import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.channels.whatsapp.citizens import Sent, sid
from tests.channels.whatsapp.rules import is_sendable, refusal_of_file
from tests.channels.whatsapp.templates import Templates

STATUSES = ("queued", "sent", "delivered", "read")
WINDOW_CLOSED = "63016"
NOT_FETCHED = "63019"
OK = 200
CANNOT_BE_SHOWN = "63021"


@dataclass(frozen=True)
class Fetched:
    """A file that was to be passed on: what our address answered, without and with its content."""

    status: int
    headers: dict[str, str]
    content: bytes
    head_status: int


@dataclass
class Outbox(Templates):
    """Accepted messages. `fail_with` is the number by which they fail later, `statuses` what happens else.

    Status callbacks are `duplicated`, brought in the wrong order (`shuffled`) or before the answer (`early`).
    """

    fail_with: str = ""
    statuses: tuple[str, ...] = STATUSES
    duplicated: bool = False
    shuffled: bool = False
    early: bool = False
    fetched: list[Fetched] = field(default_factory=list)
    _news: list[threading.Thread] = field(default_factory=list)

    def accept(self, form: dict[str, str]) -> Sent:
        """Take a message."""
        content = self.contents.get(form.get("ContentSid", ""))
        body = form.get("Body") or _text_of(content or {"types": {}}, json.loads(form.get("ContentVariables", "{}")))
        sent = Sent(sid("MM" if content else "SM"), form["To"], body, form, content)
        self.sent.append(sent)
        values = {"from": self.sender, "to": sent.to, "body": body, "direction": "outbound-api", "date_sent": None}
        values["num_media"] = "1" if "MediaUrl" in form else "0"
        self.keep_message(sent.sid, "accepted", values)
        return sent

    def tell_later(self, sent: Sent) -> threading.Thread:
        """Begin to tell how a message fares; gives the thread that does."""
        news = threading.Thread(target=self._tell, args=(sent,), daemon=True)
        news.start()
        self._news.append(news)
        return news

    def settle(self) -> None:
        """Wait until every status callback was brought."""
        while self._news:
            self._news.pop().join()

    def _failure(self, sent: Sent) -> str:
        if self.fail_with:
            return self.fail_with
        content_sid = sent.form.get("ContentSid", "")
        if self.is_approved(content_sid):
            return ""
        if not self.is_open(sent.to):
            return self.refused_template(content_sid) or WINDOW_CLOSED
        if "MediaUrl" in sent.form:
            return self._fetch(sent.form["MediaUrl"])
        return CANNOT_BE_SHOWN if sent.content and not is_sendable(sent.content) else ""

    def _fetch(self, url: str) -> str:
        """Get a file as Twilio does, before it is passed on; gives the number of what is wrong with it."""
        with httpx2.Client(trust_env=False) as http:
            head, found = http.head(url), http.get(url)
        headers = {name.lower(): value for name, value in found.headers.items()}
        self.fetched.append(Fetched(found.status_code, headers, found.content, head.status_code))
        if found.status_code != OK:
            return NOT_FETCHED
        return refusal_of_file(headers, len(found.content))

    def _tell(self, sent: Sent) -> None:
        code = self._failure(sent)
        steps = ["queued", "failed"] if code else list(self.statuses)
        for status in steps:
            message = self.messages[sent.sid]
            message |= {"status": status, "error_code": int(code) if status == "failed" else None}
            message["date_sent"] = message["date_created"] if status != "queued" else None
        told = steps * 2 if self.duplicated else steps
        if self.shuffled:
            random.shuffle(told)
        url = sent.form.get("StatusCallback", "")
        for status in told if url else []:
            self.courier.bring(url, self._status_form(sent, status, code if status == "failed" else ""))

    def _status_form(self, sent: Sent, status: str, code: str) -> dict[str, str]:
        form = {
            "MessageSid": sent.sid,
            "SmsSid": sent.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "AccountSid": self.account_sid,
            "From": self.sender,
            "To": sent.to,
            "ChannelPrefix": "whatsapp",
            "ApiVersion": "2010-04-01",
        }
        return form | ({"ErrorCode": code, "ChannelStatusMessage": "failed"} if code else {})


def _text_of(content: dict[str, Any], variables: dict[str, str]) -> str:
    body = next((str(one["body"]) for one in content["types"].values()), "")
    for name, value in {**content.get("variables", {}), **variables}.items():
        body = body.replace("{{" + name + "}}", value)
    return body
