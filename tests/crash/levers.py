"""What the suite holds in its hands of stand-ins that may be killed: plain numbers in memory that all of them share.

No lock is among them: a process that is killed while it holds one would stop all others for good.
"""

import ctypes
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.sharedctypes import RawValue

LONGEST_HOLD_SECONDS = 4.0
LOOK_SECONDS = 0.005
# Our processes are forked from one that has imported everything: they start in a second, and are as new.
forks = multiprocessing.get_context("forkserver")

_number: Callable[[], ctypes.c_int] = partial(RawValue, ctypes.c_int, 0)


@dataclass(frozen=True)
class Levers:
    """Whether answers are held back, how many were, whether all are long, and how many more calls Rasa refuses."""

    closed: ctypes.c_int = field(default_factory=_number)
    held: ctypes.c_int = field(default_factory=_number)
    verbose: ctypes.c_int = field(default_factory=_number)
    refusals: ctypes.c_int = field(default_factory=_number)

    def hold(self) -> None:
        """Wait while answers are held back, though not for ever."""
        if not self.closed.value:
            return
        self.held.value += 1
        until = time.monotonic() + LONGEST_HOLD_SECONDS
        while self.closed.value and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)

    def refuses(self) -> bool:
        """Whether this call is one of those to be refused."""
        is_left = self.refusals.value > 0
        self.refusals.value -= is_left
        return is_left
