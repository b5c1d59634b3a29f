"""Shows citizens that an answer is being written, where their channel can."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import JawabError
from bot.jobs.services import services

log = structlog.get_logger()

WRITING_AFTER_SECONDS = 1.0
# So long before the sign goes out it is shown again.
MARGIN_SECONDS = 1.0


@contextmanager
def writing(inbound: dict[str, Any]) -> Iterator[None]:
    """Show on a vendor's channel that an answer comes, when it takes more than a moment."""
    is_written = threading.Event()
    if inbound.get("sender_id"):
        threading.Thread(target=_show_until, args=(is_written, inbound), daemon=True).start()
    try:
        yield
    finally:
        is_written.set()


def _show_until(is_written: threading.Event, inbound: dict[str, Any]) -> None:
    lasts = services().channels.get(inbound["channel"]).limits.writing_seconds
    wait = WRITING_AFTER_SECONDS
    while not is_written.wait(wait):
        _show_writing(inbound)
        wait = lasts - MARGIN_SECONDS


def _show_writing(inbound: dict[str, Any]) -> None:
    box = services()
    try:
        with box.database.transaction() as session:
            account = box.senders.get(session, inbound["sender_id"])
        box.gateway(account).type(box.book.unseal(inbound["address"]), inbound["vendor_id"])
    except (JawabError, SQLAlchemyError) as failure:
        log.debug("writing_not_shown", reason=type(failure).__name__)
