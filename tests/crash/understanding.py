"""Stand-ins for Rasa and its action server, in two processes that can be killed; the one asks the other."""

import threading
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bot.dialogue.client import PATH, TOKEN_HEADER
from tests.crash.answers import Answers
from tests.crash.levers import Levers
from tests.fakes.rasa_stub import TOKEN, RasaStub, serve

ACTION_SECONDS = 10.0


@dataclass
class Rasa(RasaStub):
    """Refuses what the levers say, and has the action server say the rest."""

    levers: Levers = field(default_factory=Levers)

    def reply_to(self, body: bytes, token: str) -> tuple[int, Any]:
        """Status and JSON for one call."""
        return (503, {"message": "refused"}) if self.levers.refuses() else super().reply_to(body, token)


@dataclass(frozen=True)
class Asking:
    """An answer from the action server; as from Rasa, an empty one when that is dead."""

    client: httpx2.Client

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one question."""
        try:
            answer: dict[str, Any] = self.client.post(PATH, json=body).raise_for_status().json()
        except (httpx2.HTTPError, ValueError):
            return {"acts": [], "understood": [], "messages": []}
        return answer


def be_rasa(port: int, actions_port: int, levers: Levers) -> None:
    """Be Rasa, to the end."""
    address = f"http://127.0.0.1:{actions_port}"
    with httpx2.Client(base_url=address, headers={TOKEN_HEADER: TOKEN}, timeout=ACTION_SECONDS, trust_env=False) as way:
        _serve(Rasa(answer=Asking(way), levers=levers), port)


def be_actions(port: int, levers: Levers) -> None:
    """Be the action server, to the end."""
    _serve(RasaStub(answer=Answers(levers)), port)


def _serve(stub: RasaStub, port: int) -> None:
    with serve(stub, port):
        threading.Event().wait()
