"""What a page hears: only what its owner may, in order, and after a break what it missed, once."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import redis
from fastapi import FastAPI

from bot.accounts.states import Stage
from bot.db.session import Database
from bot.desk.security import cookie_name
from bot.main import create_app
from bot.settings import Settings
from tests.desk.inbox.scene import Scene
from tests.desk.people import Member, hire, open_for
from tests.fakes.serving import listening

LINE_ID = re.compile(r'id="(message-\d+|note-\d+|event-\d+)"')
Event = tuple[str, str, str]


@pytest.fixture(scope="module")
def served(installed: Settings) -> Iterator[tuple[FastAPI, str]]:
    """The web process behind a real server."""
    app = create_app(installed.model_copy(update={"worker": "separate"}))
    with listening(app) as url:
        yield app, url


@pytest.fixture
def scene(served: tuple[FastAPI, str], database: Database, cache: "redis.Redis") -> Scene:
    """Nobody has written yet."""
    return Scene(served[0].state.services)


@contextmanager
def stream(served: tuple[FastAPI, str], key: str, query: str = "", last: str = "") -> Iterator[Iterator[Event]]:
    """A page's stream, event by event: name, id, data."""
    app, url = served
    headers = {"Accept": "text/event-stream", "Cookie": f"{cookie_name(app.state.settings)}={key}"}
    headers |= {"Last-Event-ID": last} if last else {}
    with httpx2.Client(timeout=30) as client, client.stream("GET", f"{url}/desk/events{query}", headers=headers) as got:
        assert got.status_code == 200
        yield _events(got)


def _events(got: httpx2.Response) -> Iterator[Event]:
    name, event_id, data = "", "", []
    for line in got.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "id":
            event_id = value
        elif field == "data":
            data.append(value)
        elif not line and name:
            yield name, event_id, "\n".join(data)
            name, event_id, data = "", "", []


def until(events: Iterator[Event], wanted: str) -> list[Event]:
    """What comes up to an event of that name, which is the last."""
    found: list[Event] = []
    for event in events:
        found.append(event)
        if event[0] == wanted:
            return found
    raise AssertionError(f"the stream ended before {wanted}")


def sign_in(served: tuple[FastAPI, str], database: Database, member: Member) -> str:
    """The key of somebody's session."""
    return open_for(served[0], database, member, Stage.SIGNED_IN)


def test_a_line_comes_by_itself_and_the_list_is_told(
    served: tuple[FastAPI, str], scene: Scene, database: Database
) -> None:
    case, key = scene.ask(), sign_in(served, database, hire(database))
    with stream(served, key, f"?case={case.id}") as events:
        assert "message-" in until(events, "lines")[-1][2]
        until(events, "ready")
        message_id = scene.write(case, "encore")
        came = until(events, "queue")
    lines = [data for name, _, data in came if name == "lines"]
    assert [LINE_ID.findall(data) for data in lines] == [[f"message-{message_id}"]]


def test_what_was_missed_is_told_once(served: tuple[FastAPI, str], scene: Scene, database: Database) -> None:
    case, key = scene.ask(), sign_in(served, database, hire(database))
    with stream(served, key, f"?case={case.id}") as events:
        last = until(events, "lines")[-1][1]
    missed = [f"message-{scene.write(case, word)}" for word in ("deux", "trois")]
    with stream(served, key, f"?case={case.id}&seen=0.0.0", last) as events:
        came = until(events, "ready")
    assert [one for name, _, data in came if name == "lines" for one in LINE_ID.findall(data)] == missed
    with stream(served, key, f"?case={case.id}", came[0][1]) as events:
        assert [name for name, _, _ in until(events, "ready") if name == "lines"] == []


def test_others_at_a_case_are_seen(served: tuple[FastAPI, str], scene: Scene, database: Database) -> None:
    case = scene.ask()
    one, two = (sign_in(served, database, hire(database, name=name)) for name in ("Agent 1", "Agent 2"))
    with stream(served, one, f"?case={case.id}") as mine:
        until(mine, "ready")
        threading.Thread(target=_look, args=(served, two, case.id), daemon=True).start()
        for _ in range(10):
            if "Agent 2 is here too" in until(mine, "watchers")[-1][2]:
                return
    raise AssertionError("nobody was seen")


def _look(served: tuple[FastAPI, str], key: str, case_id: object) -> None:
    with stream(served, key, f"?case={case_id}") as events:
        until(events, "ready")
        until(events, "watchers")


def test_what_is_not_ones_own_is_not_heard(served: tuple[FastAPI, str], scene: Scene, database: Database) -> None:
    outsider, insider = hire(database), hire(database)
    scene.team("tax", languages=["en"])
    scene.members("tax", insider.id)
    scene.team("front")
    key = sign_in(served, database, outsider)
    with stream(served, key) as events:
        until(events, "ready")
        hidden = scene.ask("secret", language="en")
        shown = scene.ask("à tous", language="fr")
        heard = ""
        while str(shown.id) not in heard:
            heard += until(events, "queue")[-1][2]
    assert str(hidden.id) not in heard
    url = f"{served[1]}/desk/events?case={hidden.id}"
    headers = {"Accept": "text/event-stream", "Cookie": f"{cookie_name(served[0].state.settings)}={key}"}
    assert httpx2.get(url, headers=headers).status_code == 404
