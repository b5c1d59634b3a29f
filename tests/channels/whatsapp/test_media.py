"""Citizens' files: from Twilio alone, not too large, and deleted when asked."""

import socket
from typing import Any

import pytest

from bot.channels.base import DeliveryError
from bot.channels.whatsapp import media as module
from bot.channels.whatsapp.client import TwilioClient
from bot.channels.whatsapp.media import MediaStore
from tests.channels.whatsapp.citizens import ACCOUNT
from tests.fakes.twilio_api import KEY, SECRET, TwilioApi

PDF = b"%PDF-1.7 a form"
LARGEST = 1000
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'1' * 32}/Media/ME{'2' * 32}"


def address(api: TwilioApi, content: bytes = PDF, mime: str = "application/pdf") -> str:
    """Where a file that a citizen just sent lies."""
    api.webhook_url = "http://127.0.0.1:9/"
    return api.citizen_sends_media("+212612345678", content, mime)[0].form["MediaUrl0"]


def refused(client: TwilioClient, url: str) -> DeliveryError:
    """What fetching raises."""
    with pytest.raises(DeliveryError) as caught:
        client.fetch_media(url, LARGEST)
    return caught.value


def test_a_file_is_fetched_by_key_and_over_its_carrier(api: TwilioApi, client: TwilioClient) -> None:
    assert client.fetch_media(address(api), LARGEST) == PDF


def test_a_file_stays_until_it_is_deleted(api: TwilioApi, client: TwilioClient) -> None:
    url = address(api)
    client.fetch_media(url, LARGEST)
    assert api.media
    client.delete_media(url)
    assert not api.media
    client.delete_media(url)
    assert refused(client, url).permanent


def test_a_wrong_key_may_be_mended(api: TwilioApi) -> None:
    stranger = TwilioClient(ACCOUNT, KEY, "not the secret", base_url=api.api_url)
    url = address(api)
    assert not refused(stranger, url).permanent
    with pytest.raises(DeliveryError):
        stranger.delete_media(url)
    assert api.media


def test_a_file_that_is_too_large_is_left(api: TwilioApi, client: TwilioClient) -> None:
    error = refused(client, address(api, PDF + b"x" * LARGEST))
    assert (error.permanent, error.code) == (True, "too_large")
    assert client.fetch_media(address(api, b"x" * LARGEST), LARGEST) == b"x" * LARGEST


def test_a_file_that_comes_too_slowly_may_come_another_time(
    api: TwilioApi, client: TwilioClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_SECONDS", 0.1)
    api.fail_next_file(seconds=0.3)
    url = address(api)
    error = refused(client, url)
    assert (error.permanent, error.code) == (False, "slow")
    assert client.fetch_media(url, LARGEST) == PDF


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:9/secret",
        "https://evil.example/x",
        "https://api.twilio.com@evil.example/x",
        "https://mms.twiliocdn.com:22/x",
        "file:///etc/passwd",
        "//evil.example/x",
        "https://[::1",
    ],
)
def test_a_redirect_leads_to_twilio_or_nowhere(api: TwilioApi, client: TwilioClient, location: str) -> None:
    api.media_location = location
    error = refused(client, address(api))
    assert (error.permanent, error.code) == (True, "elsewhere")


def test_our_key_is_shown_to_the_first_host_alone(api: TwilioApi, client: TwilioClient) -> None:
    url = address(api)
    api.media_location = url
    assert str(refused(client, url)) == "Twilio refused with 401"


def test_redirects_have_an_end(api: TwilioApi, client: TwilioClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REDIRECTS", 0)
    assert refused(client, address(api)).permanent


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.example{PATH}",
        f"http://api.twilio.com{PATH}",
        f"https://api.twilio.com.evil.example{PATH}",
        f"https://eviltwilio.com{PATH}",
        f"https://api.twilio.com:8443{PATH}",
        f"https://user:pass@api.twilio.com{PATH}",
        f"https://api.twilio.com{PATH}?x=1",
        f"https://api.twilio.com{PATH}.json",
        f"https://api.twilio.com{PATH.replace(ACCOUNT, 'AC' + '9' * 32)}",
        f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/PN{'1' * 32}",
        f"https://api.twilio.com{PATH}/../../../Messages",
        f"https://api.twilio.com{PATH}\n",
        f"https://evil.example\\@api.twilio.com{PATH}",
        "https://[::1",
        "",
    ],
)
def test_only_our_files_are_asked_for_or_deleted(api: TwilioApi, client: TwilioClient, url: str) -> None:
    assert refused(client, url).permanent
    with pytest.raises(DeliveryError):
        client.delete_media(url)


@pytest.mark.parametrize("where", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    store = MediaStore(ACCOUNT, (KEY, SECRET), base_url=None, timeout_seconds=1)
    with pytest.raises(DeliveryError, match="private"):
        store.fetch(f"https://api.twilio.com{PATH}", LARGEST)


def test_a_name_that_is_not_known_may_be_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    store = MediaStore(ACCOUNT, (KEY, SECRET), base_url=None, timeout_seconds=1)
    with pytest.raises(DeliveryError) as caught:
        store.delete(f"https://api.twilio.com{PATH}")
    assert not caught.value.permanent
