"""One call, one answer: whatever is not a usable answer is a DialogueError."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.dialogue.client import DialogueClient, DialogueError, Question
from bot.ops.ports import free_ports
from tests.dialogue.promises import check_promises
from tests.fakes.rasa_stub import SILENT, TOKEN, RasaStub, answer_with, serve

QUESTION = Question("conversation:0", "fr", text="bonjour", service_id="passport", context={"misses": 1})


@pytest.fixture
def stub() -> RasaStub:
    return RasaStub()


@pytest.fixture
def client(stub: RasaStub) -> Iterator[DialogueClient]:
    with serve(stub) as url:
        client = DialogueClient(url, TOKEN)
        yield client
        client.close()


def test_the_stand_in_keeps_the_promises_of_the_real_one() -> None:
    stub = RasaStub(answer=lambda body: answer_with("Bonjour !"))
    with serve(stub) as url:
        check_promises(url, TOKEN)


def test_the_question_carries_what_the_conversation_knows(client: DialogueClient, stub: RasaStub) -> None:
    client.ask(QUESTION)
    assert stub.asked == [
        {
            "sender": "conversation:0",
            "text": "bonjour",
            "payload": "",
            "slots": {"language": "fr", "service": "passport"},
            "metadata": {"context": {"misses": 1}},
        }
    ]


def test_a_place_goes_along_as_slots(client: DialogueClient, stub: RasaStub) -> None:
    client.ask(Question("c:0", "ar", payload="/find_office", slots={"latitude": 33.5, "longitude": -7.6}))
    assert stub.asked[0]["slots"] == {"language": "ar", "service": None, "latitude": 33.5, "longitude": -7.6}


@pytest.mark.parametrize("messages", [[], None])
def test_an_empty_answer_is_a_failure(client: DialogueClient, stub: RasaStub, messages: object) -> None:
    stub.answer = lambda body: {"acts": [], "understood": [], "messages": messages}
    with pytest.raises(DialogueError, match="nothing"):
        client.ask(QUESTION)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_an_error_of_the_server_is_a_failure(client: DialogueClient, stub: RasaStub, status: int) -> None:
    stub.faults.append(status)
    with pytest.raises(DialogueError):
        client.ask(QUESTION)
    assert client.ask(QUESTION).messages


def test_what_is_no_answer_of_ours_is_a_failure(client: DialogueClient, stub: RasaStub) -> None:
    odd: list[Any] = ["not JSON", [], "null", {"messages": [{"text": "x"}]}]
    for one in odd:
        stub.answer = lambda body, one=one: one  # type: ignore[misc]
        with pytest.raises(DialogueError):
            client.ask(QUESTION)


def test_an_answer_that_takes_too_long_is_a_failure(stub: RasaStub) -> None:
    stub.faults.append(SILENT)
    with serve(stub) as url:
        client = DialogueClient(url, TOKEN, timeout_seconds=0.2)
        with pytest.raises(DialogueError, match="Timeout"):
            client.ask(QUESTION)
        client.close()


def test_a_wrong_token_is_a_failure_and_is_not_told(stub: RasaStub) -> None:
    with serve(stub) as url:
        client = DialogueClient(url, "a wrong secret")
        with pytest.raises(DialogueError) as caught:
            client.ask(QUESTION)
    assert "a wrong secret" not in str(caught.value)
    assert stub.asked == []


def test_nobody_listening_is_a_failure() -> None:
    client = DialogueClient(f"http://127.0.0.1:{free_ports(1)[0]}", TOKEN)
    with pytest.raises(DialogueError, match="ConnectError"):
        client.ask(QUESTION)


def test_a_proxy_of_the_environment_is_not_asked(stub: RasaStub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_ports(1)[0]}")
    with serve(stub) as url:
        assert DialogueClient(url, TOKEN).ask(QUESTION).messages
