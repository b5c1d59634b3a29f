"""Both vendors' stand-ins as fixtures, for the conftest of whoever wants them."""

from collections.abc import Iterator

import pytest

from tests.fakes import telegram_api, twilio_api
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi


@pytest.fixture
def telegram() -> Iterator[TelegramApi]:
    """Telegram's stand-in."""
    api = TelegramApi()
    with telegram_api.serve(api):
        yield api


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    """Twilio's stand-in."""
    api = TwilioApi()
    with twilio_api.serve(api):
        yield api
