"""What WhatsApp says of templates, in Twilio's words: they are asked for, decided on, paused, and failed when sent."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.channels.whatsapp.citizens import Citizens
from tests.channels.whatsapp.rules import Refusal

NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = {"UTILITY", "MARKETING", "AUTHENTICATION"}
FAILURES = {"rejected": "63040", "paused": "63041", "disabled": "63042"}
NOT_VALID = Refusal(400, 20422, "Invalid Parameter")
# WhatsApp wants other words around and between the places for values.
_BAD_PLACES = re.compile(r"^\W*\{\{|\}\}\W*$|\}\}\W*\{\{")


@dataclass
class Templates(Citizens):
    """Contents by their ids, and what was said of those that WhatsApp was asked about."""

    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    approvals: dict[str, dict[str, Any]] = field(default_factory=dict)

    def ask(self, content_sid: str, asked: dict[str, Any]) -> dict[str, Any] | Refusal:
        """Take a request for approval."""
        body = self.contents[content_sid]["types"].get("twilio/text", {}).get("body", "")
        if not NAME.fullmatch(str(asked.get("name"))) or asked.get("category") not in CATEGORIES:
            return NOT_VALID
        if content_sid in self.approvals:
            return Refusal(409, 20409, "It was submitted before")
        told = {"name": asked["name"], "category": asked["category"], "content_type": "twilio/text"}
        is_bad = bool(_BAD_PLACES.search(body))
        status, reason = ("rejected", "INVALID_FORMAT") if is_bad else ("received", "")
        self.approvals[content_sid] = told | {"status": status, "rejection_reason": reason}
        return self.approvals[content_sid]

    def decide(self, content_sid: str, status: str, reason: str = "") -> None:
        """WhatsApp makes up its mind, or changes it."""
        known = self.approvals.setdefault(content_sid, {"name": "a_template", "category": "UTILITY"})
        known |= {"status": status, "rejection_reason": reason}

    def approve(self, content_sid: str) -> None:
        """It may be sent at any time."""
        self.decide(content_sid, "approved")

    def is_approved(self, content_sid: str) -> bool:
        """Whether a content is a template that may be sent at any time."""
        return self.approvals.get(content_sid, {}).get("status") == "approved"

    def refused_template(self, content_sid: str) -> str:
        """The number by which a template fails that was taken back; empty for all others."""
        return FAILURES.get(self.approvals.get(content_sid, {}).get("status", ""), "")
