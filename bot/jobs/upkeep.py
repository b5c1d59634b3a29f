"""What a worker looks after now and then, beside its turns; several workers may, and find the same."""

import threading
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import Approver, DeliveryError
from bot.deliveries import approvals
from bot.jobs import engine, handoff, reminders
from bot.jobs.services import Services
from bot.media.service import sweep
from bot.senders.service import Account

log = structlog.get_logger()

RECLAIM_SECONDS = 5.0
# Vendors approve in minutes or days, and may pause a template at any time.
APPROVALS_SECONDS = 600.0
IDLE_SECONDS = 60.0
# A reply that can be taken back is shown within this time after it cannot any more.
HELD_SECONDS = 1.0
SWEEP_SECONDS = 3600.0
REMIND_SECONDS = 180.0
# The first time comes soon after the start.
SOON_SECONDS = 30.0


class Upkeep(threading.Thread):
    """Does one thing again and again until told to stop, through any trouble of the database and the disk."""

    def __init__(self, name: str, work: Callable[[], None], *, every_seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._every, self._told = work, every_seconds, threading.Event()

    def run(self) -> None:
        """Work until told to stop."""
        wait = min(self._every, SOON_SECONDS)
        while not self._told.wait(wait):
            wait = self._every
            try:
                self._work()
            except (SQLAlchemyError, OSError) as failure:
                log.warning("upkeep_interrupted", work=self.name, reason=type(failure).__name__)

    def stop(self) -> None:
        """Begin no more."""
        self._told.set()


def upkeep_of(box: Services) -> list[Upkeep]:
    """All that a worker looks after."""
    return [
        Upkeep("reclaimer", Reclaimer().look, every_seconds=RECLAIM_SECONDS),
        Upkeep("approvals", partial(ask_approvals, box), every_seconds=APPROVALS_SECONDS),
        Upkeep("sweeper", partial(sweep_files, box), every_seconds=SWEEP_SECONDS),
        Upkeep("reminders", partial(send_reminders, box), every_seconds=REMIND_SECONDS),
        Upkeep("idle cases", partial(handoff.end_idle, box), every_seconds=IDLE_SECONDS),
        Upkeep("held replies", partial(handoff.show_held, box), every_seconds=HELD_SECONDS),
    ]


class Reclaimer:
    """Puts back what was taken here and what nobody works on.

    The executor's notes do not wait for the disk (see `engine`): a PostgreSQL that is killed forgets the last of them,
    and among these that a turn is done. Nobody would look at that turn again before the next start, and its
    conversation would wait behind it. What is idle at two looks in a row was not just taken.
    """

    def __init__(self) -> None:
        self._before: set[str] = set()

    def look(self) -> None:
        """Give back what was idle at the look before, too."""
        self._before = engine.give_back_idle(self._before)


def send_reminders(box: Services) -> None:
    """Write the reminders of deadlines that are due now."""
    reminders.send_due(box)


def sweep_files(box: Services) -> None:
    """Remove citizens' files whose time is over, and what lies in their folder without a row."""
    forgotten, removed = sweep(box.database, box.folder, days=box.settings.media_days)
    if forgotten or removed:
        log.info("files_swept", forgotten=forgotten, removed=removed)


def ask_approvals(box: Services) -> None:
    """Ask vendors what became of our templates."""
    with box.database.transaction() as session:
        accounts = box.senders.list(session)
    for account in accounts:
        if box.channels.has(account.channel):
            _ask_approvals(box, account)


def _ask_approvals(box: Services, account: Account) -> None:
    gateway = box.gateway(account)
    if not isinstance(gateway, Approver):
        return
    try:
        changed = approvals.refresh(box.database, account.id, gateway.approval_of)
    except DeliveryError as error:
        log.warning("templates_not_asked", channel=account.channel, fault=error.fault.value, code=error.code)
        return
    for one in changed:
        words = {"template": one.text.name, "language": one.text.language.value, "state": one.verdict.state.value}
        log.info("template_changed", channel=account.channel, **words)
