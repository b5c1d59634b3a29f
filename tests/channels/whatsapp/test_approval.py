"""Twilio's words about a template in ours; what we do not know is not sent by."""

from typing import Any

import pytest

from bot.channels.whatsapp.approval import verdict
from bot.senders.schemas import Verdict
from bot.senders.states import Approval, Category


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, Approval.DRAFT),
        ({"status": None}, Approval.DRAFT),
        ({"status": "unsubmitted"}, Approval.DRAFT),
        ({"status": "received"}, Approval.PENDING),
        ({"status": "PENDING"}, Approval.PENDING),
        ({"status": "approved"}, Approval.APPROVED),
        ({"status": "rejected"}, Approval.REJECTED),
        ({"status": "disabled"}, Approval.REJECTED),
        ({"status": "paused"}, Approval.PAUSED),
        ({"status": "in_appeal"}, Approval.PAUSED),
    ],
)
def test_each_status_has_its_state(told: dict[str, Any], state: Approval) -> None:
    assert verdict(told).state is state


def test_a_reason_is_told_and_one_is_found_where_twilio_gives_none() -> None:
    told = {"status": "rejected", "rejection_reason": "INVALID_FORMAT", "category": "MARKETING"}
    assert verdict(told) == Verdict(Approval.REJECTED, "INVALID_FORMAT", Category.MARKETING)
    assert "paused" in verdict({"status": "paused", "rejection_reason": None}).reason
    assert verdict({"status": "in_appeal"}).reason == "Twilio calls it in_appeal."
