"""Twilio for operators: it takes a token or not; where it brings messages is entered in its console."""

import datetime as dt
from contextlib import closing
from functools import partial

from pydantic import TypeAdapter

from bot.channels.base import DeliveryError, Gateway
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.client import TwilioClient
from bot.channels.whatsapp.delivery import CALLBACK_OVERRIDES
from bot.channels.whatsapp.parse import NAME
from bot.db.base import utc_now
from bot.db.session import Database
from bot.ops.findings import Finding, Level
from bot.ops.vendors.base import (
    NOT_REACHABLE,
    WAIT_SECONDS,
    ChannelError,
    credentials_of,
    explain,
    fits,
    title,
    webhook_address,
)
from bot.senders.service import Account, Contents
from bot.settings import Settings
from bot.settings_types import TwilioAccount, WhatsAppNumber

ACCOUNTS: TypeAdapter[str] = TypeAdapter(TwilioAccount)
NUMBERS: TypeAdapter[str] = TypeAdapter(WhatsAppNumber)
LISTED_BACK = dt.timedelta(minutes=15)


class Twilio:
    """WhatsApp numbers: where Twilio brings messages is entered in its console, and cannot be asked."""

    name = "Twilio"
    after_test = (
        " If the person has not written in the last 24 hours it fails after that: see the console's log, 63016."
    )

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database

    def check(self, account: str, address: str) -> tuple[str, str]:
        """Both are given."""
        if not fits(ACCOUNTS, account):
            raise ChannelError("--account should be Twilio's Account SID: AC and 32 hexadecimal digits.")
        if not fits(NUMBERS, address):
            raise ChannelError("--address should be the sender's number: +212600000000.")
        return account, self.address(address)

    def try_out(self, account: str, address: str, token: str) -> tuple[str, str]:
        """Have messages listed."""
        with closing(self._client(account, token)) as client:
            client.list_messages(address, utc_now())
        return account, address

    def webhook(self, account: Account) -> str:
        """What we know ourselves."""
        return "as entered in Twilio's console" if self._settings.is_reachable else "Twilio cannot reach us"

    def set_webhook(self, account: Account) -> list[str]:
        """Nothing is set from here."""
        address = webhook_address(self._settings, account)
        return [
            f"Enter these in Twilio's console, at the WhatsApp sender {account.address}, both with POST:",
            f"  incoming messages  {address}{CALLBACK_OVERRIDES}",
            f"  status callback    {address}/status{CALLBACK_OVERRIDES}",
        ]

    def look(self, account: Account) -> list[Finding]:
        """Whether it takes the token, and whether it can reach us."""
        try:
            with closing(self._client(account.account, account.token)) as client:
                count = len(client.list_inbound(utc_now() - LISTED_BACK, to=account.address))
        except DeliveryError as error:
            return [Finding(Level.FAIL, title(account), *explain(self, error, account.token))]
        minutes = LISTED_BACK // dt.timedelta(minutes=1)
        words = f"Twilio answers for {account.address}; messages of the last {minutes} minutes: {count}"
        answers = Finding(Level.OK, title(account), words)
        if not self._settings.is_reachable:
            advice = f"Set it, then run: jawab channels set-webhook {title(account)}"
            return [answers, Finding(Level.FAIL, title(account), NOT_REACHABLE, advice)]
        advice = f"`jawab channels set-webhook {title(account)}` prints what belongs there."
        return [answers, Finding(Level.OK, title(account), f"the webhook is {self.webhook(account)}", advice)]

    def address(self, given: str) -> str:
        """A number, after the name of the channel."""
        return f"{NAME}:{given.strip().removeprefix(f'{NAME}:')}"

    def gateway(self, account: Account) -> Gateway:
        """The number's way out."""
        channel = WhatsAppChannel(partial(Contents, self._database), base_url=self._settings.twilio_api_url)
        return channel.gateway(credentials_of(account))

    def _client(self, account: str, token: str) -> TwilioClient:
        return TwilioClient(
            account, account, token, base_url=self._settings.twilio_api_url, timeout_seconds=WAIT_SECONDS
        )
