"""What was said and is being said, over server-sent events: whole, in order, to its own citizen only."""

import pytest

from tests.channels.visitor import Visitor, is_answered, is_ready
from tests.fakes.rasa_stub import RasaStub, answer_with

pytestmark = pytest.mark.slow


def test_a_message_comes_back_with_its_own_id_and_is_answered(visitor: Visitor, rasa: RasaStub) -> None:
    links = {"outcome": "answered", "links": [{"title": "Portail", "url": "https://x.ma"}]}
    rasa.answer = lambda body: answer_with("*60 DH*\nSource", note=links)
    client_id = visitor.say("combien coûte le passeport ?")
    heard = visitor.hear(lambda events: is_answered(events, client_id))
    mine, reply = [event.data for event in heard if event.name == "message"]
    assert (mine["author"], mine["client_id"], mine["text"]) == ("citizen", client_id, "combien coûte le passeport ?")
    assert (reply["author"], reply["client_id"], reply["text"]) == ("bot", None, "*60 DH*\nSource")
    assert (reply["links"], reply["language"]) == ([{"title": "Portail", "url": "https://x.ma"}], "fr")
    assert mine["id"] < reply["id"]


def test_what_was_said_is_told_again_after_a_reload(visitor: Visitor) -> None:
    for text in ("une première question", "une deuxième question"):
        visitor.converse(text)
    *messages, ready = visitor.hear(is_ready)
    assert [event.data["text"] for event in messages] == [
        "une première question",
        "echo: une première question",
        "une deuxième question",
        "echo: une deuxième question",
    ]
    assert [event.id for event in messages] == [str(event.data["id"]) for event in messages]
    assert (ready.name, ready.data) == ("ready", {})


def test_a_page_that_knows_some_is_told_the_rest(visitor: Visitor) -> None:
    visitor.converse("une première question")
    messages = visitor.converse("une deuxième question")
    second = messages[1].data["id"]
    by_query = visitor.hear(is_ready, after=second)
    by_header = visitor.hear(is_ready, last_event_id=str(second))
    assert [event.id for event in by_query[:-1]] == [event.id for event in messages[2:]]
    assert by_header == by_query
    assert visitor.hear(is_ready, after=second, last_event_id=messages[-1].id)[0].name == "ready"


@pytest.mark.parametrize("odd", ["x", "-1", "", "9" * 30, "²"])
def test_an_odd_last_id_tells_everything_or_nothing_but_never_fails(visitor: Visitor, odd: str) -> None:
    visitor.converse("bonjour tout le monde")
    assert len(visitor.hear(is_ready, last_event_id=odd)) in (1, 3)


def test_whoever_listens_hears_at_once_and_sees_the_typing(visitor: Visitor, rasa: RasaStub) -> None:
    rasa.answer = rasa.later
    heard = []

    def live(events: list[object]) -> bool:
        if len(events) == 1:
            visitor.say("bonjour tout le monde")
        return len(events) >= 5

    def seen(events: list[object]) -> bool:
        if len(events) == 3:
            rasa.released.set()
        return live(events)

    heard = visitor.hear(seen)  # type: ignore[arg-type]
    names = [(event.name, event.data.get("on"), event.data.get("author")) for event in heard]
    assert names[0] == ("ready", None, None)
    assert set(names[1:3]) == {("message", None, "citizen"), ("typing", True, None)}
    assert set(names[3:]) == {("message", None, "bot"), ("typing", False, None)}


def test_nobody_hears_another_citizens_talk(visitor: Visitor, address: str) -> None:
    with Visitor(address) as other:
        other.converse("une question privée")
        visitor.converse("ma question à moi")
        texts = [event.data.get("text", "") for event in visitor.hear(is_ready)]
    assert not any("privée" in text for text in texts)


def test_a_conversation_begun_anew_is_empty(visitor: Visitor) -> None:
    visitor.converse("une question ancienne")
    visitor.begin_anew()
    assert [event.name for event in visitor.hear(is_ready)] == ["ready"]
    assert [event.data["text"] for event in visitor.converse("une question nouvelle")][0] == "une question nouvelle"
