"""The action server: reads the catalogue before it takes its first call, then runs rasa-sdk's own server."""

import sys

import structlog
from rasa_sdk.__main__ import main as serve

from actions import runtime
from bot.logs import configure_logs

log = structlog.get_logger()

WARM_UP = "passport جواز"


def main(port: str) -> None:
    """Serve on a port until told to stop."""
    configure_logs(runtime.settings())
    found = runtime.snapshot()
    found.index.search(WARM_UP)  # The first citizen need not wait for the encoder to load.
    log.info("catalogue_read", version=found.version, services=len(found.services))
    sys.argv = ["rasa_sdk", "--actions", "actions", "--port", port]
    serve()


if __name__ == "__main__":
    main(sys.argv[1])
