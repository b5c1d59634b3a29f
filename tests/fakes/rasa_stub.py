"""A stand-in for Rasa behind our channel: the same address, token and shapes, and faults on demand."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.dialogue.client import TOKEN_HEADER

TOKEN = "the token that gateway and Rasa share"
PATH = "/webhooks/jawab/message"
LARGEST_BODY = 16_384
SILENT = "silent"


def answer_with(
    text: str, *, act: str = "greet", confidence: float = 0.9, note: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One reply in the shape of our channel; `note` is what an action tells the gateway."""
    messages: list[dict[str, Any]] = [{"recipient_id": "x", "text": text}]
    if note is not None:
        messages.append({"recipient_id": "x", "custom": note})
    return {
        "acts": [{"intent": {"name": act, "confidence": confidence}, "ranking": []}],
        "understood": [act],
        "messages": messages,
    }


def echo(body: dict[str, Any]) -> dict[str, Any]:
    """Say what was asked."""
    return answer_with(f"echo: {body.get('text') or body.get('payload')}")


@dataclass
class RasaStub:
    """What was asked, how it is answered, and the faults to show next: a status, or SILENT for never answering."""

    answer: Callable[[dict[str, Any]], dict[str, Any]] = echo
    asked: list[dict[str, Any]] = field(default_factory=list)
    faults: deque[int | str] = field(default_factory=deque)
    is_down: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self) -> None:
        """Be as new."""
        self.released.set()
        vars(self).update(vars(RasaStub()))

    def later(self, body: dict[str, Any]) -> dict[str, Any]:
        """An answer that waits until it is released."""
        self.released.wait(30)
        return echo(body)

    def reply_to(self, body: bytes, token: str) -> tuple[int, Any]:
        """Status and JSON for one call, checked in the order of the real channel."""
        if token != TOKEN:
            return 403, {"message": "wrong token"}
        if len(body) > LARGEST_BODY:
            return 400, {"message": "too large"}
        question = json.loads(body)
        if not isinstance(question, dict) or not question.get("sender"):
            return 400, {"message": "a JSON object with `sender` is needed"}
        with self.lock:
            self.asked.append(question)
            fault = self.faults.popleft() if self.faults else None
        if fault == SILENT:
            self.released.wait(10)
        if self.is_down or isinstance(fault, int):
            return fault if isinstance(fault, int) else 503, {"message": "stub"}
        return 200, self.answer(question)


@contextmanager
def serve(stub: RasaStub, port: int = 0) -> Iterator[str]:
    """Run the stub on this machine, on a free port unless one is given; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(stub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        stub.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(stub: RasaStub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            if self.path != PATH:
                self._send(404, {"message": "no such page"})
            else:
                self._send(*stub.reply_to(body, self.headers.get(TOKEN_HEADER, "")))

        def _send(self, status: int, content: Any) -> None:
            words = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            # Whoever asked may be gone: given up, or killed.
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

        def log_message(self, *_: Any) -> None:
            """Tests speak for themselves."""

    return Handler
