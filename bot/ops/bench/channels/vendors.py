"""The vendors' stand-ins of the tests, each in a process of its own, asked and told over HTTP."""

import functools
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from bot.ops.ports import free_ports
from bot.ops.processes import Process, running
from bot.ops.services import answers

PROGRAM = "tests.fakes.alone"
NAMES = ("telegram", "whatsapp")
# So many citizens are made known with one call.
AT_ONCE = 10_000


@dataclass(frozen=True)
class Arrival:
    """A message that a citizen sees: when, by the clock that all processes of this machine share, and where."""

    at: float
    address: str


class Vendor:
    """One stand-in that runs."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self._client = httpx2.Client(base_url=url, timeout=60, trust_env=False)

    def about(self) -> dict[str, str]:
        """Account, token and whatever else the settings have to name."""
        return dict(self._client.get("/stand-in").json())

    def keep_limits(self, has_limits: bool) -> None:
        """Refuse what comes too fast, or nothing."""
        self._wish(has_limits=has_limits)

    def know(self, addresses: Sequence[str]) -> None:
        """Citizens who may be written to."""
        for begin in range(0, len(addresses), AT_ONCE):
            self._wish(citizens=list(addresses[begin : begin + AT_ONCE]))

    def tell(self, *statuses: str) -> None:
        """Tell of each message from now on how far it got, in these steps; WhatsApp's only."""
        self._wish(statuses=list(statuses))

    def sent(self, after: int) -> list[Arrival]:
        """What arrived, in order, without the first so many."""
        return [Arrival(*one) for one in self._look(after)["sent"]]

    def turned_away(self) -> list[float]:
        """When calls were refused because they came too fast."""
        return list(self._look(sys.maxsize)["turned_away"])

    def count(self) -> int:
        """How many messages arrived so far."""
        return int(self._look(sys.maxsize)["count"])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _look(self, after: int) -> dict[str, Any]:
        return dict(self._client.get("/stand-in/sent", params={"after": after}).json())

    def _wish(self, **wishes: Any) -> None:
        self._client.post("/stand-in/wish", json=wishes).raise_for_status()


@contextmanager
def running_vendors(root: Path, folder: Path) -> Iterator[dict[str, Vendor]]:
    """Both stand-ins, by channel, ended with the block."""
    with ExitStack() as stack:
        vendors = {}
        for name, port in zip(NAMES, free_ports(len(NAMES)), strict=True):
            url = f"http://127.0.0.1:{port}"
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            stack.enter_context(running(_process(name, root, port, url), log))
            vendors[name] = Vendor(name, url)
            stack.callback(vendors[name].close)
        yield vendors


def _process(name: str, root: Path, port: int, url: str) -> Process:
    return Process(
        name=f"{name}'s stand-in",
        argv=(sys.executable, "-m", PROGRAM, name, str(port)),
        cwd=root,
        is_ready=functools.partial(answers, f"{url}/stand-in"),
    )
