"""What Twilio tells of WhatsApp's word on a template, in our terms.

https://www.twilio.com/docs/whatsapp/tutorial/message-template-approvals-statuses
"""

from collections.abc import Mapping
from typing import Any

from bot.senders.schemas import Verdict
from bot.senders.states import Approval, Category

STATES = {
    "": Approval.DRAFT,
    "unsubmitted": Approval.DRAFT,
    "received": Approval.PENDING,
    "pending": Approval.PENDING,
    "approved": Approval.APPROVED,
    "rejected": Approval.REJECTED,
    "disabled": Approval.REJECTED,
    "paused": Approval.PAUSED,
}
REASONS = {
    "disabled": "WhatsApp disabled it for good: citizens did not want it.",
    "paused": "WhatsApp paused it for some hours: citizens complained.",
}


def verdict(told: Mapping[str, Any]) -> Verdict:
    """What a status and its reason mean; one that we do not know is none to send by."""
    status, category = str(told.get("status") or "").lower(), str(told.get("category") or "").lower()
    reason = str(told.get("rejection_reason") or REASONS.get(status, ""))
    return Verdict(
        STATES.get(status, Approval.PAUSED),
        reason if status in STATES else f"Twilio calls it {status[:40]}. {reason}".strip(),
        Category(category) if category in set(Category) else None,
    )
