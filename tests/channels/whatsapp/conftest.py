"""Twilio's stand-in, and the real client on it."""

from collections.abc import Iterator

import pytest

from bot.channels.whatsapp.client import TwilioClient
from tests.fakes.twilio_api import TwilioApi, serve


@pytest.fixture(scope="session")
def standing() -> Iterator[TwilioApi]:
    """One server for all tests."""
    api = TwilioApi()
    with serve(api):
        yield api


@pytest.fixture
def api(standing: TwilioApi) -> TwilioApi:
    """A stand-in that has seen nothing."""
    standing.forget()
    return standing


@pytest.fixture
def client(api: TwilioApi) -> Iterator[TwilioClient]:
    """The client with a key, impatient."""
    client = TwilioClient(api.account_sid, api.key, api.secret, base_url=api.api_url, timeout_seconds=1.0)
    yield client
    client.close()
