"""How Telegram's updates come: to our webhook where it can reach us, else asked for, by one process for each bot."""

import threading
from collections.abc import Mapping
from typing import Any, cast

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import DeliveryError
from bot.channels.telegram.channel import TelegramGateway
from bot.channels.telegram.parse import NAME, parse
from bot.channels.telegram.views import acknowledge, take
from bot.jobs.services import Services
from bot.senders.service import Account

log = structlog.get_logger()

LOOK_FOR_SENDERS_SECONDS = 2.0
WAIT_SECONDS = 10
LOCK = text("SELECT pg_try_advisory_lock(hashtext('jawab updates'), hashtext(:sender))")


class Updates(threading.Thread):
    """Sees to every bot, also to those that are added or get a new token while it runs.

    `state` takes what is asked for.
    """

    def __init__(self, box: Services, state: Any) -> None:
        super().__init__(name="updates", daemon=True)
        self._box, self._state = box, state
        self._told = threading.Event()
        self._ways: dict[str, _WayIn] = {}

    def run(self) -> None:
        """Look for bots until told to stop."""
        while not self._told.wait(LOOK_FOR_SENDERS_SECONDS):
            try:
                with self._box.database.transaction() as session:
                    accounts = [one for one in self._box.senders.list(session) if one.channel == NAME]
            except SQLAlchemyError:
                continue
            self._see_to({account.id: account for account in accounts})
        self._see_to({})

    def stop(self) -> None:
        """Ask for nothing more."""
        self._told.set()

    def _see_to(self, accounts: Mapping[str, Account]) -> None:
        """End the ways of bots that are gone or have other secrets, and begin those that are missing."""
        for sender_id, way in self._ways.items():
            if sender_id not in accounts or accounts[sender_id].secrets != way.account.secrets:
                way.stop()
        for sender_id, account in accounts.items():
            if not (known := self._ways.get(sender_id)) or not known.is_alive():
                self._ways[sender_id] = _WayIn(self._box, self._state, account)
                self._ways[sender_id].start()


class _WayIn(threading.Thread):
    """One bot's updates, while this process is the one that sees to them; ends at any trouble, and is begun anew."""

    def __init__(self, box: Services, state: Any, account: Account) -> None:
        super().__init__(name=f"updates {account.id}", daemon=True)
        self.account = account
        self._box, self._state = box, state
        self._told = threading.Event()

    def run(self) -> None:
        try:
            with self._box.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if connection.scalar(LOCK, {"sender": self.account.id}):
                    self._see_to()
                connection.invalidate()  # The lock goes with the connection.
        except (DeliveryError, SQLAlchemyError) as error:
            log.warning("updates_interrupted", channel=NAME, reason=str(error)[:100])
            self._told.wait(LOOK_FOR_SENDERS_SECONDS)

    def stop(self) -> None:
        self._told.set()

    def _see_to(self) -> None:
        client = cast(TelegramGateway, self._box.gateway(self.account)).client
        if self._box.settings.is_reachable:
            # Telegram knows a webhook by the token with which it was set, and forgets it with that.
            client.set_webhook(webhook_url(self._box, self.account), self.account.secrets.webhook_secret)
            self._told.wait()
            return
        client.delete_webhook()
        offset: int | None = None
        while not self._told.is_set():
            for update in client.get_updates(offset, timeout_seconds=WAIT_SECONDS):
                found = parse(update, sender_id=self.account.id)
                take(self._state, found)
                acknowledge(self._box, self.account, found)
                offset = int(update["update_id"]) + 1


def webhook_url(box: Services, account: Account) -> str:
    """Where a vendor sends what citizens write to an account."""
    return f"{box.settings.public_url}/webhooks/{account.channel}/{account.secrets.path}"
