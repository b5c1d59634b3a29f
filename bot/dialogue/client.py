"""All that knows how to ask Rasa: one call, one answer, an empty answer is a failure."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bot.errors import JawabError

TOKEN_HEADER = "X-Jawab-Token"  # noqa: S105 (the name of a header)
PATH = "/webhooks/jawab/message"


class DialogueError(JawabError):
    """Rasa gave no answer; another try may get one."""


@dataclass(frozen=True)
class Question:
    """What Rasa is asked: a text or the payload of our own button, and what the conversation knows."""

    sender: str
    language: str
    text: str = ""
    payload: str = ""
    service_id: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back: the acts with their confidence, and the messages in Rasa's shape."""

    acts: list[dict[str, Any]]
    understood: list[str | None]
    messages: list[dict[str, Any]]


class DialogueClient:
    """The way to one Rasa server, or to several that share the conversations; safe to share between threads."""

    def __init__(self, url: str | Sequence[str], token: str, *, timeout_seconds: float = 15.0) -> None:
        urls = [url] if isinstance(url, str) else url
        self._clients = [
            httpx2.Client(base_url=one, headers={TOKEN_HEADER: token}, timeout=timeout_seconds, trust_env=False)
            for one in urls
        ]

    def ask(self, question: Question) -> Answer:
        """Send one message; raises DialogueError when there is no usable answer."""
        body = {
            "sender": question.sender,
            "text": question.text,
            "payload": question.payload,
            "slots": {"language": question.language, "service": question.service_id, **question.slots},
            "metadata": {"context": question.context},
        }
        try:
            response = self._post(question.sender, body)
            response.raise_for_status()
            found = response.json()
            answer = Answer(found["acts"], found["understood"], found["messages"])
        except (httpx2.HTTPError, ValueError, TypeError, KeyError) as error:
            raise DialogueError(f"Rasa did not answer: {type(error).__name__}") from error
        if not answer.messages:
            raise DialogueError("Rasa answered with nothing")
        return answer

    def _post(self, sender: str, body: dict[str, Any]) -> httpx2.Response:
        """To the process that has the conversation; to the next one when nobody is there."""
        first = zlib.crc32(sender.partition(":")[0].encode()) % len(self._clients)
        *others, last = self._clients[first:] + self._clients[:first]
        for client in others:
            try:
                return client.post(PATH, json=body)
            except httpx2.ConnectError:
                continue
        return last.post(PATH, json=body)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            client.close()
