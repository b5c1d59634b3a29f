"""Citizens' files: from Twilio alone, of the kinds that we know, not too large, and deleted when asked."""

import io
import socket
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp import media as module
from bot.channels.whatsapp.client import TwilioClient
from bot.channels.whatsapp.filetypes import find_type
from bot.channels.whatsapp.media import MediaError, MediaStore
from tests.channels.whatsapp.citizens import ACCOUNT
from tests.fakes.twilio_api import KEY, SECRET, TwilioApi

PDF = b"%PDF-1.7 a form"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'1' * 32}/Media/ME{'2' * 32}"


def address(api: TwilioApi, content: bytes = PDF, mime: str = "application/pdf") -> str:
    """Where a file that a citizen just sent lies."""
    api.webhook_url = "http://127.0.0.1:9/"
    return api.citizen_sends_media("+212612345678", content, mime)[0].form["MediaUrl0"]


def office(folder: str) -> bytes:
    """The least that makes an Office document."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr(f"{folder}/document.xml", "")
    return written.getvalue()


def refused(client: TwilioClient, url: str) -> MediaError:
    """What fetching raises."""
    with pytest.raises(MediaError) as caught:
        client.fetch_media(url)
    return caught.value


def test_a_file_is_fetched_by_key_and_over_its_carrier(api: TwilioApi, client: TwilioClient) -> None:
    fetched = client.fetch_media(address(api))
    assert (fetched.content, fetched.mime_type) == (PDF, "application/pdf")


def test_a_file_stays_until_it_is_deleted(api: TwilioApi, client: TwilioClient) -> None:
    url = address(api)
    client.fetch_media(url)
    assert api.media
    client.delete_media(url)
    assert not api.media
    client.delete_media(url)
    assert refused(client, url).permanent


def test_a_wrong_key_may_be_mended(api: TwilioApi) -> None:
    stranger = TwilioClient(ACCOUNT, KEY, "not the secret", base_url=api.api_url)
    url = address(api)
    assert not refused(stranger, url).permanent
    with pytest.raises(MediaError):
        stranger.delete_media(url)
    assert api.media


def test_a_file_is_what_it_holds_and_not_what_it_says(api: TwilioApi, client: TwilioClient) -> None:
    assert client.fetch_media(address(api, b"\x89PNG\r\n\x1a\n...", "image/jpeg")).mime_type == "image/png"
    assert refused(client, address(api, b"MZ\x90\x00", "application/pdf")).permanent
    assert refused(client, address(api, b"<html><script>", "image/png")).permanent


def test_a_file_that_is_too_large_is_left(
    api: TwilioApi, client: TwilioClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BYTES", 1000)
    assert refused(client, address(api, PDF + b"x" * 1000)).permanent
    assert client.fetch_media(address(api, PDF)).content == PDF


def test_a_file_that_comes_too_slowly_may_come_another_time(
    api: TwilioApi, client: TwilioClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_SECONDS", -1.0)
    assert not refused(client, address(api)).permanent


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
    refused(client, address(api))


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
    with pytest.raises(MediaError):
        client.delete_media(url)


@pytest.mark.parametrize("where", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    store = MediaStore(ACCOUNT, (KEY, SECRET), base_url=None, timeout_seconds=1)
    with pytest.raises(MediaError, match="private"):
        store.fetch(f"https://api.twilio.com{PATH}")


def test_a_name_that_is_not_known_may_be_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    store = MediaStore(ACCOUNT, (KEY, SECRET), base_url=None, timeout_seconds=1)
    with pytest.raises(MediaError) as caught:
        store.delete(f"https://api.twilio.com{PATH}")
    assert not caught.value.permanent


OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"OggS\x00", "audio/ogg"),
        (b"#!AMR\n", "audio/amr"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp5", "video/3gpp"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\xef\xbb\xbfBEGIN:VCARD\r\n", "text/vcard"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
        (office("word"), OFFICE + "wordprocessingml.document"),
        (office("xl"), OFFICE + "spreadsheetml.sheet"),
        (office("ppt"), OFFICE + "presentationml.presentation"),
        (office("macros"), None),
        (b"\x00\x00\x00\x18ftypheic", None),
        (b"RIFF\x00\x00\x00\x00AVI LIST", None),
        (b"PK\x03\x04 no archive", None),
        (b"#!/bin/sh", None),
        (b"", None),
    ],
)
def test_each_kind_is_known_by_its_first_bytes(content: bytes, mime_type: str | None) -> None:
    assert find_type(content) == mime_type


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(max_size=8))
def test_no_file_breaks_the_look_at_it(tail: bytes, at: int, change: bytes) -> None:
    whole = office("word")
    for content in (tail, b"PK\x03\x04" + tail, whole[:at] + change + whole[at + len(change) :], whole[:at] + tail):
        find_type(content)
