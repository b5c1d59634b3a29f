"""What Twilio brings while messages lie on disk: nobody overtakes, and what cannot be kept is asked for again."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.jobs import spool
from bot.jobs.spool import Spool
from bot.senders.service import Account
from tests.channels.asking import swap
from tests.channels.doors import Gone, Inbox, caller, doors, inbox
from tests.channels.whatsapp.test_views import MESSAGE, number, twilio

__all__ = ["caller", "doors", "inbox", "number"]

pytestmark = pytest.mark.slow


def says(caller: TestClient, number: Account, words: str) -> int:
    return twilio(caller, number, MESSAGE | {"MessageSid": f"SM{int(words):032x}", "Body": words}).status_code


@pytest.fixture
def disk(doors: FastAPI, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spool:
    """What lies on disk; it is handed on when the test says so."""
    found = Spool(tmp_path, lambda one: inbox.accept(one, ""), doors.state.services.book)
    swap(monkeypatch, doors, spool=found)
    return found


def test_a_new_message_does_not_overtake_those_on_disk(
    doors: FastAPI, caller: TestClient, number: Account, inbox: Inbox, disk: Spool
) -> None:
    with pytest.MonkeyPatch.context() as away:
        swap(away, doors, inbox=Gone())
        assert [says(caller, number, words) for words in ("1", "2")] == [200, 200]
    assert says(caller, number, "3") == 200
    assert inbox.taken == []
    assert disk.drain() == 3
    assert [one.text for one in inbox.taken] == ["1", "2", "3"]


def test_when_the_disk_is_full_twilio_is_asked_to_come_again(
    caller: TestClient, doors: FastAPI, number: Account, disk: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "MOST_FILES", 1)
    swap(monkeypatch, doors, inbox=Gone())
    assert [says(caller, number, words) for words in ("1", "2")] == [200, 503]
