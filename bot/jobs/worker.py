"""The worker: takes durable work until it is told to stop."""

import logging
import os
import signal
import sys
import threading
import time

from bot.jobs import engine
from bot.jobs.pumps import Pumps
from bot.jobs.services import build, provide, services
from bot.jobs.upkeep import Upkeep, upkeep_of
from bot.settings import Settings

# What runs may take so long to end; with the web server's own connections it is all over within 40 seconds.
GRACE_SECONDS = 20

_pumps: list[Pumps] = []
_upkeep: list[Upkeep] = []


def start(settings: Settings) -> None:
    """Begin to take work in this process."""
    import bot.jobs.files  # noqa: F401, PLC0415 (registers all workflows before the launch)

    engine.launch(settings)
    _pumps.append(Pumps(services(), engine.Inbox(settings)))
    _pumps[-1].start()
    for one in upkeep_of(services()):
        _upkeep.append(one)
        one.start()


def stop(seconds: float) -> None:
    """Take no new work, finish what runs within the time, and give back the rest."""
    end = time.monotonic() + seconds
    while _upkeep:
        _upkeep.pop().stop()
    engine.take_no_more()
    while _pumps:
        _pumps.pop().stop(end - time.monotonic())
    engine.stop(end - time.monotonic())


def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C, then finish what runs; does not return.

    A thread that still waits for Rasa or a vendor has lost its work by then, and holds up nobody's end.
    """
    box = build(settings)
    provide(box)
    start(settings)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    told.wait()
    stop(GRACE_SECONDS)
    box.close()
    sys.stdout.flush()
    logging.shutdown()
    os._exit(0)
