"""A webhook for tests: keeps what comes, and answers what it is told to."""

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.channels.telegram.courier import SECRET_HEADER


@dataclass
class Receiver:
    """What came, with which secret; the next answers as status and Retry-After, then 200."""

    updates: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    answers: deque[tuple[int, str]] = field(default_factory=deque)
    hold: dict[str, threading.Event] = field(default_factory=dict)

    def texts(self) -> list[str]:
        """What messages and presses say, in the order in which they came."""
        return [
            (update.get("message") or {}).get("text") or update["callback_query"]["data"] for update in self.updates
        ]

    def take(self, update: dict[str, Any], secret: str | None) -> tuple[int, str]:
        """Keep one, perhaps after a while."""
        self.updates.append(update)
        self.secrets.append(secret)
        if waiting := self.hold.get((update.get("message") or {}).get("text", "")):
            waiting.wait(5)
        return self.answers.popleft() if self.answers else (200, "")


@contextmanager
def receiving(receiver: Receiver) -> Iterator[str]:
    """Listen on a free port of this machine; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            update = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, retry_after = receiver.take(update, self.headers.get(SECRET_HEADER))
            self.send_response(status)
            if retry_after:
                self.send_header("Retry-After", retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests speak for themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
