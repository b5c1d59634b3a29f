"""Several Rasa processes share the conversations; each conversation stays with one as long as that one is there."""

from collections.abc import Iterator

import pytest

from bot.dialogue.client import DialogueClient, DialogueError, Question
from bot.ops.ports import free_ports
from bot.settings import load_settings
from tests.fakes.rasa_stub import TOKEN, RasaStub, serve
from tests.installations import forget_settings, open_folder


@pytest.fixture
def stubs() -> Iterator[dict[str, RasaStub]]:
    first, second = RasaStub(), RasaStub()
    with serve(first) as one, serve(second) as two:
        yield {one: first, two: second}


def test_conversations_are_shared_and_each_stays_where_it_is(stubs: dict[str, RasaStub]) -> None:
    client = DialogueClient(list(stubs), TOKEN)
    for turn in range(2):
        for talk in range(20):
            client.ask(Question(f"talk {talk}:{turn}", "fr", text="bonjour"))
    asked = [{one["sender"].partition(":")[0] for one in stub.asked} for stub in stubs.values()]
    assert all(asked)
    assert not asked[0] & asked[1]
    client.close()


def test_the_other_answers_for_one_that_is_gone(stubs: dict[str, RasaStub]) -> None:
    alive = next(iter(stubs))
    client = DialogueClient([f"http://127.0.0.1:{free_ports(1)[0]}", alive], TOKEN)
    for talk in range(6):
        assert client.ask(Question(f"talk {talk}:0", "fr", text="bonjour")).messages
    assert len(stubs[alive].asked) == 6
    client.close()


def test_with_all_of_them_gone_there_is_no_answer() -> None:
    client = DialogueClient([f"http://127.0.0.1:{port}" for port in free_ports(2)], TOKEN)
    with pytest.raises(DialogueError):
        client.ask(Question("talk:0", "fr", text="bonjour"))
    client.close()


def test_their_addresses_are_written_in_one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_settings(monkeypatch)
    monkeypatch.setenv("JAWAB_RASA_URL", "http://one:5005/, http://two:5005")
    with open_folder() as folder:
        settings = load_settings(folder)
    assert settings.rasa_urls == ("http://one:5005", "http://two:5005")
    assert settings.rasa_url == "http://one:5005"
