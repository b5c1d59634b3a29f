"""`jawab deadletters`: shown without their words, sent again or discarded, all that are named or none."""

import pytest
import redis

from bot.conversations.models import Message
from bot.conversations.states import Delivery
from bot.db.session import Database
from bot.deliveries.states import State
from bot.jobs.bells import CHANNEL
from bot.jobs.engine import pump_bell
from bot.ops import deadletters
from bot.settings import Settings
from tests.conversations.records import REPLY
from tests.jobs.talk import wait_until
from tests.ops.commands import Done, Installation
from tests.ops.commands import jawab as run

pytestmark = pytest.mark.slow


@pytest.fixture
def ours(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setattr(deadletters, "load_settings", lambda: settings)
    return Installation(settings, database)


def jawab(*arguments: object) -> Done:
    return run("deadletters", *map(str, arguments))


def test_a_letter_is_listed_with_its_fault_and_without_its_words(ours: Installation) -> None:
    sender = ours.add()
    dead = ours.letter(sender.id, fault="content", code="21617", reason="the text is too long")
    ours.letter(sender.id, State.WAITING, reason="not this one")
    output = jawab("list").output
    for words in (str(dead), "telegram", "main", "content", "21617", "the text is too long"):
        assert words in output
    assert "not this one" not in output
    assert REPLY.text not in output


def test_without_letters_the_list_says_so(ours: Installation) -> None:
    assert "There are no dead letters." in jawab("list").output


def test_a_letter_is_sent_again_and_its_message_waits(ours: Installation) -> None:
    sender = ours.add()
    dead, other = ours.letter(sender.id), ours.letter(sender.id)
    with ours.database.transaction() as session:
        session.get_one(Message, dead).status = Delivery.FAILED
    assert "1 dead letter will be sent again" in jawab("retry", dead).output
    with ours.database.transaction() as session:
        assert session.get_one(Message, dead).status == Delivery.QUEUED
    assert [ours.state_of(dead), ours.state_of(other)] == [State.WAITING, State.DEAD]


def test_all_letters_are_sent_again_at_once(ours: Installation) -> None:
    sender = ours.add()
    dead = [ours.letter(sender.id) for _ in range(3)]
    assert "3 dead letters" in jawab("retry", "--all").output
    assert {ours.state_of(one) for one in dead} == {State.WAITING}
    assert "There are no dead letters." in jawab("retry", "--all").output


@pytest.mark.parametrize("command", ["retry", "discard"])
def test_one_number_that_is_no_dead_letter_changes_nothing(ours: Installation, command: str) -> None:
    sender = ours.add()
    dead, waiting = ours.letter(sender.id), ours.letter(sender.id, State.WAITING)
    done = jawab(command, dead, waiting)
    assert (done.code, f"There is no dead letter {waiting}." in done.output) == (1, True)
    assert ours.state_of(dead) is State.DEAD


@pytest.mark.parametrize("arguments", [(), ("1", "--all")])
def test_a_retry_says_which(ours: Installation, arguments: tuple[str, ...]) -> None:
    assert "or --all" in jawab("retry", *arguments).output


def test_a_discarded_letter_is_gone_and_its_message_stays_failed(ours: Installation) -> None:
    dead = ours.letter(ours.add().id)
    with ours.database.transaction() as session:
        session.get_one(Message, dead).status = Delivery.FAILED
    jawab("discard", dead)
    assert ours.state_of(dead) is None
    with ours.database.transaction() as session:
        assert session.get_one(Message, dead).status == Delivery.FAILED


def test_whoever_sends_is_woken(ours: Installation, cache: "redis.Redis") -> None:
    sender = ours.add()
    dead = ours.letter(sender.id)
    with cache.pubsub() as ear:  # type: ignore[no-untyped-call]
        ear.subscribe(CHANNEL)
        wait_until(lambda: bool(cache.pubsub_numsub(CHANNEL)[0][1]))
        jawab("retry", dead)
        heard = [ear.get_message(timeout=1) for _ in range(2)]
    assert [one["data"] for one in heard if one and one["type"] == "message"] == [pump_bell(sender.id).encode()]


@pytest.mark.parametrize("command", ["list", "retry", "discard"])
def test_every_command_shows_an_example(command: str) -> None:
    assert f"jawab deadletters {command}" in jawab(command, "--help").output.split("Example", 1)[1]
