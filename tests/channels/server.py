"""The web process, or another application, behind a real server in a thread of the tests."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from bot.main import create_app
from bot.ops.ports import free_ports
from bot.settings import Settings


@contextmanager
def serving(settings: Settings, *, certificate: Path | None = None) -> Iterator[str]:
    """Serve the application on the port of its public address if it has one, else on a free one; gives its address."""
    given = settings.given_public_url
    port = int(given.rpartition(":")[2]) if given else free_ports(1)[0]
    with listening(create_app(settings), port, certificate):
        yield given or f"http://127.0.0.1:{port}"


@contextmanager
def listening(app: Any, port: int, certificate: Path | None = None) -> Iterator[None]:
    """Any ASGI application on a port of this machine; over https with a certificate (and its key in the same file)."""
    config = uvicorn.Config(
        app, port=port, log_level="error", timeout_graceful_shutdown=1, ssl_certfile=certificate and str(certificate)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
