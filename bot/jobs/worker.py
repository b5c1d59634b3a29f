"""The worker: takes durable work until it is told to stop."""

import signal
import threading

from bot.jobs import engine
from bot.jobs.services import build, provide
from bot.settings import Settings

GRACE_SECONDS = 25


def start(settings: Settings) -> None:
    """Begin to take work in this process."""
    import bot.jobs.workflows  # noqa: F401, PLC0415 (registers the workflows before the launch)

    engine.launch(settings)


def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C, then finish what runs."""
    services = build(settings)
    provide(services)
    start(settings)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    told.wait()
    engine.stop(GRACE_SECONDS)
    services.close()
