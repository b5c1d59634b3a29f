"""The action server: reads the catalogue before it takes its first call, then serves rasa-sdk's own application."""

import gc
import os
import sys
from typing import Any

import structlog
from rasa_sdk.endpoint import create_app_for_serve
from rasa_sdk.executor import ActionExecutor
from sanic import Sanic

from actions import runtime
from bot.logs import configure_logs
from bot.settings import LOOPBACK

log = structlog.get_logger()

WARM_UP = "passport جواز"


def create_app() -> Sanic[Any, Any]:
    """The application with all actions, and everything in memory that an answer needs."""
    found = runtime.snapshot()
    runtime.domain()
    found.index.search(WARM_UP)  # The first citizen need not wait for the encoder to load.
    log.info("catalogue_read", version=found.version, services=len(found.services))
    executor = ActionExecutor()
    executor.register_package("actions")
    app: Sanic[Any, Any] = create_app_for_serve(executor)
    return app


def main(port: str) -> None:
    """Serve on a port until told to stop.

    rasa-sdk's own start-up runs the application in a child process, which would load all of it a second time, and at
    the first citizen's call; this is one process.
    """
    configure_logs(runtime.settings())
    app = create_app()
    # A million objects of the catalogue live until the next edit: the collector need not visit them at every turn.
    gc.collect()
    gc.freeze()
    app.prepare(host=os.environ.get("SANIC_HOST", LOOPBACK), port=int(port), single_process=True, motd=False)
    Sanic.serve_single(app)


if __name__ == "__main__":
    main(sys.argv[1])
