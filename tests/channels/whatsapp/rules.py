"""What Twilio refuses, and with which number; pure functions of what was asked."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 1600
LONGEST_BODY = 1024
MOST_ITEMS = 10
MOST_REPLIES = 3
PICTURE, DOCUMENT = 5 * 1024 * 1024, 16 * 1024 * 1024
FILES = {"image/jpeg": PICTURE, "image/png": PICTURE, "application/pdf": DOCUMENT}
_ADDRESS = re.compile(r"https://|http://127\.0\.0\.1")


@dataclass(frozen=True)
class Refusal:
    """An HTTP status with Twilio's number and words."""

    status: int
    code: int
    message: str

    def as_json(self) -> dict[str, Any]:
        """As Twilio says it."""
        return {"code": self.code, "message": self.message, "more_info": "", "status": self.status}


NOT_AUTHENTICATED = Refusal(401, 20003, "Authenticate")
NOT_FOUND = Refusal(404, 20404, "The requested resource was not found")
TOO_MANY = Refusal(429, 20429, "Too Many Requests")


def units(text: str) -> int:
    """UTF-16 units: what Java counts."""
    return len(text.encode("utf-16-le")) // 2


def refusal_of_message(
    form: Mapping[str, str], *, sender: str, contents: Mapping[str, Any], unknown: set[str], opted_out: set[str]
) -> Refusal | None:
    """Why a message is refused at once; None when it is accepted, whatever becomes of it later."""
    to, body, content_sid = form.get("To", ""), form.get("Body", ""), form.get("ContentSid", "")
    number, media_url = to.removeprefix("whatsapp:"), form.get("MediaUrl", "")
    reasons = (
        (not to, 21604, "A 'To' phone number is required."),
        (not form.get("From") and not form.get("MessagingServiceSid"), 21603, "A 'From' phone number is required."),
        (form.get("From", sender) != sender, 63007, "Twilio could not find a Channel with the specified From address"),
        (not to.startswith("whatsapp:") or number in unknown, 21211, f"The 'To' number {to} is not valid."),
        (number in opted_out, 21610, "Attempt to send to unsubscribed recipient"),
        (not body and not content_sid and not media_url, 21619, "A text message body or media urls must be specified."),
        (units(body) > LONGEST_TEXT, 21617, "The concatenated message body exceeds the 1600 character limit"),
        (bool(content_sid) and content_sid not in contents, 21655, "The ContentSid is Invalid"),
        (not _are_variables(form.get("ContentVariables", "{}")), 21656, "The ContentVariables Parameter is invalid"),
        (not content_sid and "ContentVariables" in form, 21654, "ContentSid Required"),
        # The real one takes public addresses only.
        (bool(media_url) and not _ADDRESS.match(media_url), 21620, "Invalid media URL(s)"),
        (bool(media_url) and units(body) > LONGEST_BODY, 21617, "The caption exceeds the 1024 character limit"),
        (bool(content_sid) and bool(body), 20422, "Body and ContentSid exclude each other"),
    )
    return next((Refusal(400, code, words) for is_so, code, words in reasons if is_so), None)


def refusal_of_file(headers: Mapping[str, str], size: int) -> str:
    """The number of what WhatsApp has against a file, by its type and size; empty when it is passed on."""
    mime_type = headers.get("content-type", "").partition(";")[0]
    if mime_type not in FILES:
        return "63005"
    return "63034" if size > FILES[mime_type] else ""


def refusal_of_content(content: Any) -> Refusal | None:
    """Why a content is refused; one reason for all: a parameter is not valid."""
    types: dict[str, Any] = (content.get("types") if isinstance(content, dict) else None) or {}
    is_valid = bool(types) and all(_CHECKS.get(name, _never)(value) for name, value in types.items())
    return None if is_valid and content.get("language") else Refusal(400, 20422, "Invalid Parameter")


def is_sendable(content: Mapping[str, Any]) -> bool:
    """Whether a content without approval may be sent to somebody who wrote: three buttons at most."""
    return len(content["types"].get("twilio/quick-reply", {}).get("actions", [])) <= MOST_REPLIES


def _are_variables(text: str) -> bool:
    try:
        values = json.loads(text)
    except ValueError:
        return False
    if not isinstance(values, dict) or not all(isinstance(value, str) and value for value in values.values()):
        return False
    return not any(mark in value for value in values.values() for mark in ("\n", "\t", "     "))


def _fits(text: Any, limit: int) -> bool:
    return isinstance(text, str) and 0 < units(text) <= limit


def _are_replies(value: dict[str, Any]) -> bool:
    actions = value.get("actions") or []
    titles = [one.get("title") for one in actions]
    return (
        _fits(value.get("body"), LONGEST_BODY)
        and 0 < len(actions) <= MOST_ITEMS
        and len(set(titles)) == len(titles)
        and all(_fits(one.get("title"), 20) and _fits(one.get("id"), 200) for one in actions)
    )


def _is_list(value: dict[str, Any]) -> bool:
    items = value.get("items") or []
    ids = [one.get("id") for one in items]
    return (
        _fits(value.get("body"), LONGEST_BODY)
        and _fits(value.get("button"), 20)
        and 0 < len(items) <= MOST_ITEMS
        and len(set(ids)) == len(ids)
        and all(_is_item(one) for one in items)
    )


def _is_item(one: dict[str, Any]) -> bool:
    return _fits(one.get("item"), 24) and _fits(one.get("id"), 200) and _fits(one.get("description"), 72)


def _is_text(value: dict[str, Any]) -> bool:
    return _fits(value.get("body"), LONGEST_TEXT)


def _never(_value: Any) -> bool:
    return False


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "twilio/text": _is_text,
    "twilio/quick-reply": _are_replies,
    "twilio/list-picker": _is_list,
}
