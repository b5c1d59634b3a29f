"""`jawab up`: everything that a clone needs in order to answer, in order, until Ctrl-C."""

import asyncio
from collections.abc import Sequence

from rich.console import Console
from rich.panel import Panel

from bot.ops.lock import end_leftovers, sole_owner
from bot.ops.ports import check_ports
from bot.ops.postgres import postgres_process
from bot.ops.processes import Process
from bot.ops.redis import redis_process
from bot.ops.services import actions_process, rasa_process, step, web_process, worker_process
from bot.ops.staff import invitation
from bot.ops.supervisor import Supervisor, stop_on_signals
from bot.ops.train import is_stale
from bot.settings import Settings


def up(settings: Settings, console: Console) -> None:
    """Run the whole system; returns after an orderly end, raises JawabError when it cannot start."""
    with sole_owner(settings.var):
        left = end_leftovers(settings.var)
        if left:
            console.print(f"Ended {left} processes that an earlier run had left behind.", style="yellow")
        engines = _engines(settings)
        check_ports([*engines, *_services(settings)], settings.host)
        asyncio.run(_run(settings, console, engines))


async def _run(settings: Settings, console: Console, engines: Sequence[Process]) -> None:
    supervisor = Supervisor(settings.var, console)
    stop_on_signals(supervisor)
    try:
        if await _start(settings, supervisor, engines):
            console.print(_welcome(settings))
            if words := invitation(settings):
                console.print(words, style="bold", highlight=False, soft_wrap=True)
            await supervisor.wait_for_stop()
    finally:
        supervisor.say("Stopping …")
        await supervisor.shut_down()
        supervisor.say("Stopped.")


async def _start(settings: Settings, supervisor: Supervisor, engines: Sequence[Process]) -> bool:
    """Start everything in order, but Rasa, which takes longest, at once if its model is there.

    False as soon as somebody asks for the end.
    """
    early = [rasa_process(settings)] if settings.starts_rasa and not is_stale(settings.root) else []
    loading = asyncio.create_task(supervisor.start(*early))
    if not await supervisor.start(*engines):
        return False
    if not await supervisor.once(step(settings, "prepare", "prepare")):
        return False
    if settings.starts_rasa and not early and not await supervisor.once(step(settings, "train", "train", "--if-stale")):
        return False
    names = {process.name for process in early}
    late = [process for process in _services(settings) if process.name not in names]
    return await supervisor.start(*late) and await loading


def _engines(settings: Settings) -> list[Process]:
    engines = []
    if settings.uses_embedded_postgres:
        engines.append(postgres_process(settings))
    if settings.uses_embedded_redis:
        engines.append(redis_process(settings))
    return engines


def _services(settings: Settings) -> list[Process]:
    """What answers, in the order of starting; whatever was given by address is somebody else's to run."""
    services = []
    if settings.starts_actions:
        services.append(actions_process(settings))
    if settings.starts_rasa:
        services.append(rasa_process(settings))
    services.append(web_process(settings))
    if settings.worker == "separate":
        services.append(worker_process(settings))
    return services


def _welcome(settings: Settings) -> Panel:
    lines = [
        f"Web chat   {settings.web_url}/",
        f"Desk       {settings.web_url}/desk",
        f"Logs       {settings.var / 'log'}",
        "Terminal   jawab chat",
        "",
        "Ctrl-C stops everything.",
    ]
    return Panel("\n".join(lines), title="جواب · Jawab is ready", border_style="green", expand=False)
