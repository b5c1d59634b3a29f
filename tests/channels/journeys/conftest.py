"""The whole gateway between stand-ins for the vendors and for Rasa: nothing else is pretended."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.db.session import Database
from bot.jobs import pump, pumps, services, updates
from bot.ops.ports import free_ports
from bot.settings import Settings
from tests.channels.server import serving
from tests.fakes import telegram_api, twilio_api
from tests.fakes.rasa_stub import RasaStub
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi

NUMBER = "+14155238886"


@pytest.fixture
def telegram() -> Iterator[TelegramApi]:
    """Telegram's stand-in."""
    api = TelegramApi()
    with telegram_api.serve(api) as url:
        vars(api)["url"] = url
        yield api


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    """Twilio's stand-in."""
    api = TwilioApi()
    with twilio_api.serve(api):
        yield api


@pytest.fixture
def gateway(
    installed: Settings,
    empty: Database,
    rasa: RasaStub,
    telegram: TelegramApi,
    twilio: TwilioApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Settings]:
    """The web process with a bot and a number, reachable for both vendors."""
    for module in (pumps, updates):
        monkeypatch.setattr(module, "LOOK_FOR_SENDERS_SECONDS", 0.05)
    monkeypatch.setattr(pump, "RESOLVE_EVERY_SECONDS", 0.1)
    settings = installed.model_copy(
        update={
            "given_public_url": f"http://127.0.0.1:{free_ports(1)[0]}",
            "telegram_bot_token": SecretStr(telegram.token),
            "telegram_api_url": vars(telegram)["url"],
            "twilio_account_sid": twilio.account_sid,
            "twilio_auth_token": SecretStr(twilio.courier.token),
            "twilio_whatsapp_from": twilio.sender.removeprefix("whatsapp:"),
            "twilio_api_url": twilio.api_url,
        }
    )
    with serving(settings) as url:
        box = services.services()
        with box.database.transaction() as session:
            number = next(one for one in box.senders.list(session) if one.channel == "whatsapp")
        twilio.webhook_url = f"{url}/webhooks/whatsapp/{number.secrets.path}#ct=2000&rt=5000&tt=15000&rc=5&rp=all"
        yield settings
