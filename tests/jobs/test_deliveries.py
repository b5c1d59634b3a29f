"""A delivery, from a kept reply to the vendor: tried again unless the vendor said never."""

import pytest

from bot.channels.base import DeliveryError
from bot.conversations.states import Delivery, Direction
from tests.jobs.talk import Talk, Vendor

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def patient_vendor(vendor: Vendor) -> None:
    vendor.sent.clear()
    vendor.refusals.clear()


def test_a_reply_leaves_once_with_the_vendors_id_kept(talk: Talk, vendor: Vendor) -> None:
    (reply,) = talk.say("bonjour tout le monde", channel="vendor", address="+212600000001")
    (sent,) = vendor.sent
    assert (sent.message_id, sent.address) == (reply.id, "+212600000001")
    assert (reply.status, reply.vendor_id) == (Delivery.SENT, f"vendor {reply.id}")


def test_a_passing_refusal_is_tried_again(talk: Talk, vendor: Vendor) -> None:
    vendor.refusals.append(DeliveryError("busy"))
    (reply,) = talk.say("bonjour tout le monde", channel="vendor")
    assert reply.status == Delivery.SENT
    assert len(vendor.sent) == 1


def test_a_refusal_for_good_is_noted_and_not_tried_again(talk: Talk, vendor: Vendor) -> None:
    vendor.refusals.extend([DeliveryError("blocked", permanent=True), DeliveryError("never reached")])
    (reply,) = talk.say("bonjour tout le monde", channel="vendor")
    assert reply.status == Delivery.FAILED
    assert (len(vendor.refusals), vendor.sent) == (1, [])


def test_replies_to_one_citizen_leave_in_order(talk: Talk, vendor: Vendor) -> None:
    vendor.refusals.append(DeliveryError("busy"))
    for number in range(3):
        talk.say(f"question numéro {number}", channel="vendor")
    assert [one.text for one in vendor.sent] == [row.body for row in talk.rows(Direction.OUT)]
