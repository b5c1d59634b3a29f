"""Sends what waits for one of our senders: in order, at the vendor's pace, answers first.

Of all processes only one pumps for a sender: it holds a lock of PostgreSQL, which is free again the moment it dies.
What it was sending then has an unknown end, and is looked for before anything is said twice.
"""

import datetime as dt
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.channels.base import DeliveryError, Fault, Gateway
from bot.conversations.schemas import Outbound
from bot.conversations.service import outbound_of, outbounds_of
from bot.db.base import utc_now
from bot.deliveries import claims
from bot.deliveries import service as deliveries
from bot.deliveries.claims import Taken
from bot.deliveries.service import Gone, News
from bot.deliveries.states import Lane
from bot.jobs import engine, lateness
from bot.jobs.bells import Bell
from bot.jobs.engine import Inbox
from bot.jobs.pace import Paces, Turnstile
from bot.jobs.services import Services
from bot.jobs.together import Together
from bot.senders.service import Account, SenderError
from bot.senders.service import State as SenderState

log = structlog.get_logger()

# Of a vendor's rate campaigns never get more than this; a fifth is kept for those who are talking. While somebody's
# answer is being made here they get still less: it needs this process as well; least while answers come late.
CAMPAIGN_SHARE, BESIDE_ANSWERS, BESIDE_LATE_ANSWERS = 0.8, 0.25, 0.05
# Of the calls that may be open, what nobody waits for has no more than this.
UNHURRIED_SHARE = 0.75
UNHURRIED = (Lane.REMINDER, Lane.CAMPAIGN)
# A citizen who was just written to is written to later, when that is more than a moment.
MOMENT_SECONDS = 0.5
LOOK_AGAIN_SECONDS = 1.0
LOOK_SECONDS = 0.02
RESOLVE_EVERY_SECONDS = 5.0
# What a webhook did not bring is looked for every so often, as far back (VENDORS T12).
LISTEN_EVERY_SECONDS = 300.0
LISTEN_BACK = dt.timedelta(minutes=30)
# Who waited so long for the call may have changed their mind, or the window has closed: that is looked at again.
LONG_SECONDS = 1.5
# No call takes so long.
STUCK = dt.timedelta(minutes=3)
LOCK = text("SELECT pg_try_advisory_lock(hashtext('jawab pump'), hashtext(:sender))")
STILL_THERE = text("SELECT 1")


def _campaign_share() -> float:
    if lateness.answers.is_late():
        return BESIDE_LATE_ANSWERS
    return BESIDE_ANSWERS if engine.is_answering() else CAMPAIGN_SHARE


class Pump(threading.Thread):
    """One sender's way out."""

    def __init__(self, box: Services, inbox: Inbox, account: Account, bell: Bell) -> None:
        super().__init__(name=f"pump {account.channel}", daemon=True)
        self._box, self._inbox = box, inbox
        self._id, self._channel, self._bell = account.id, account.channel, bell
        self._limits = box.channels.get(account.channel).limits
        self._turnstile = Turnstile(self._limits.per_second, share=_campaign_share)
        self._citizens = Paces(self._limits.per_citizen, burst=self._limits.citizen_burst)
        self._pool = ThreadPoolExecutor(self._limits.at_once, thread_name_prefix=self.name)
        self._most_unhurried = max(int(self._limits.at_once * UNHURRIED_SHARE), 1)
        self._under_way: dict[int, Lane] = {}
        self._note = Together(self._note_all)
        self._ending = threading.Event()
        self._counting = threading.Lock()
        self._resolved_at = self._listened_at = 0.0

    def run(self) -> None:
        """Pump until told to stop, through any absence of the database."""
        while not self._bell.is_set():
            try:
                with self._alone() as lock:
                    if lock is not None:
                        self._work(lock)
            except SenderError:
                break  # It was taken out of the book.
            except SQLAlchemyError as error:
                log.warning("pump_without_database", channel=self._channel, reason=type(error).__name__)
            self._bell.wait(LOOK_AGAIN_SECONDS)
        self._pool.shutdown(wait=False)

    def stop(self) -> None:
        """Take nothing more and begin no call."""
        self._ending.set()
        self._turnstile.close()
        self._bell.set()

    def has_ended(self, seconds: float) -> bool:
        """Whether the calls that are open end in time."""
        end = time.monotonic() + seconds
        self.join(seconds)
        while self._under_way and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        return not self._under_way

    @contextmanager
    def _alone(self) -> Iterator[Connection | None]:
        """A connection that holds the lock; None when another process pumps for this sender."""
        with self._box.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            held = connection.scalar(LOCK, {"sender": self._id})
            try:
                yield connection if held else None
            finally:
                connection.invalidate()  # The lock goes with the connection.

    def _work(self, lock: Connection) -> None:
        with self._box.database.transaction() as session:
            lost = deliveries.give_back(session, self._id, utc_now(), self._under_way)
        if lost:
            log.warning("deliveries_cut_off", channel=self._channel, count=lost)
        checked_at, is_paused = time.monotonic(), self._is_paused()
        while not self._bell.is_set():
            if time.monotonic() - checked_at > LOOK_AGAIN_SECONDS:
                lock.execute(STILL_THERE)
                checked_at, is_paused = time.monotonic(), self._is_paused()
            if is_paused or not self._round():
                self._resolve()
                self._listen_back()
                self._bell.wait(min(LOOK_AGAIN_SECONDS, self._seconds_until_due()))
        # Whoever pumps next takes what is open for lost: it may not begin before that has ended.
        while self._under_way:
            time.sleep(LOOK_SECONDS)

    def _account(self) -> Account:
        with self._box.database.transaction() as session:
            return self._box.senders.get(session, self._id)

    def _is_paused(self) -> bool:
        return self._account().state is SenderState.PAUSED

    def _round(self) -> int:
        """Claim what may go now, answers first; gives how many were handed to a thread."""
        room, lanes = self._room()
        return self._claim(lanes, room) if room > 0 else 0

    def _room(self) -> tuple[int, Sequence[Lane]]:
        """For how many more calls there is room, and in which lanes: enough at the turnstile needs no company yet."""
        with self._counting:
            unhurried = sum(lane in UNHURRIED for lane in self._under_way.values())
            free = self._limits.at_once - len(self._under_way)
        if unhurried > self._most_unhurried // 2:
            return free, (Lane.INTERACTIVE,)
        return min(free, self._most_unhurried - unhurried), tuple(Lane)

    def _claim(self, lanes: Sequence[Lane], room: int) -> int:
        with self._box.database.transaction() as session:
            taken = claims.take(
                session, sender_id=self._id, lanes=lanes, limit=room, has_window=self._limits.has_window
            )
            ready = [one for one in taken if not self._put_off(session, one)]
            if not ready:
                return 0
            gateway = self._box.gateway(self._box.senders.get(session, self._id))
            outbounds = outbounds_of(session, self._box.book, {one.message_id: one.address_id for one in ready})
        for one in ready:
            self._start(gateway, one, outbounds[one.message_id])
        return len(ready)

    def _put_off(self, session: Session, taken: Taken) -> bool:
        wait = self._citizens.of(taken.address_id).seconds_until_free()
        if wait > MOMENT_SECONDS:
            claims.put_off(session, taken, dt.timedelta(seconds=wait))
        return wait > MOMENT_SECONDS

    def _start(self, gateway: Gateway, taken: Taken, outbound: Outbound) -> None:
        with self._counting:
            self._under_way[taken.message_id] = taken.lane
        self._pool.submit(self._send, gateway, taken, outbound)

    def _send(self, gateway: Gateway, taken: Taken, outbound: Outbound) -> None:
        try:
            self._parts(gateway, taken, outbound)
        except DeliveryError as error:
            self._note_failure(taken, error)
        except Exception as error:
            log.exception("delivery_broke", message_id=taken.message_id)
            self._note_failure(taken, DeliveryError(type(error).__name__, fault=Fault.UNKNOWN, code="broke"))
        finally:
            with self._counting:
                self._under_way.pop(taken.message_id)
            if taken.lane is Lane.INTERACTIVE or Lane.CAMPAIGN in self._room()[1]:
                self._bell.ring()

    def _parts(self, gateway: Gateway, taken: Taken, outbound: Outbound) -> None:
        parts = gateway.parts(outbound)
        if len(parts) != taken.parts_total:
            with self._box.database.transaction() as session:
                claims.note_total(session, taken, len(parts))
        claimed_at = time.monotonic()
        for number in range(taken.parts_sent, len(parts)):
            is_repeat = taken.is_repeat and number == taken.parts_sent
            part = gateway.marked(parts[number]) if is_repeat else parts[number]
            with self._call(taken) as may_be_made:
                if not (may_be_made and self._may_still_go(taken, claimed_at)):
                    self._leave(taken)
                    return
                vendor_id = gateway.send(outbound, part)
            self._note(Gone(taken, number, vendor_id, is_last=number == len(parts) - 1))
        if outbound.conversation_id is not None:
            self._box.tell(outbound.conversation_id, [taken.message_id])

    def _note_all(self, parts: Sequence[Gone]) -> None:
        with self._box.database.transaction() as session:
            deliveries.note_parts(session, parts)

    @contextmanager
    def _call(self, taken: Taken) -> Iterator[bool]:
        """Make a call in the block when the paces allow it; gives whether it may still be begun."""
        if self._ending.wait(self._citizens.of(taken.address_id).reserve()):
            yield False
            return
        with self._turnstile.call(taken.lane, gives_way=taken.lane is Lane.CAMPAIGN) as may_be_made:
            yield may_be_made

    def _may_still_go(self, taken: Taken, claimed_at: float) -> bool:
        if time.monotonic() - claimed_at < LONG_SECONDS:
            return True
        try:
            with self._box.database.transaction() as session:
                return claims.may_still_go(session, taken, has_window=self._limits.has_window)
        except SQLAlchemyError as error:  # Nothing has left: it goes later, and its end is not unknown.
            raise DeliveryError("The database is away.", fault=Fault.PASSING) from error

    def _leave(self, taken: Taken) -> None:
        """Give back what is not finished: whoever claims it next goes on with it, or sees why it may not go."""
        with self._box.database.transaction() as session:
            claims.put_off(session, taken, dt.timedelta())

    def _note_failure(self, taken: Taken, error: DeliveryError) -> None:
        """Note the end of a call; what cannot be noted is given back after STUCK."""
        try:
            self._fail(taken, error)
        except Exception:
            log.exception("failure_not_noted", message_id=taken.message_id)

    def _fail(self, taken: Taken, error: DeliveryError) -> None:
        log.warning("delivery_failed", message_id=taken.message_id, fault=error.fault.value, code=error.code)
        with self._box.database.transaction() as session:
            deliveries.note_failure(session, taken, error)
            if error.fault is Fault.SENDER:
                log.error("sender_paused", channel=self._channel, code=error.code)
                self._box.senders.pause(session, self._id, str(error))
        if error.retry_after is not None:
            # Campaigns are quiet for as long as the vendor says; one answer may try sooner.
            self._turnstile.pause(error.retry_after, gives_way=True)
            self._turnstile.pause(min(error.retry_after, 1.0), gives_way=False)

    def _resolve(self) -> None:
        """Look for what may have left; what no listing can tell is said once more, marked, or given up."""
        if time.monotonic() - self._resolved_at < RESOLVE_EVERY_SECONDS:
            return
        self._resolved_at = time.monotonic()
        with self._box.database.transaction() as session:
            # Its thread could not even note the end.
            deliveries.give_back(session, self._id, utc_now() - STUCK, self._under_way)
            unknown = deliveries.list_unknown(session, self._id)
            deliveries.end_parked(session, self._id)
        for message_id in unknown:
            self._resolve_one(message_id)

    def _listen_back(self) -> None:
        """Take what the vendor has and no webhook brought; what was taken before counts once."""
        if time.monotonic() - self._listened_at < LISTEN_EVERY_SECONDS:
            return
        self._listened_at = time.monotonic()
        try:
            gateway = self._box.gateway(self._account())
            for inbound in gateway.missed(utc_now() - LISTEN_BACK):
                partition = self._box.book.hash(inbound.channel, inbound.queue_address)[:32]
                self._inbox.accept(inbound, partition=partition)
            if self._limits.has_news:
                self._ask_for_news(gateway)
        except DeliveryError as error:
            log.warning("missed_not_listed", channel=self._channel, fault=error.fault.value, code=error.code)

    def _ask_for_news(self, gateway: Gateway) -> None:
        with self._box.database.transaction() as session:
            silent = deliveries.list_silent(session, self._id)
        for vendor_id in silent:
            told = gateway.ask_status(vendor_id)
            if told is not None:
                news = News(self._id, vendor_id, told.status, told.code or None, told.fault)
                with self._box.database.transaction() as session:
                    deliveries.note_status(session, news)

    def _resolve_one(self, message_id: int) -> None:
        with self._box.database.transaction() as session:
            gateway = self._box.gateway(self._box.senders.get(session, self._id))
            address_id = deliveries.address_of(session, message_id)
            outbound = outbound_of(session, self._box.book, message_id, address_id=address_id)
            since, number = deliveries.taken_at(session, message_id)
        try:
            found = gateway.find_sent(outbound, number, since)
        except DeliveryError:
            return
        with self._box.database.transaction() as session:
            if found is None:
                deliveries.repeat_unknown(session, message_id)
            else:
                # Other messages may read the same: what is known as theirs is not this one.
                vendor_id = deliveries.first_unknown(session, message_id, found)
                deliveries.resolve_unknown(session, message_id, vendor_id=vendor_id)

    def _seconds_until_due(self) -> float:
        """A call that ends rings; until then only lanes with room for another matter."""
        room, lanes = self._room()
        if room <= 0:
            return LOOK_AGAIN_SECONDS
        with self._box.database.transaction() as session:
            seconds = deliveries.seconds_until_due(session, self._id, lanes)
        return LOOK_AGAIN_SECONDS if seconds is None else max(seconds, 0.01)
