"""A message leaves in parts, in order, and stops at the first that does not."""

import pytest

from bot.channels.base import DeliveryError, Fault
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.delivery import Telegram
from bot.conversations.schemas import Button, Outbound
from tests.channels.telegram.conftest import CHAT
from tests.fakes.telegram_api import Fault as Injected
from tests.fakes.telegram_api import TelegramApi

LONG = Outbound(1, str(CHAT), "جملة من خمس كلمات هنا. " * 500, [Button("نعم", "/affirm" + "x" * 70)])


@pytest.fixture
def telegram(client: TelegramClient) -> Telegram:
    """The channel."""
    return Telegram(client, lambda payload: f"p:{len(payload)}", sender_id="bot")


def fail_second(api: TelegramApi, status: int, retry_after: int = 0) -> None:
    """Let the first call pass and refuse the next."""
    api.faults.extend([Injected(), Injected(status, retry_after)])


def test_parts_leave_in_order_and_the_last_gives_the_id(api: TelegramApi, telegram: Telegram) -> None:
    receipt = telegram.deliver(LONG)
    assert " ".join(sent.text for sent in api.sent) == LONG.text.strip()
    assert [len(sent.rows) for sent in api.sent] == [0, 0, 1]
    assert api.sent[-1].rows[0][0]["callback_data"] == "p:77"
    assert receipt.vendor_id == f"bot:{CHAT}:{api.sent[-1].message_id}"


def test_the_first_part_that_fails_is_the_last_that_is_tried(api: TelegramApi, telegram: Telegram) -> None:
    fail_second(api, 429, 3)
    with pytest.raises(DeliveryError) as raised:
        telegram.deliver(LONG)
    assert (raised.value.fault, raised.value.retry_after) == (Fault.PASSING, 3.0)
    assert raised.value.code == "429 in part 2/3"
    assert (len(api.sent), len(api.calls)) == (1, 2)


def test_another_try_goes_on_where_it_stopped(api: TelegramApi, telegram: Telegram) -> None:
    fail_second(api, 429)
    with pytest.raises(DeliveryError):
        telegram.deliver(LONG)
    telegram.deliver(LONG)
    assert " ".join(sent.text for sent in api.sent) == LONG.text.strip()


def test_a_message_of_one_part_has_the_bare_code(api: TelegramApi, telegram: Telegram) -> None:
    api.citizen_blocks(CHAT)
    with pytest.raises(DeliveryError) as raised:
        telegram.deliver(Outbound(2, str(CHAT), "?"))
    assert (raised.value.fault, raised.value.code) == (Fault.ADDRESS, "403")


def test_nothing_is_not_sent(api: TelegramApi, telegram: Telegram) -> None:
    with pytest.raises(DeliveryError) as raised:
        telegram.deliver(Outbound(3, str(CHAT), " \n"))
    assert (raised.value.fault, api.calls) == (Fault.CONTENT, [])


def test_it_is_a_channel_whose_messages_wait_their_turn(telegram: Telegram) -> None:
    assert (telegram.name, telegram.is_immediate) == ("telegram", False)
