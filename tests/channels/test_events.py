"""What was said and is being said, over server-sent events: whole, in order, to its own citizen only."""

from collections.abc import Iterator

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.conversations.models import Conversation
from bot.conversations.moves import move_owner
from bot.conversations.states import Owner
from bot.db.session import Database
from bot.jobs.services import provide, services
from bot.ops.ports import free_ports
from bot.settings import Settings
from tests.channels.server import serving
from tests.channels.visitor import Event, Visitor, is_answered, is_ready
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


@pytest.mark.parametrize("odd", [b"x", b"-1", b"", b"9" * 30, b"9" * 5000, b"\xb2"])
def test_an_odd_last_id_counts_as_none(visitor: Visitor, odd: bytes) -> None:
    visitor.converse("bonjour tout le monde")
    assert len(visitor.hear(is_ready, last_event_id=odd)) == 3


@pytest.mark.parametrize("odd", [-1, 10**18, 10**30, "x"])
def test_an_odd_place_to_begin_is_refused(visitor: Visitor, odd: int) -> None:
    with pytest.raises(httpx2.HTTPStatusError, match="422"):
        visitor.hear(is_ready, after=odd)


def test_whoever_listens_hears_at_once_and_sees_the_typing(visitor: Visitor, rasa: RasaStub) -> None:
    rasa.answer = rasa.later

    def act_and_wait(events: list[Event]) -> bool:
        if is_ready(events):
            visitor.say("bonjour tout le monde")
        elif len(events) == 3:
            rasa.released.set()
        return len(events) == 5

    heard = visitor.hear(act_and_wait)
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
    assert visitor.converse("une question nouvelle")[0].data["text"] == "une question nouvelle"


@pytest.fixture
def deaf_address(address: str, installed: Settings) -> Iterator[str]:
    """The web without Redis; the work is done by the other one."""
    nowhere = SecretStr(f"redis://:x@127.0.0.1:{free_ports(1)[0]}/0")
    working = services()
    with serving(installed.model_copy(update={"given_redis_url": nowhere, "worker": "separate"})) as url:
        provide(working)
        yield url


def test_without_redis_replies_come_a_little_later(deaf_address: str, empty: Database, rasa: RasaStub) -> None:
    with Visitor(deaf_address) as visitor:
        texts = [event.data["text"] for event in visitor.converse("bonjour tout le monde")]
    assert texts == ["bonjour tout le monde", "echo: bonjour tout le monde"]


def test_a_page_goes_on_in_the_talk_that_follows_a_closed_one(visitor: Visitor, empty: Database) -> None:
    visitor.converse("une première question")
    heard: list[Event] = []

    def close_and_ask(events: list[Event]) -> bool:
        heard[:] = events
        if is_ready(events):
            with empty.transaction() as session:
                talk = session.scalars(select(Conversation)).one()
                move_owner(session, talk, Owner.CLOSED)
            visitor.say("une deuxième question")
        return events[-1].data.get("text") == "echo: une deuxième question"

    visitor.hear(close_and_ask)
    assert [event.data["text"] for event in heard if event.name == "message"][-2:] == [
        "une deuxième question",
        "echo: une deuxième question",
    ]
