"""Asks vendors what became of our templates: they approve in minutes or days, and may pause one at any time."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import Approver, DeliveryError
from bot.jobs.services import Services
from bot.senders import templates
from bot.senders.service import Account

log = structlog.get_logger()

FIRST_SECONDS, EVERY_SECONDS = 30.0, 600.0


class Approvals(threading.Thread):
    """Asks soon after its start and every ten minutes; several may, and find the same."""

    def __init__(self, box: Services) -> None:
        super().__init__(name="approvals", daemon=True)
        self._box, self._told = box, threading.Event()

    def run(self) -> None:
        """Ask until told to stop."""
        wait = FIRST_SECONDS
        while not self._told.wait(wait):
            wait = EVERY_SECONDS
            try:
                with self._box.database.transaction() as session:
                    accounts = self._box.senders.list(session)
                for account in accounts:
                    self._ask(account)
            except SQLAlchemyError as failure:
                log.warning("templates_not_read", reason=type(failure).__name__)

    def stop(self) -> None:
        """Ask for nothing more."""
        self._told.set()

    def _ask(self, account: Account) -> None:
        if not self._box.channels.has(account.channel):
            return
        gateway = self._box.gateway(account)
        if not isinstance(gateway, Approver):
            return
        try:
            changed = templates.refresh(self._box.database, account.id, gateway.approval_of)
        except DeliveryError as error:
            log.warning("templates_not_asked", channel=account.channel, fault=error.fault.value, code=error.code)
            return
        for one in changed:
            words = {"template": one.text.name, "language": one.text.language.value, "state": one.verdict.state.value}
            log.info("template_changed", channel=account.channel, **words)
