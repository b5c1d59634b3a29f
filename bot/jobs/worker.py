"""The worker: takes durable work until it is told to stop."""

import signal
import threading

from bot.jobs import engine
from bot.jobs.approvals import Approvals
from bot.jobs.pumps import Pumps
from bot.jobs.services import build, provide, services
from bot.jobs.sweeper import Sweeper
from bot.settings import Settings

GRACE_SECONDS = 25


_pumps: list[Pumps] = []
_upkeep: list[Sweeper | Approvals] = []


def start(settings: Settings) -> None:
    """Begin to take work in this process."""
    import bot.jobs.files  # noqa: F401, PLC0415 (registers all workflows before the launch)

    engine.launch(settings)
    _pumps.append(Pumps(services(), engine.Inbox(settings)))
    _pumps[-1].start()
    for one in (Sweeper(services()), Approvals(services())):
        _upkeep.append(one)
        one.start()


def stop(seconds: int) -> None:
    """Take no new work, finish what runs within the time; the rest is taken up at the next start."""
    while _upkeep:
        _upkeep.pop().stop()
    while _pumps:
        _pumps.pop().stop(seconds)
    engine.stop(seconds)


def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C, then finish what runs."""
    box = build(settings)
    provide(box)
    start(settings)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    told.wait()
    stop(GRACE_SECONDS)
    box.close()
