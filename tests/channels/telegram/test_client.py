"""Our client, through the real python-telegram-bot, against the stand-in."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.channels.base import DeliveryError, Fault
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.render import Key, TelegramPart
from bot.channels.telegram.transport import TALKATIVE
from bot.ops.ports import free_ports
from tests.channels.telegram.conftest import CHAT
from tests.channels.telegram.receiver import Receiver, receiving
from tests.fakes.telegram_api import TOKEN, TelegramApi

PART = TelegramPart("<b>ثمن</b> &amp; أجل", "ثمن & أجل")


def test_a_part_arrives_as_it_is_meant(api: TelegramApi, client: TelegramClient) -> None:
    rows = ((Key("نعم", data="/affirm"), Key("لا", data="/deny")), (Key("site", url="https://x.ma"),))
    vendor_id = client.send_part(str(CHAT), TelegramPart(PART.html, PART.plain, rows))
    [sent] = api.sent
    assert vendor_id == f"{CHAT}:{sent.message_id}"
    assert (sent.text, sent.entities) == ("ثمن & أجل", [{"type": "bold", "offset": 0, "length": 3}])
    assert [[button["text"] for button in row] for row in sent.rows] == [["نعم", "لا"], ["site"]]


def test_links_in_a_text_show_no_preview(api: TelegramApi, client: TelegramClient) -> None:
    client.send_part(str(CHAT), PART)
    assert '"is_disabled": true' in api.calls[0][1]["link_preview_options"]


def test_markup_that_is_refused_goes_again_as_plain_text(api: TelegramApi, client: TelegramClient) -> None:
    client.send_part(str(CHAT), TelegramPart("<b>a & b", "a & b", ((Key("c", data="d"),),)))
    assert [(sent.text, sent.entities, len(sent.rows)) for sent in api.sent] == [("a & b", [], 1)]
    assert len(api.calls) == 2


def test_markup_is_refused_only_once(api: TelegramApi, client: TelegramClient) -> None:
    with pytest.raises(DeliveryError) as raised:
        client.send_part(str(CHAT), TelegramPart("<b>", " "))
    assert (raised.value.fault, len(api.calls)) == (Fault.CONTENT, 2)


def test_a_swallowed_message_may_have_left_and_is_not_repeated(api: TelegramApi, client: TelegramClient) -> None:
    api.swallow_next()
    with pytest.raises(DeliveryError) as raised:
        client.send_part(str(CHAT), PART)
    assert (raised.value.fault, raised.value.permanent, raised.value.code) == (Fault.UNKNOWN, True, "timeout")
    assert len(api.sent) == 1


def test_a_server_that_is_away_may_be_tried_again() -> None:
    client = TelegramClient(TOKEN, base_url=f"http://127.0.0.1:{free_ports(1)[0]}", timeout_seconds=1)
    with pytest.raises(DeliveryError) as raised:
        client.send_part(str(CHAT), PART)
    assert (raised.value.fault, raised.value.code) == (Fault.PASSING, "unreachable")
    client.close()


def test_what_may_be_repeated_is_never_unknown(api: TelegramApi, client: TelegramClient) -> None:
    api.fail_next(status=502)
    with pytest.raises(DeliveryError) as raised:
        client.send_typing(str(CHAT))
    assert (raised.value.fault, raised.value.code) == (Fault.PASSING, "502")


def test_a_press_is_acknowledged_and_one_that_is_too_old_too(api: TelegramApi, client: TelegramClient) -> None:
    client.send_part(str(CHAT), TelegramPart("?", "?", ((Key("a", data="b"),),)))
    press = api.citizen_presses(CHAT, api.sent[0].message_id, "b")["callback_query"]["id"]
    client.answer_callback(press)
    assert not api.open_presses
    client.answer_callback(press)


def test_a_slow_call_waits_for_nobody_else(api: TelegramApi, client: TelegramClient) -> None:
    api.slow_next(0.5)
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(client.send_part, str(CHAT), PART)
        time.sleep(0.1)
        client.send_part(str(CHAT), PART)
        assert not slow.done()


def test_calls_from_many_threads_share_the_connections(api: TelegramApi, client: TelegramClient) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(lambda _: client.send_part(str(CHAT), PART), range(30)))
    assert len(ids) == len(api.sent) == 30
    assert [thread.name for thread in threading.enumerate()].count("telegram") == 1


def test_a_file_is_fetched(api: TelegramApi, client: TelegramClient) -> None:
    api.files["AgAC"] = ("photos/file_1.jpg", b"\xff\xd8")
    assert client.get_file("AgAC") == b"\xff\xd8"


def test_a_file_that_is_too_large_is_refused(api: TelegramApi, client: TelegramClient) -> None:
    api.files["AgAC"] = ("photos/file_1.jpg", b"x" * 101)
    with pytest.raises(DeliveryError, match="too big") as raised:
        client.get_file("AgAC", largest=100)
    assert raised.value.fault is Fault.CONTENT


def test_a_file_that_lies_about_its_size_is_refused_on_the_way(
    api: TelegramApi, client: TelegramClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.files["AgAC"] = ("photos/file_1.jpg", b"x" * 101)
    monkeypatch.setattr("bot.channels.telegram.client._check_file", lambda *_: None)
    with pytest.raises(DeliveryError, match="too big"):
        client.get_file("AgAC", largest=100)


def test_a_file_that_would_lie_on_our_own_machine_is_not_read(
    api: TelegramApi, client: TelegramClient, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"ours")
    api.files["AgAC"] = (str(secret), b"theirs")
    with pytest.raises(DeliveryError, match="not at Telegram's"):
        client.get_file("AgAC")


def test_a_file_that_claims_another_host_is_looked_for_at_telegrams(api: TelegramApi, client: TelegramClient) -> None:
    with receiving(Receiver()) as elsewhere:
        api.files["AgAC"] = (elsewhere, b"theirs")
        assert client.get_file("AgAC") == b"theirs"


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_file_that_is_sent_elsewhere_is_not_followed(api: TelegramApi, client: TelegramClient, status: int) -> None:
    api.files["AgAC"] = ("photos/file_1.jpg", b"theirs")
    with receiving(Receiver()) as elsewhere:
        api.fail_next_file(status, location=f"{elsewhere}/photos/file_1.jpg")
        with pytest.raises(DeliveryError) as raised:
            client.get_file("AgAC")
    assert (raised.value.permanent, raised.value.code) == (True, "elsewhere")


@pytest.mark.parametrize(("status", "permanent"), [(404, True), (403, True), (429, False), (502, False)])
def test_a_file_that_is_gone_is_not_asked_for_again(
    api: TelegramApi, client: TelegramClient, status: int, permanent: bool
) -> None:
    api.files["AgAC"] = ("photos/file_1.jpg", b"theirs")
    api.fail_next_file(status)
    with pytest.raises(DeliveryError) as raised:
        client.get_file("AgAC")
    assert (raised.value.permanent, raised.value.code) == (permanent, str(status))


def test_a_file_that_comes_too_slowly_may_come_another_time(
    api: TelegramApi, client: TelegramClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.transport.LONGEST_SECONDS", 0.1)
    api.files["AgAC"] = ("photos/file_1.jpg", b"x" * 100)
    api.fail_next_file(seconds=0.3)
    with pytest.raises(DeliveryError, match="too long") as raised:
        client.get_file("AgAC")
    assert not raised.value.permanent
    assert client.get_file("AgAC") == b"x" * 100


def test_a_webhook_without_a_secret_is_not_set(client: TelegramClient) -> None:
    for secret in ("", "é", "a b", "x" * 257):
        with pytest.raises(ValueError, match="secret"):
            client.set_webhook("https://jawab.example/hook", secret)


def test_a_webhook_is_set_shown_and_taken_away(api: TelegramApi, client: TelegramClient) -> None:
    client.set_webhook("https://jawab.example/hook", "s3cret")
    hook = api.courier.webhook
    assert (hook.url, hook.secret, hook.max_connections) == ("https://jawab.example/hook", "s3cret", 20)
    assert api.courier.allowed == {"message", "edited_message", "callback_query", "my_chat_member"}
    state = client.webhook_info()
    assert (state.url, state.pending, state.last_error) == ("https://jawab.example/hook", 0, "")
    client.delete_webhook()
    assert client.webhook_info().url == ""


def test_updates_are_polled_raw_and_confirmed_by_the_next_call(api: TelegramApi, client: TelegramClient) -> None:
    first, second = api.citizen_says(CHAT, "سلام"), api.citizen_says(CHAT, "؟")
    assert client.get_updates(timeout_seconds=0) == [first, second]
    assert client.get_updates(second["update_id"], timeout_seconds=0) == [second]
    assert client.get_updates(second["update_id"] + 1, timeout_seconds=0) == []


def test_polling_waits_for_an_update(api: TelegramApi, client: TelegramClient) -> None:
    with ThreadPoolExecutor(1) as threads:
        polled = threads.submit(client.get_updates, timeout_seconds=5)
        time.sleep(0.1)
        update = api.citizen_says(CHAT, "سلام")
        assert polled.result(2) == [update]


def test_the_token_says_who_we_are(client: TelegramClient, api: TelegramApi) -> None:
    me = client.get_me()
    assert (me.id, me.username, me.name) == ("7000000001", "jawab_bot", "Jawab")


def test_an_answer_that_makes_no_sense_may_hide_a_message_that_left(
    api: TelegramApi, client: TelegramClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_send_message", lambda _: None)
    with pytest.raises(DeliveryError) as raised:
        client.send_part(str(CHAT), PART)
    assert raised.value.fault is Fault.UNKNOWN


def test_the_token_is_in_no_log_and_no_error(
    api: TelegramApi, client: TelegramClient, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (None, *TALKATIVE):  # Our own configuration of the logs keeps them quiet.
        caplog.set_level(logging.DEBUG, logger=name)
    TelegramClient(TOKEN, base_url="http://127.0.0.1:1").close()
    api.fail_next(status=401)
    with pytest.raises(DeliveryError) as raised:
        client.send_part(str(CHAT), PART)
    assert "sendMessage" in caplog.text
    assert TOKEN not in caplog.text + str(raised.value) + repr(raised.value)
