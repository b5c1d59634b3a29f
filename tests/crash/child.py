"""One process of a run. The gateway's are real but for their waits: the web process with its worker, or a worker.

What only costs time is shortened; the order of the waits stays: a vendor is given up on before its call is looked for.
"""

import ctypes
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import twilio.rest.api
import twilio.rest.content
import twilio.rest.messaging
import uvicorn

from bot.channels.telegram import views
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramClient
from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.client import TwilioClient
from bot.deliveries import service as deliveries
from bot.jobs import engine, pump, pumps, spool, updates, worker
from bot.main import create_app
from bot.ops.processes import PR_SET_PDEATHSIG
from bot.settings import LOOPBACK, Settings, load_settings
from tests.installations import FOREIGN

VENDOR_SECONDS = 1.5
UNKNOWN_SECONDS = 3
# How many messages a second one citizen gets; the plan of a run says it.
PACE = "CRASH_PER_CITIZEN"
# Twilio's library reads these at its first call only, which takes seconds; here the forks have them at once.
LOADED = (twilio.rest.api, twilio.rest.content, twilio.rest.messaging)
_libc = ctypes.CDLL(None)


def hurry(per_citizen: float) -> None:
    """Shorten the waits of this process."""
    deliveries.UNKNOWN_SECONDS = UNKNOWN_SECONDS
    deliveries.LONGEST_WAIT_SECONDS = 2.0
    pump.RESOLVE_EVERY_SECONDS = 0.3
    pump.LOOK_AGAIN_SECONDS = 0.3
    engine.POLL_SECONDS = 0.5
    for module in (pumps, updates):
        vars(module)["LOOK_FOR_SENDERS_SECONDS"] = 0.2
    spool.LOOK_SECONDS = 0.3
    views.RETRY_SECONDS = "1"
    for client in (TelegramClient, TwilioClient):
        begin: Any = vars(client)["__init__"]
        begin.__kwdefaults__["timeout_seconds"] = VENDOR_SECONDS
    TelegramChannel.limits = replace(TelegramChannel.limits, per_citizen=per_citizen)
    WhatsAppChannel.limits = replace(WhatsAppChannel.limits, per_citizen=per_citizen)


def be(output: str, target: Callable[..., None], *arguments: Any) -> None:
    """Be one of the processes, from now on to the end."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with Path(output).open("ab") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    target(*arguments)


def be_web(environment: dict[str, str], root: str, port: int) -> None:
    """Be the web process, with those settings alone."""
    app = create_app(_settings(environment, root))
    uvicorn.run(app, host=LOOPBACK, port=port, log_level="warning", access_log=False)


def be_worker(environment: dict[str, str], root: str) -> None:
    """Be a worker, with those settings alone."""
    worker.run(_settings(environment, root))


def _settings(environment: dict[str, str], root: str) -> Settings:
    for name in [name for name in os.environ if name.startswith("JAWAB_") or name.removesuffix("_FILE") in FOREIGN]:
        del os.environ[name]
    os.environ.update(environment)
    hurry(float(environment[PACE]))
    return load_settings(Path(root))
