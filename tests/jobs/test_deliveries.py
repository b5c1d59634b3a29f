"""A delivery, from a kept reply to the vendor: in order, once, and tried again unless the vendor said never."""

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.base import DeliveryError, Fault, Told
from bot.conversations.models import Message
from bot.conversations.states import Delivery, Direction
from bot.deliveries import claims, dead
from bot.deliveries import service as deliveries
from bot.deliveries.states import State
from bot.jobs import pump
from tests.jobs.talk import Talk, Vendor, message, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def patient_vendor(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor.sent.clear()
    vendor.refusals.clear()
    vendor.lists, vendor.listed = False, []
    vendor.unheard, vendor.told, vendor.asked = [], {}, []
    monkeypatch.setattr(deliveries, "UNKNOWN_SECONDS", 0)
    monkeypatch.setattr(pump, "LISTEN_EVERY_SECONDS", 0.2)
    monkeypatch.setattr(pump, "RESOLVE_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(deliveries, "LONGEST_WAIT_SECONDS", 0.3)


@pytest.fixture
def say(talk: Talk, sender: str) -> Any:
    return partial(talk.say, channel="vendor", sender_id=sender)


def broken(*_: Any, **__: Any) -> None:
    raise OperationalError("away", None, Exception())


def test_a_reply_leaves_once_from_the_sender_that_was_written_to(say: Any, vendor: Vendor, talk: Talk) -> None:
    (reply,) = say("bonjour tout le monde", address="+212600000001")
    (sent,) = vendor.sent
    assert (sent.message_id, sent.address) == (reply.id, "+212600000001")
    assert (reply.status, talk.state_of(reply.id)) == (Delivery.SENT, State.DONE)


def test_a_passing_refusal_is_tried_again(say: Any, vendor: Vendor) -> None:
    vendor.refusals.append(DeliveryError("busy"))
    (reply,) = say("bonjour tout le monde")
    assert reply.status == Delivery.SENT
    assert len(vendor.sent) == 1


def test_a_refusal_for_good_is_a_dead_letter(say: Any, vendor: Vendor, talk: Talk) -> None:
    vendor.refusals.extend([DeliveryError("too long", permanent=True), DeliveryError("never reached")])
    (reply,) = say("bonjour tout le monde")
    assert (reply.status, talk.state_of(reply.id)) == (Delivery.FAILED, State.DEAD)
    assert (len(vendor.refusals), vendor.sent) == (1, [])


def test_a_dead_letter_can_be_sent_again(say: Any, vendor: Vendor, talk: Talk) -> None:
    vendor.refusals.append(DeliveryError("too long", permanent=True))
    (reply,) = say("bonjour tout le monde")
    with talk.database.transaction() as session:
        dead.retry(session, reply.id)
    wait_until(lambda: talk.state_of(reply.id) is State.DONE)
    assert [one.message_id for one in vendor.sent] == [reply.id]


def test_replies_to_one_citizen_leave_in_order(say: Any, vendor: Vendor, talk: Talk) -> None:
    vendor.refusals.append(DeliveryError("busy"))
    for number in range(3):
        say(f"question numéro {number}")
    assert [one.text for one in vendor.sent] == [row.body for row in talk.rows(Direction.OUT)]


def test_a_blocked_citizen_is_not_written_to_until_they_write(say: Any, vendor: Vendor, talk: Talk) -> None:
    vendor.refusals.append(DeliveryError("blocked", fault=Fault.ADDRESS, code="403"))
    (lost,) = say("première question")
    (reply,) = say("deuxième question")
    assert (talk.state_of(lost.id), talk.state_of(reply.id)) == (State.DEAD, State.DONE)


def test_an_answer_with_an_unknown_end_is_repeated_once_and_marked(say: Any, vendor: Vendor, talk: Talk) -> None:
    vendor.refusals.extend([DeliveryError("timeout", fault=Fault.UNKNOWN)])
    (reply,) = say("bonjour tout le monde")
    wait_until(lambda: talk.state_of(reply.id) is State.DONE)
    assert [one.text for one in vendor.sent] == [f"↻ {reply.body}"]


def test_only_the_part_with_the_unknown_end_is_repeated(say: Any, vendor: Vendor, talk: Talk) -> None:
    vendor.refusals.extend([None, DeliveryError("timeout", fault=Fault.UNKNOWN)])
    (reply,) = say("un\n\ndeux\n\ntrois")
    wait_until(lambda: talk.state_of(reply.id) is State.DONE)
    assert [one.text for one in vendor.sent] == ["echo: un", "↻ deux", "trois"]


def test_what_the_vendor_lists_is_not_repeated(say: Any, vendor: Vendor, talk: Talk) -> None:
    vendor.lists = True
    vendor.refusals.append(DeliveryError("timeout", fault=Fault.UNKNOWN))
    vendor.listed = ["SM1"]
    (reply,) = say("bonjour tout le monde")
    wait_until(lambda: talk.state_of(reply.id) is State.DONE)
    assert vendor.sent == []


def test_an_earlier_message_that_reads_the_same_is_not_taken_for_it(say: Any, vendor: Vendor, talk: Talk) -> None:
    (first,) = say("bonjour tout le monde")
    vendor.lists, vendor.listed = True, ["vendor 1"]
    vendor.refusals.append(DeliveryError("timeout", fault=Fault.UNKNOWN))
    (second,) = say("bonjour tout le monde")
    wait_until(lambda: talk.state_of(second.id) is State.DONE)
    assert [one.message_id for one in vendor.sent] == [first.id, second.id]


def test_a_failure_that_cannot_be_noted_is_looked_after(
    vendor: Vendor, talk: Talk, sender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "STUCK", dt.timedelta(milliseconds=300))
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "note_failure", broken)
        vendor.refusals.append(DeliveryError("busy"))
        workflow = talk.send_text("bonjour tout le monde", channel="vendor", sender_id=sender)
        wait_until(lambda: not vendor.refusals)
    (reply,) = talk.replies(workflow)
    wait_until(lambda: talk.state_of(reply.id) is State.DONE)
    assert [one.text for one in vendor.sent] == [f"↻ {reply.body}"]


def test_what_cannot_be_looked_at_again_before_its_call_goes_later_and_once(
    say: Any, vendor: Vendor, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, first = claims.may_still_go, [broken]

    def look(*given: Any, **more: Any) -> bool:
        return bool((first.pop() if first else looks)(*given, **more))

    monkeypatch.setattr(pump, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(claims, "may_still_go", look)
    (reply,) = say("bonjour tout le monde")
    assert (reply.status, talk.state_of(reply.id)) == (Delivery.SENT, State.DONE)
    assert [one.text for one in vendor.sent] == ["echo: bonjour tout le monde"]


def test_a_sender_at_fault_is_paused_and_loses_nothing(say: Any, vendor: Vendor, talk: Talk, sender: str) -> None:
    vendor.refusals.append(DeliveryError("unauthorized", fault=Fault.SENDER, code="401"))
    workflow = talk.send_text("bonjour", channel="vendor", sender_id=sender)
    book = talk.senders
    wait_until(lambda: talk.is_paused(sender))
    with talk.database.transaction() as session:
        book.resume(session, sender)
    (reply,) = talk.replies(workflow)
    assert reply.status == Delivery.SENT


def test_a_status_only_rises_and_is_that_of_the_slowest_part(say: Any, vendor: Vendor, talk: Talk, sender: str) -> None:
    (reply,) = say("bonjour\n\nle passeport")
    for vendor_id, status, expected in (
        ("vendor 1", Delivery.READ, Delivery.SENT),
        ("vendor 2", Delivery.DELIVERED, Delivery.DELIVERED),
        ("vendor 2", Delivery.SENT, Delivery.DELIVERED),
        ("vendor 2", Delivery.READ, Delivery.READ),
    ):
        with talk.database.transaction() as session:
            deliveries.note_status(session, deliveries.News(sender, vendor_id, status))
        with talk.database.transaction() as session:
            assert session.get_one(Message, reply.id).status == expected


def test_what_no_webhook_brought_is_heard_once(talk: Talk, sender: str, vendor: Vendor) -> None:
    unheard = message("vous m’entendez ?", channel="vendor", sender_id=sender)
    vendor.unheard = [unheard]
    wait_until(lambda: len(vendor.sent) == 1)
    talk.send(unheard)
    talk.replies(unheard.workflow_id)
    assert [one.text for one in vendor.sent] == ["echo: vous m’entendez ?"]


def test_news_that_no_callback_brought_is_asked_for(
    talk: Talk, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(vendor, "limits", replace(vendor.limits, has_news=True))
    monkeypatch.setattr(deliveries, "SILENT_AFTER", dt.timedelta())
    vendor.told["vendor 1"] = Told(Delivery.DELIVERED)
    say = partial(talk.say, channel="vendor", sender_id=request.getfixturevalue("sender"))
    (first,), (second,) = say("bonjour tout le monde"), say("et encore")
    wait_until(lambda: vendor.asked.count("vendor 2") > 1)
    assert vendor.asked.count("vendor 1") == 1
    statuses = {row.id: row.status for row in talk.rows(Direction.OUT)}
    assert (statuses[first.id], statuses[second.id]) == (Delivery.DELIVERED, Delivery.SENT)


def test_news_is_not_asked_for_where_the_vendor_tells_none(say: Any, talk: Talk, vendor: Vendor) -> None:
    vendor.told["vendor 1"] = Told(Delivery.DELIVERED)
    say("bonjour tout le monde")
    assert vendor.asked == []
