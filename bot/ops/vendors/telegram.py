"""Telegram for operators: it knows whose a token is, and where a bot's webhook leads."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from pydantic import SecretStr, TypeAdapter

from bot.channels.base import DeliveryError, Gateway, no_files
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import BASE_URL, TelegramClient, WebhookState
from bot.db.base import utc_now
from bot.jobs.buttons import short
from bot.ops.findings import Finding, Level
from bot.ops.vendors.base import WAIT_SECONDS, ChannelError, age, credentials_of, explain, fits, title, webhook_address
from bot.senders.service import Account
from bot.settings import Settings
from bot.settings_types import TelegramToken

TOKENS: TypeAdapter[SecretStr] = TypeAdapter(TelegramToken)
# Telegram remembers its last error for good: an old one says nothing about now.
ERROR_COUNTS = dt.timedelta(hours=1)
MANY_PENDING = 100
HINTS = (
    (r"\b40[34]\b", "Run: jawab channels set-webhook"),
    (r"\b5\d\d\b", "Jawab, or what stands before it, failed: look into its log."),
    (r"ssl|certificate", "JAWAB_PUBLIC_URL needs a certificate that is valid for its name."),
    (r"connect|time|resolve|refuse|reach", "JAWAB_PUBLIC_URL must answer on port 443, 80, 88 or 8443."),
)


class Telegram:
    """Bots: Telegram knows who they are, and where their webhooks lead."""

    name = "Telegram"
    after_test = ""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._base_url = settings.telegram_api_url or BASE_URL

    def check(self, account: str, address: str) -> tuple[str, str]:
        """Neither is given: the token tells both."""
        if account or address:
            raise ChannelError("Telegram tells account and address by itself: leave --account and --address out.")
        return "", ""

    def try_out(self, account: str, address: str, token: str) -> tuple[str, str]:
        """Ask whose token it is."""
        if not fits(TOKENS, token):
            raise ChannelError("A token of Telegram's looks like 123456:ABC-DEF, as BotFather gave it.")
        with closing(self._client(token)) as client:
            me = client.get_me()
        return me.id, f"@{me.username}"

    def webhook(self, account: Account) -> str:
        """Ask Telegram, which may be away."""
        try:
            with closing(self._client(account.token)) as client:
                return self._arrival(account, client.webhook_info()).words
        except DeliveryError:
            return f"{self.name} does not say"

    def set_webhook(self, account: Account) -> list[str]:
        """Set it, and ask how it fares."""
        address = webhook_address(self._settings, account)
        with closing(self._client(account.token)) as client:
            client.set_webhook(address, account.secrets.webhook_secret)
            hook = client.webhook_info()
        found = [self._arrival(account, hook), *self._trouble(account, hook)]
        return [f"{one.level.value} {one.words} {one.advice}".rstrip() for one in found]

    def look(self, account: Account) -> list[Finding]:
        """Whose token it is, where updates go, how many wait, what went wrong last."""
        try:
            with closing(self._client(account.token)) as client:
                me, hook = client.get_me(), client.webhook_info()
        except DeliveryError as error:
            return [Finding(Level.FAIL, title(account), *explain(self, error, account.token))]
        answers = Finding(Level.OK, title(account), f"@{me.username} answers")
        return [answers, self._arrival(account, hook), *self._trouble(account, hook)]

    def address(self, given: str) -> str:
        """A chat's number."""
        return given.strip()

    def gateway(self, account: Account) -> Gateway:
        """The bot's way out."""
        return TelegramChannel(short, no_files, base_url=self._base_url).gateway(credentials_of(account))

    def _client(self, token: str) -> TelegramClient:
        return TelegramClient(token, base_url=self._base_url, timeout_seconds=WAIT_SECONDS)

    def _arrival(self, account: Account, hook: WebhookState) -> Finding:
        other = f"the webhook leads to another address ({urlsplit(hook.url).hostname})"
        if not self._settings.is_reachable:
            if not hook.url:
                return Finding(Level.OK, title(account), "polled while Jawab runs")
            advice = "Set JAWAB_PUBLIC_URL; without it the next start takes the webhook away, and polls."
            return Finding(Level.NOTE, title(account), other, advice)
        if hook.url == webhook_address(self._settings, account):
            return Finding(Level.OK, title(account), "the webhook leads here")
        repair = f"Run: jawab channels set-webhook {title(account)}"
        return Finding(Level.FAIL, title(account), other if hook.url else "no webhook is set", repair)

    def _trouble(self, account: Account, hook: WebhookState) -> Iterator[Finding]:
        is_many = hook.pending > MANY_PENDING
        advice = "They come one after the other once Jawab runs and the webhook answers." if is_many else ""
        words = f"{hook.pending} updates wait at Telegram"
        yield Finding(Level.NOTE if is_many else Level.OK, title(account), words, advice)
        if hook.last_error and hook.last_error_at:
            is_old = utc_now() - hook.last_error_at > ERROR_COUNTS
            words = f"last error {age(hook.last_error_at)} ago: {hook.last_error}"
            yield Finding(
                Level.OK if is_old else Level.NOTE, title(account), words, "" if is_old else _hint(hook.last_error)
            )


def _hint(error: str) -> str:
    found = (advice for words, advice in HINTS if re.search(words, error, re.IGNORECASE))
    return next(found, "Look into Jawab's log.")
