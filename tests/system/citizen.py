"""A citizen at the web API: sends a message, waits for the reply to it."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx2

PAGE = {"X-Requested-With": "jawab-chat"}
PATIENCE_SECONDS = 30


class CitizenAtWeb:
    """One conversation."""

    def __init__(self, url: str, language: str = "ar") -> None:
        self._http = httpx2.Client(base_url=url, headers=PAGE, timeout=PATIENCE_SECONDS, trust_env=False)
        self._http.post("/chat/session", json={"language": language}).raise_for_status()
        self._seen = 0
        self._language = language

    def ask(self, text: str = "", **fields: Any) -> dict[str, Any]:
        """Send a message and give back the next message of the bot."""
        self.send(text, **fields)
        for line in self.lines():
            if line["author"] == "bot":
                return line
        raise TimeoutError("no reply")

    def send(self, text: str = "", message_id: str | None = None, **fields: Any) -> httpx2.Response:
        """Send a message; the answer of the server is checked by the caller or by ask()."""
        body = {"id": message_id or str(uuid.uuid4()), "text": text, "language": self._language, **fields}
        return self._http.post("/chat/messages", json=body).raise_for_status()

    def lines(self) -> Iterator[dict[str, Any]]:
        """What is said after what was read last, as it comes."""
        with self._http.stream("GET", f"/chat/events?after={self._seen}") as stream:
            event = ""
            for line in stream.iter_lines():
                if line.startswith("event:"):
                    event = line.removeprefix("event:").strip()
                elif line.startswith("data:") and event == "message":
                    message = json.loads(line.removeprefix("data:"))
                    self._seen = max(self._seen, message["id"])
                    yield message

    def close(self) -> None:
        """Leave."""
        self._http.close()
