"""The stand-in for Telegram keeps Telegram's rules."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.channels.telegram.receiver import Receiver, receiving
from tests.channels.telegram.rules import Refusal, parse_html
from tests.fakes.telegram_api import TOKEN, TelegramApi, serve

CHAT = 555
KEYBOARD = '{"inline_keyboard": [[{"text": "yes", "callback_data": "/yes"}]]}'


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[TelegramApi, str]]:
    """The stand-in and its address."""
    api = TelegramApi()
    with serve(api) as address:
        yield api, address


@pytest.fixture
def api(served: tuple[TelegramApi, str]) -> TelegramApi:
    """The stand-in as new."""
    served[0].forget()
    return served[0]


@pytest.fixture
def receiver(api: TelegramApi) -> Iterator[Receiver]:
    """A webhook that the stand-in knows."""
    receiver = Receiver()
    with receiving(receiver) as url:
        api._set_webhook({"url": url, "secret_token": "s3cret"})
        yield receiver
        api._delete_webhook({})


def call(address: str, method: str, *, token: str = TOKEN, **params: Any) -> tuple[int, str]:
    """Status and description of one call."""
    response = httpx2.post(f"{address}/bot{token}/{method}", json=params, trust_env=False)
    return response.status_code, response.json().get("description", "")


def test_updates_come_to_the_webhook_with_the_secret(api: TelegramApi, receiver: Receiver) -> None:
    update = api.citizen_says(CHAT, "سلام")
    api.courier.wait_until_idle()
    assert (receiver.updates, receiver.secrets) == ([update], ["s3cret"])


def test_a_refused_update_comes_again_before_the_next_of_its_chat(api: TelegramApi, receiver: Receiver) -> None:
    receiver.answers.extend([(500, ""), (500, ""), (200, "")])
    for text in ("a", "b"):
        api.citizen_says(CHAT, text)
    api.courier.wait_until_idle()
    assert receiver.texts() == ["a", "a", "a", "b"]
    assert api.courier.webhook.last_error.startswith("Wrong response from the webhook: 500")


def test_retry_after_is_respected(api: TelegramApi, receiver: Receiver) -> None:
    receiver.answers.append((503, "1"))
    api.citizen_says(CHAT, "a")
    api.courier.wait_until_idle()
    first, second = api.courier.deliveries
    assert second.at - first.at >= 1
    assert (first.status, second.status) == (503, 200)


def test_a_chat_waits_for_its_own_messages_only_and_presses_overtake(api: TelegramApi, receiver: Receiver) -> None:
    receiver.hold["a"] = threading.Event()
    api.citizen_says(CHAT, "a")
    message = api._send_message({"chat_id": str(CHAT), "text": "?", "reply_markup": KEYBOARD})
    api.citizen_says(CHAT, "b")
    api.citizen_says(CHAT + 1, "c")
    api.citizen_presses(CHAT, message["message_id"], "/yes")
    wait_for(lambda: sorted(receiver.texts()) == ["/yes", "a", "c"])
    receiver.hold["a"].set()
    api.courier.wait_until_idle()
    assert receiver.texts()[-1] == "b"


def test_an_update_may_come_twice(api: TelegramApi, receiver: Receiver) -> None:
    api.courier.duplicates = 1
    for text in ("a", "b"):
        api.citizen_says(CHAT, text)
    api.courier.wait_until_idle()
    assert receiver.texts() == ["a", "a", "b"]
    ids = [update["update_id"] for update in receiver.updates]
    assert ids[0] == ids[1] < ids[2]


def test_what_waits_is_delivered_once_there_is_a_webhook(api: TelegramApi) -> None:
    api.citizen_says(CHAT, "a")
    assert api._get_webhook_info({})["pending_update_count"] == 1
    receiver = Receiver()
    with receiving(receiver) as url:
        api._set_webhook({"url": url})
        api.courier.wait_until_idle()
    assert (receiver.texts(), receiver.secrets) == (["a"], [None])


def test_a_webhook_that_is_taken_away_loses_nothing(api: TelegramApi, receiver: Receiver) -> None:
    receiver.answers.extend([(500, "")] * 1000)
    api.citizen_says(CHAT, "a")
    wait_for(lambda: bool(receiver.updates))
    api._delete_webhook({})
    assert [update["message"]["text"] for update in api.courier.pending()] == ["a"]


def test_kinds_that_nobody_asked_for_do_not_come(api: TelegramApi) -> None:
    api._set_webhook({"url": "", "allowed_updates": '["message"]'})
    api.citizen_edits(CHAT, 1, "x")
    assert api.courier.pending() == []


@pytest.mark.parametrize(
    ("token", "answer"), [("junk", (404, "Not Found")), (TOKEN[:-1] + "9", (401, "Unauthorized")), (TOKEN, (200, ""))]
)
def test_tokens_are_checked(
    served: tuple[TelegramApi, str], api: TelegramApi, token: str, answer: tuple[int, str]
) -> None:
    assert call(served[1], "getMe", token=token) == answer


def test_methods_have_names_in_any_letters(served: tuple[TelegramApi, str], api: TelegramApi) -> None:
    assert call(served[1], "GETME") == (200, "")
    assert call(served[1], "sendPigeon") == (404, "Not Found")


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<x>", 'Unsupported start tag "x" at byte offset 0'),
        ("ش<b>a</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a <b", "Unclosed start tag at byte offset 2"),
    ],
)
def test_html_is_refused_in_telegrams_words(html: str, words: str) -> None:
    with pytest.raises(Refusal) as raised:
        parse_html(html)
    assert raised.value.description == f"Bad Request: can't parse entities: {words}"


def test_html_is_read_as_telegram_reads_it() -> None:
    text, entities = parse_html("<b>&lt;&amp;&#39;</b> &laquo;<i></i>👍<code>x</code>")
    assert text == "<&' &laquo;👍x"
    assert entities == [{"type": "bold", "offset": 0, "length": 3}, {"type": "code", "offset": 13, "length": 1}]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"message_id": 99}, "message to edit not found"),
        ({"text": "?"}, "message is not modified"),
        ({"text": ""}, "message text is empty"),
    ],
)
def test_edits_are_checked(
    served: tuple[TelegramApi, str], api: TelegramApi, changes: dict[str, Any], words: str
) -> None:
    api.chats[CHAT] = "open"
    message = api._send_message({"chat_id": str(CHAT), "text": "?"})
    params = {"chat_id": CHAT, "message_id": message["message_id"], "text": "!"}
    assert call(served[1], "editMessageText", **params | changes) == (400, f"Bad Request: {words}")
    assert call(served[1], "editMessageText", **params) == (200, "")
    assert api.sent[0].text == "!"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "http://jawab.example/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://jawab.example/", "secret_token": "a b"}, "secret token contains unallowed characters"),
    ],
)
def test_webhooks_are_checked(
    served: tuple[TelegramApi, str], api: TelegramApi, params: dict[str, Any], words: str
) -> None:
    assert call(served[1], "setWebhook", **params) == (400, f"Bad Request: {words}")


def test_of_two_that_poll_the_first_is_sent_away(served: tuple[TelegramApi, str], api: TelegramApi) -> None:
    answers: list[tuple[int, str]] = []
    first = threading.Thread(target=lambda: answers.append(call(served[1], "getUpdates", timeout=5)))
    first.start()
    wait_for(lambda: api.polls == 1)
    assert call(served[1], "getUpdates", timeout=0)[0] == 200
    first.join()
    assert answers[0][0] == 409


def wait_for(is_so: Callable[[], bool], seconds: float = 5.0) -> None:
    """Block until it is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)
