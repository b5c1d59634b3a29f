"""How Telegram's updates come: to our webhook where it can reach us, else asked for, by one process for each bot."""

import threading
from typing import Any, cast

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import DeliveryError
from bot.channels.telegram.channel import TelegramGateway
from bot.channels.telegram.parse import NAME, parse
from bot.channels.telegram.views import take
from bot.jobs.services import Services
from bot.senders.service import Account

log = structlog.get_logger()

LOOK_FOR_SENDERS_SECONDS = 2.0
WAIT_SECONDS = 10
LOCK = text("SELECT pg_try_advisory_lock(hashtext('jawab updates'), hashtext(:sender))")


class Updates(threading.Thread):
    """Sees to every bot, also to those that are added while it runs; `state` takes what is asked for."""

    def __init__(self, box: Services, state: Any) -> None:
        super().__init__(name="updates", daemon=True)
        self._box, self._state = box, state
        self._told = threading.Event()
        self._polls: dict[str, threading.Thread] = {}

    def run(self) -> None:
        """Look for bots until told to stop."""
        while not self._told.wait(LOOK_FOR_SENDERS_SECONDS):
            try:
                with self._box.database.transaction() as session:
                    accounts = [one for one in self._box.senders.list(session) if one.channel == NAME]
            except SQLAlchemyError:
                continue
            for account in accounts:
                if not (known := self._polls.get(account.id)) or not known.is_alive():
                    self._polls[account.id] = threading.Thread(target=self._poll, args=(account,), daemon=True)
                    self._polls[account.id].start()

    def stop(self) -> None:
        """Ask for nothing more."""
        self._told.set()

    def _poll(self, account: Account) -> None:
        """Poll for one bot while this process is the one that does; ends at any trouble, and is begun anew."""
        try:
            with self._box.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if connection.scalar(LOCK, {"sender": account.id}):
                    self._ask(account)
                connection.invalidate()  # The lock goes with the connection.
        except (DeliveryError, SQLAlchemyError) as error:
            log.warning("updates_interrupted", channel=NAME, reason=str(error)[:100])
            self._told.wait(LOOK_FOR_SENDERS_SECONDS)

    def _ask(self, account: Account) -> None:
        client = cast(TelegramGateway, self._box.gateway(account)).client
        if self._box.settings.is_reachable:
            client.set_webhook(webhook_url(self._box, account), account.secrets.webhook_secret)
            self._told.wait()
            return
        client.delete_webhook()
        offset: int | None = None
        while not self._told.is_set():
            for update in client.get_updates(offset, timeout_seconds=WAIT_SECONDS):
                take(self._state, parse(update, sender_id=account.id))
                offset = int(update["update_id"]) + 1


def webhook_url(box: Services, account: Account) -> str:
    """Where a vendor sends what citizens write to an account."""
    return f"{box.settings.public_url}/webhooks/{account.channel}/{account.secrets.path}"
