"""The web process behind a real server, in a thread of the tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from bot.main import create_app
from bot.settings import Settings
from tests.installations import free_ports


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve the application on a free port; gives its address."""
    port = free_ports(1)[0]
    config = uvicorn.Config(create_app(settings), port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
