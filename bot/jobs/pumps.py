"""The pumps of this process: one for each sender, also for those that are added while it runs."""

import threading
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.engine import Inbox, bells, pump_bell
from bot.jobs.pump import Pump
from bot.jobs.services import Services

log = structlog.get_logger()

LOOK_FOR_SENDERS_SECONDS = 2.0


class Pumps(threading.Thread):
    """Starts a pump for each sender, and stops them all."""

    def __init__(self, box: Services, inbox: Inbox) -> None:
        super().__init__(name="pumps", daemon=True)
        self._box, self._inbox, self._told = box, inbox, threading.Event()
        self._pumps: dict[str, Pump] = {}

    def run(self) -> None:
        """Look for senders until told to stop."""
        while not self._told.is_set():
            try:
                self._start_missing()
            except SQLAlchemyError as error:
                log.warning("senders_not_read", reason=type(error).__name__)
            self._told.wait(LOOK_FOR_SENDERS_SECONDS)

    def _start_missing(self) -> None:
        with self._box.database.transaction() as session:
            accounts = self._box.senders.list(session)
        self._pumps = {sender_id: pump for sender_id, pump in self._pumps.items() if pump.is_alive()}
        for account in accounts:
            if account.id not in self._pumps and self._box.channels.has(account.channel):
                pump = Pump(self._box, self._inbox, account, bells.add(pump_bell(account.id)))
                self._pumps[account.id] = pump
                pump.start()

    def stop(self, seconds: float) -> None:
        """Take nothing more, and wait for the calls that are open; what does not end in time is looked for later."""
        self._told.set()
        end = time.monotonic() + seconds
        for sender_id, pump in self._pumps.items():
            bells.remove(pump_bell(sender_id))
            pump.stop()
        for sender_id, pump in self._pumps.items():
            if not pump.has_ended(max(end - time.monotonic(), 0.1)):
                log.warning("deliveries_left_open", sender=sender_id)
        self._inbox.close()
