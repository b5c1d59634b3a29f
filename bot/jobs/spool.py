"""Messages that could not be kept while the database was away: on disk until it is back."""

import json
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import structlog
from cryptography.fernet import InvalidToken
from sqlalchemy.exc import SQLAlchemyError

from bot.citizens.service import AddressBook
from bot.conversations.schemas import Inbound
from bot.errors import JawabError

log = structlog.get_logger()

LOOK_SECONDS = 2.0
# So many messages are a day of a busy town; beyond, honest refusal is better than a full disk.
MOST_FILES = 20_000
Accept = Callable[[Inbound], None]


class SpoolFullError(JawabError):
    """No more can be kept on disk."""


class Spool(threading.Thread):
    """Keeps messages in a folder, one sealed file each, and hands them on in order as soon as they are taken."""

    def __init__(self, folder: Path, accept: Accept, book: AddressBook) -> None:
        super().__init__(name="spool", daemon=True)
        self._folder, self._accept, self._book = folder, accept, book
        self._told, self._filled = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._number = max((int(path.name.split("-")[0]) for path in folder.glob("*.json")), default=0)

    def keep(self, inbound: Inbound) -> None:
        """Write a message down, so that it survives a crash; raises SpoolFullError and OSError."""
        with self._lock:
            if self.count() >= MOST_FILES:
                raise SpoolFullError("The spool is full.")
            self._number += 1
            name = f"{self._number:012}-{uuid.uuid4().hex}.json"
        _write(self._folder / name, self._book.seal(json.dumps(inbound.to_json())).encode())
        self._filled.set()

    def count(self) -> int:
        """How many messages lie here."""
        return sum(1 for _ in self._folder.glob("*.json"))

    def run(self) -> None:
        """Hand on until told to stop."""
        while not self._told.is_set():
            self.drain()
            self._filled.wait(None if not self.count() else LOOK_SECONDS)
            self._filled.clear()
            self._told.wait(LOOK_SECONDS if self.count() else 0)

    def drain(self) -> int:
        """Hand on what lies here, oldest first, up to the first that is not taken; gives how many were."""
        done = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                self._accept(Inbound.from_json(json.loads(self._book.unseal(path.read_text("ascii")))))
            except (SQLAlchemyError, OSError):
                break
            except (InvalidToken, ValueError, KeyError, TypeError):
                log.exception("spooled_message_unreadable")
                path.rename(path.with_suffix(".bad"))
                continue
            path.unlink(missing_ok=True)
            done += 1
        if done:
            log.info("spool_drained", count=done)
        return done

    def stop(self) -> None:
        """Stop handing on; what lies here waits for the next start."""
        self._told.set()
        self._filled.set()


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".tmp")
    with fresh.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
