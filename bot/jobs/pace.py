"""When the next call to a vendor may be made: evenly spaced, never above a rate, so that no second holds too many."""

import threading
import time
from collections.abc import Callable, Hashable

# Clocks, networks and vendors count differently: this much below the ceiling is on the safe side.
SAFETY = 0.97
FORGET_ABOVE = 10_000


class Pace:
    """One call after another at a steady rate; a little may be saved up for after a pause."""

    def __init__(self, per_second: float, *, burst: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1 / (per_second * SAFETY)
        self._saved = (burst - 1) * self._interval
        self._clock = clock
        self._free_at = 0.0
        self._lock = threading.Lock()

    def seconds_until_free(self) -> float:
        """How long to wait before the next call; 0 when it may be made now."""
        return max(self._free_at - self._saved - self._clock(), 0.0)

    def reserve(self) -> float:
        """Take the next place; gives the seconds to wait for it."""
        with self._lock:
            now = self._clock()
            wait = max(self._free_at - self._saved - now, 0.0)
            self._free_at = max(self._free_at, now) + self._interval
            return wait

    def pause(self, seconds: float) -> None:
        """The vendor asked for silence."""
        with self._lock:
            self._free_at = max(self._free_at, self._clock() + seconds + self._saved)


class Paces:
    """A pace for each citizen; those who were not written to for long are forgotten."""

    def __init__(self, per_second: float, *, burst: int) -> None:
        self._per_second, self._burst = per_second, burst
        self._known: dict[Hashable, Pace] = {}
        self._lock = threading.Lock()

    def of(self, whom: Hashable) -> Pace:
        """The pace of one citizen."""
        with self._lock:
            if len(self._known) > FORGET_ABOVE:
                self._known = {key: pace for key, pace in self._known.items() if pace.seconds_until_free() > 0}
            if whom not in self._known:
                self._known[whom] = Pace(self._per_second, burst=self._burst)
            return self._known[whom]
