"""Any ASGI application behind a real server, in a thread of the tests."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

LOOK_SECONDS = 0.01


@contextmanager
def listening(app: Any, port: int = 0, certificate: Path | None = None) -> Iterator[str]:
    """Serve on a port of this machine, a free one unless it is given; gives its address.

    It is https with a certificate (and its key in the same file). At the end the server stops by itself.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        config = uvicorn.Config(
            app, log_level="error", timeout_graceful_shutdown=1, ssl_certfile=certificate and str(certificate)
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(LOOK_SECONDS)
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
