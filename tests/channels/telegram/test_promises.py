"""What Telegram promises and we rely on: the client and the stand-in are held to the same words."""

from collections.abc import Callable
from typing import Any

import pytest
from telegram import Update

from bot.channels.base import DeliveryError, Fault
from bot.channels.telegram import render
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.parse import parse
from bot.channels.telegram.render import Key, TelegramPart
from tests.channels.telegram import rules
from tests.channels.telegram.citizens import Sent
from tests.channels.telegram.conftest import CHAT
from tests.fakes.telegram_api import TOKEN, TelegramApi

Situation = Callable[[TelegramApi], object]


def part(text: str = "?", *rows: tuple[Key, ...]) -> TelegramPart:
    """A part with this text."""
    return TelegramPart(text, text, rows)


def bad(key: Key) -> TelegramPart:
    """A part with one button."""
    return part("?", (key,))


PROMISES: dict[str, tuple[Situation, TelegramPart, Fault, str, float | None]] = {
    "blocked": (lambda api: api.citizen_blocks(CHAT), part(), Fault.ADDRESS, "403", None),
    "deactivated": (lambda api: api.chats.update({CHAT: "deactivated"}), part(), Fault.ADDRESS, "403", None),
    "no such chat": (lambda api: api.chats.clear(), part(), Fault.ADDRESS, "400", None),
    "flood": (lambda api: api.fail_next(status=429, retry_after=7), part(), Fault.PASSING, "429", 7.0),
    "flood, no hint": (lambda api: api.fail_next(status=429), part(), Fault.PASSING, "429", None),
    "internal error": (lambda api: api.fail_next(status=500), part(), Fault.UNKNOWN, "500", None),
    "bad gateway": (lambda api: api.fail_next(status=502), part(), Fault.UNKNOWN, "502", None),
    "revoked token": (lambda api: setattr(api, "token", TOKEN[::-1]), part(), Fault.SENDER, "401", None),
    "not found": (lambda api: api.fail_next(status=404), part(), Fault.SENDER, "401", None),
    "conflict": (lambda api: api.fail_next(status=409), part(), Fault.SENDER, "409", None),
    "empty": (lambda _: None, part("<b> </b>"), Fault.CONTENT, "400", None),
    "too long": (lambda _: None, part("x" * 4097), Fault.CONTENT, "400", None),
    "too many pairs": (lambda _: None, part("👍" * 2049), Fault.CONTENT, "400", None),
    "data too long": (lambda _: None, bad(Key("a", data="ش" * 33)), Fault.CONTENT, "400", None),
    "bad address": (lambda _: None, bad(Key("a", url="http://localhost/")), Fault.CONTENT, "400", None),
    "long row": (lambda _: None, part("?", (Key("a", data="b"),) * 9), Fault.CONTENT, "400", None),
    "many rows": (lambda _: None, part("?", *[(Key("a", data="b"),)] * 101), Fault.CONTENT, "400", None),
}


@pytest.mark.parametrize("name", PROMISES)
def test_a_refusal_says_what_to_do_next(api: TelegramApi, client: TelegramClient, name: str) -> None:
    situation, content, fault, code, retry_after = PROMISES[name]
    situation(api)
    with pytest.raises(DeliveryError) as raised:
        client.send_part(str(CHAT), content)
    assert (raised.value.fault, raised.value.code, raised.value.retry_after) == (fault, code, retry_after)
    assert api.sent == []


@pytest.mark.parametrize(
    "content",
    [
        part("x" * 4096),
        part("👍" * 2048),
        TelegramPart("&amp;" * 4096, "&" * 4096),
        bad(Key("a", data="ش" * 32)),
        part("?", *[(Key("a", data="b"),) * 8] * 12),
    ],
)
def test_what_is_just_within_the_limits_is_taken(
    api: TelegramApi, client: TelegramClient, content: TelegramPart
) -> None:
    client.send_part(str(CHAT), content)
    assert [sent.text for sent in api.sent] == [content.plain]


def test_both_know_the_same_limits() -> None:
    ours = (render.MAX_TEXT_UNITS, render.MAX_DATA_BYTES, render.MAX_KEYS_IN_ROW, render.MAX_KEYS)
    assert ours == (rules.MAX_UNITS, rules.MAX_DATA_BYTES, rules.MAX_IN_ROW, rules.MAX_BUTTONS)


def test_one_message_a_second_for_a_chat_when_rates_are_kept(api: TelegramApi, client: TelegramClient) -> None:
    api.has_rate_limits = True
    client.send_part(str(CHAT), part())
    with pytest.raises(DeliveryError) as raised:
        client.send_part(str(CHAT), part())
    assert (raised.value.fault, raised.value.retry_after) == (Fault.PASSING, 1.0)


def test_thirty_messages_a_second_in_all_when_rates_are_kept(api: TelegramApi, client: TelegramClient) -> None:
    api.has_rate_limits = True
    api.overall_per_second = 3
    api.chats.update(dict.fromkeys(range(1, 5), "open"))
    for chat in (1, 2, 3):
        client.send_part(str(chat), part())
    with pytest.raises(DeliveryError) as raised:
        client.send_part("4", part())
    assert raised.value.code == "429"


def test_polling_beside_a_webhook_is_a_conflict(api: TelegramApi, client: TelegramClient) -> None:
    client.set_webhook("https://jawab.example/hook", "s3cret")
    with pytest.raises(DeliveryError, match="use getUpdates") as raised:
        client.get_updates(timeout_seconds=0)
    assert raised.value.fault is Fault.SENDER


def test_whatever_the_stand_in_tells_is_what_the_library_and_we_can_read(api: TelegramApi) -> None:
    api.sent.append(Sent(CHAT, 3, "?", [], [[{"text": "x", "callback_data": "y"}]], "?"))
    updates: list[dict[str, Any]] = [
        api.citizen_says(CHAT, "سلام"),
        api.citizen_sends_location(CHAT, 33.5, -7.6),
        api.citizen_edits(CHAT, 1, "صافي"),
        api.citizen_presses(CHAT, 3, "y"),
        api.citizen_blocks(CHAT),
    ]
    for update in updates:
        read = Update.de_json(update)
        assert read.effective_chat is not None
        assert not read.api_kwargs
        found = parse(update, sender_id="bot")
        assert found is not None
        assert found.address == str(read.effective_chat.id)
