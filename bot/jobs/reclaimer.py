"""Puts back what was taken here and what nobody works on.

The executor's notes do not wait for the disk (see `engine`): a PostgreSQL that is killed forgets the last of them, and
among these that a turn is done. Nobody would look at that turn again before the next start, and its conversation would
wait behind it.
"""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs import engine

log = structlog.get_logger()

LOOK_SECONDS = 5.0


class Reclaimer(threading.Thread):
    """What is idle at two looks in a row was not just taken."""

    def __init__(self) -> None:
        super().__init__(name="reclaimer", daemon=True)
        self._told = threading.Event()

    def run(self) -> None:
        """Look until told to stop, through any absence of the database."""
        before: set[str] = set()
        while not self._told.wait(LOOK_SECONDS):
            try:
                before = engine.give_back_idle(before)
            except SQLAlchemyError as failure:
                log.warning("work_not_looked_at", reason=type(failure).__name__)

    def stop(self) -> None:
        """Look no more."""
        self._told.set()
