"""The whole gateway between stand-ins for the vendors and for Rasa: nothing else is pretended."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.db.session import Database
from bot.jobs import pump, pumps, services, updates
from bot.ops.ports import free_ports
from bot.senders.service import Account
from bot.settings import Settings
from tests.channels.server import serving
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.fakes.vendors import telegram, twilio
from tests.jobs.conftest import wait_until_done

__all__ = ["telegram", "twilio"]


@pytest.fixture
def ours(
    installed: Settings, empty: Database, rasa: RasaStub, telegram: TelegramApi, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings of an installation with a bot, which Telegram cannot reach; nobody waits long for anything."""
    for module in (pumps, updates):
        monkeypatch.setattr(module, "LOOK_FOR_SENDERS_SECONDS", 0.05)
    monkeypatch.setattr(pump, "RESOLVE_EVERY_SECONDS", 0.1)
    monkeypatch.setattr(updates, "WAIT_SECONDS", 1)
    bot = {"telegram_bot_token": SecretStr(telegram.token), "telegram_api_url": telegram.api_url}
    return installed.model_copy(update=bot)


@pytest.fixture
def gateway(ours: Settings, twilio: TwilioApi) -> Iterator[Settings]:
    """The web process with a bot and a number, reachable for both vendors."""
    settings = ours.model_copy(
        update={
            "given_public_url": f"http://127.0.0.1:{free_ports(1)[0]}",
            "twilio_account_sid": twilio.account_sid,
            "twilio_auth_token": SecretStr(twilio.courier.token),
            "twilio_whatsapp_from": twilio.sender.removeprefix("whatsapp:"),
            "twilio_api_url": twilio.api_url,
        }
    )
    with serving(settings) as url:
        path = sender_of("whatsapp").secrets.path
        twilio.webhook_url = f"{url}/webhooks/whatsapp/{path}#ct=2000&rt=5000&tt=15000&rc=5&rp=all"
        yield settings
        wait_until_done(settings)


@pytest.fixture
def polling(ours: Settings) -> Iterator[Settings]:
    """The web process with a bot, without an address that Telegram could call."""
    with serving(ours):
        yield ours
        wait_until_done(ours)


def sender_of(channel: str) -> Account:
    """The one sender of a channel."""
    box = services.services()
    with box.database.transaction() as session:
        return next(one for one in box.senders.list(session) if one.channel == channel)


def rotate(channel: str, token: str) -> None:
    """A new token for the one sender of a channel, as `jawab channels rotate` writes it."""
    box, known = services.services(), sender_of(channel)
    with box.database.transaction() as session:
        box.senders.rotate(session, known.id, token)
