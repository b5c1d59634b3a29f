"""Reminders that come near: written once to whoever wants them, wherever they write from, and to nobody else."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.alerts.ending import unsubscribe
from bot.alerts.models import Subscription
from bot.catalogue.calendar import CASABLANCA
from bot.channels.base import DeliveryError
from bot.citizens.models import Address, Citizen
from bot.conversations.models import Conversation, Message
from bot.conversations.states import Author, Delivery, Direction, Owner
from bot.db.base import Base, utc_now
from bot.deliveries.models import DeliveryRow
from bot.deliveries.states import Lane, State
from bot.jobs import reminders
from bot.jobs.services import services
from tests.alerts.records import GRANT, TAX, deadline, living, publish, subscribe
from tests.conversations.test_races import at_once
from tests.jobs.talk import Talk, Vendor, wait_until

pytestmark = pytest.mark.slow

FORTNIGHT, THREE, LAST = "2027-01-17", "2027-01-28", "2027-01-30"


@pytest.fixture(autouse=True)
def catalogue(talk: Talk) -> None:
    """One deadline, on 31 January."""
    late = {"text": {"ar": "زيادة 15%.", "fr": "Majoration de 15 %.", "en": "15% more."}}
    publish(talk.database, deadline(penalty=late))


@pytest.fixture
def remote(talk: Talk, sender: str, vendor: Vendor) -> Iterator[uuid.UUID]:
    """A citizen of a vendor's who asked long ago; gives the conversation."""
    talk.say("combien ça coûte ?", channel="vendor", sender_id=sender)
    vendor.sent.clear()
    subscribe(talk.database, talk.conversation().id)
    yield talk.conversation().id
    vendor.sent.clear()


def look(day: str, clock: str = "10:00") -> int:
    """A worker looks at a moment; gives how many reminders it wrote."""
    now = dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=CASABLANCA)
    return reminders.send_due(services(), now)


def change(talk: Talk, table: type[Base], **values: Any) -> None:
    with talk.database.transaction() as session:
        session.execute(update(table).values(**values))


def written(talk: Talk) -> list[Message]:
    return [one for one in talk.rows(Direction.OUT) if (one.key or "").startswith("deadline:")]


def test_a_reminder_says_what_when_what_it_costs_and_how_to_stop_it(
    talk: Talk, remote: uuid.UUID, vendor: Vendor
) -> None:
    assert look(FORTNIGHT) == 1
    wait_until(lambda: len(vendor.sent) == 1)
    (row,) = written(talk)
    assert row.body.splitlines() == [
        "Rappel : Vignette. Date limite : 31 janvier 2027, dans 14 jours.",
        "En cas de retard : Majoration de 15 %.",
        "Source : tax.ma (janvier 2026)",
    ]
    assert (row.author, row.payload["template"]["name"]) == (Author.BOT, "deadline_reminder")
    assert row.payload["template"]["values"] == {"1": "Vignette", "2": "31 janvier 2027", "3": "dans 14 jours"}
    assert vendor.sent[0].buttons[0].payload == f'/unsubscribe_alerts{{"chosen": "{TAX}"}}'
    with talk.database.transaction() as session:
        way = session.get_one(DeliveryRow, row.id)
    lasts = way.expires_at - way.created_at
    assert (way.lane, round(lasts / dt.timedelta(hours=1))) == (Lane.REMINDER, 14 * 24 + 14)


def test_each_offset_comes_once_and_nothing_after_the_date(talk: Talk, remote: uuid.UUID) -> None:
    days = ["2027-01-16", FORTNIGHT, FORTNIGHT, "2027-01-27", THREE, THREE, LAST, LAST, "2027-01-31", "2027-02-01"]
    assert [look(day) for day in days] == [0, 1, 0, 0, 1, 0, 1, 0, 0, 0]
    assert look("2028-01-17") == 1  # The year after.


def test_a_worker_that_was_off_sends_the_latest_only(talk: Talk, remote: uuid.UUID) -> None:
    assert [look("2027-01-29"), look("2027-01-29"), look("2027-01-31"), look("2027-01-31")] == [1, 0, 1, 0]
    assert written(talk)[-1].body.startswith("Rappel : Vignette. Date limite : 31 janvier 2027, aujourd’hui.")


def test_at_night_nothing_is_written(talk: Talk, remote: uuid.UUID) -> None:
    assert [look(FORTNIGHT, clock) for clock in ("08:59", "20:00", "09:00")] == [0, 0, 1]


def test_what_was_over_before_one_asked_is_not_sent(talk: Talk, remote: uuid.UUID) -> None:
    change(talk, Subscription, created_at=dt.datetime(2027, 1, 18, tzinfo=dt.UTC))
    assert [look("2027-01-18"), look(THREE)] == [0, 1]


def test_a_date_that_moves_is_told_anew(talk: Talk, remote: uuid.UUID) -> None:
    look(FORTNIGHT)
    publish(talk.database, deadline(month=2, day=15))
    assert [look("2027-01-18"), look("2027-02-02")] == [0, 1]
    publish(talk.database, deadline(month=2, day=14))
    assert [look("2027-02-02"), look("2027-02-02")] == [1, 0]


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (Address, {"opted_out_at": utc_now()}),
        (Address, {"unreachable_at": utc_now()}),
        (Address, {"sender_id": None}),
        (Citizen, {"blocked_at": utc_now()}),
        (Subscription, {"ended_at": utc_now()}),
        (Subscription, {"deadline_id": "gone"}),
    ],
)
def test_who_cannot_or_does_not_want_to_be_reminded_is_not(
    talk: Talk, remote: uuid.UUID, table: type[Base], values: dict[str, Any]
) -> None:
    change(talk, table, **values)
    assert look(FORTNIGHT) == 0
    assert written(talk) == []


def test_on_the_page_it_is_there_when_it_is_opened(talk: Talk) -> None:
    talk.say("combien ça coûte ?")
    subscribe(talk.database, talk.conversation().id)
    assert look(THREE) == 1
    assert written(talk)[0].status == Delivery.SENT


def test_whoever_owns_the_conversation_keeps_it(talk: Talk, remote: uuid.UUID) -> None:
    for owner in (Owner.STAFF, Owner.CLOSED):
        change(talk, Conversation, state=owner)
        assert look(THREE if owner is Owner.STAFF else LAST) == 1
        assert talk.conversation().state == owner


def test_it_goes_to_the_talk_that_is_open_now(talk: Talk, remote: uuid.UUID, sender: str) -> None:
    change(talk, Conversation, state=Owner.CLOSED)
    talk.say("et encore une question ?", channel="vendor", sender_id=sender)
    look(THREE)
    assert written(talk)[0].conversation_id not in (None, remote)


@pytest.mark.parametrize(
    ("language", "first"), [("ar", "تذكير: الضريبة"), ("ary-latn", "Tadkir: Vignette"), (None, "تذكير")]
)
def test_it_speaks_the_language_of_the_talk(talk: Talk, remote: uuid.UUID, language: str | None, first: str) -> None:
    change(talk, Conversation, language=language)
    look(THREE)
    assert written(talk)[0].body.startswith(first)


def test_several_workers_write_each_reminder_once(
    talk: Talk, remote: uuid.UUID, sender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    publish(talk.database, deadline(GRANT, services=["minhaty"]))
    for number in range(7):
        talk.say("bonjour", channel="vendor", sender_id=sender, address=f"citizen {number}")
    with talk.database.transaction() as session:
        talks = session.scalars(select(Conversation.id)).all()
    for one in talks:
        subscribe(talk.database, one, TAX, GRANT)
    counts = at_once(*[lambda: look(THREE)] * 4)
    assert (sum(counts), len(written(talk)), look(THREE)) == (16, 16, 0)


def test_the_desk_can_tell_when_it_was(talk: Talk, remote: uuid.UUID) -> None:
    look(THREE)
    with talk.database.transaction() as session:
        (one,) = living(session)
        assert (one.reminded_for, one.reminded_days) == (dt.date(2027, 1, 31), 3)
        assert one.reminded_at is not None
        assert unsubscribe(session, [TAX], citizen_id=one.citizen_id) == 1
    assert look(LAST) == 0


def test_what_waits_to_be_sent_is_given_up_with_the_reminder(talk: Talk, remote: uuid.UUID, vendor: Vendor) -> None:
    vendor.refusals.append(DeliveryError("later", retry_after=2.0))
    assert look(FORTNIGHT) == 1
    wait_until(lambda: not vendor.refusals)
    (row,) = written(talk)
    wait_until(lambda: talk.state_of(row.id) is State.WAITING)
    with talk.database.transaction() as session:
        conversation = session.get_one(Conversation, remote)
        assert unsubscribe(session, [TAX], citizen_id=conversation.citizen_id) == 1
    assert (talk.state_of(row.id), written(talk)[0].status) == (State.DEAD, Delivery.FAILED)
    assert vendor.sent == []
