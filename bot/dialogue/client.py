"""All that knows how to ask Rasa: one call, one answer, an empty answer is a failure."""

from dataclasses import dataclass, field
from typing import Any

import httpx2

from bot.errors import JawabError

TOKEN_HEADER = "X-Jawab-Token"  # noqa: S105 (the name of a header)


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
    """The way to one Rasa server; safe to share between threads."""

    def __init__(self, url: str, token: str, *, timeout_seconds: float = 15.0) -> None:
        self._client = httpx2.Client(
            base_url=url, headers={TOKEN_HEADER: token}, timeout=timeout_seconds, trust_env=False
        )

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
            response = self._client.post("/webhooks/jawab/message", json=body)
            response.raise_for_status()
            found = response.json()
            answer = Answer(found["acts"], found["understood"], found["messages"])
        except (httpx2.HTTPError, ValueError, TypeError, KeyError) as error:
            raise DialogueError(f"Rasa did not answer: {type(error).__name__}") from error
        if not answer.messages:
            raise DialogueError("Rasa answered with nothing")
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
