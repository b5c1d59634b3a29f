"""Removes citizens' files whose time is over, and what lies in their folder without a row."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.services import Services
from bot.media.service import sweep

log = structlog.get_logger()

FIRST_SECONDS, EVERY_SECONDS = 60.0, 3600.0


class Sweeper(threading.Thread):
    """Sweeps soon after its start and every hour; several may, each in the folder that it sees."""

    def __init__(self, box: Services) -> None:
        super().__init__(name="sweeper", daemon=True)
        self._box, self._told = box, threading.Event()

    def run(self) -> None:
        """Sweep until told to stop."""
        wait = FIRST_SECONDS
        while not self._told.wait(wait):
            wait = EVERY_SECONDS
            try:
                forgotten, removed = sweep(self._box.database, self._box.folder, days=self._box.settings.media_days)
            except (SQLAlchemyError, OSError) as failure:
                log.warning("files_not_swept", reason=type(failure).__name__)
                continue
            if forgotten or removed:
                log.info("files_swept", forgotten=forgotten, removed=removed)

    def stop(self) -> None:
        """Sweep no more."""
        self._told.set()
