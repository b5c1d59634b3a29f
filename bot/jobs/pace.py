"""When the next call to a vendor may be made: never more in a second than it takes, and the most urgent first."""

import heapq
import itertools
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# Clocks, networks and vendors count differently: this much below the ceiling is on the safe side.
SAFETY = 0.965
# And a little more, for what rounding takes away.
A_SECOND = 1.001
# A call's way there and back takes no less than the quickest of so many took.
RECENT = 300
# Who comes late to their place keeps up with the pace, if it is by no more than this.
CATCH_UP_SECONDS = 0.1
FORGET_ABOVE = 10_000
Clock = Callable[[], float]


class Pace:
    """One call after another at a steady rate; a little may be saved up for after a pause."""

    def __init__(self, per_second: float, *, burst: int = 1, clock: Clock = time.monotonic) -> None:
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


class Schedule:
    """A vendor's pace as it was kept: evenly spaced, and no second at the vendor's holds more calls than the rate.

    When a call reaches the vendor nobody here knows: it counts from its beginning until a second after its end, less
    the time that every call takes. What gives way to others, as campaigns do, gets no more than a share of the pace.
    """

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / (per_second * SAFETY)
        self._most = max(math.floor(per_second), 1)
        self._open = 0
        self._ended: deque[float] = deque()
        self._took: deque[float] = deque(maxlen=RECENT)
        self._free_at = self._gives_way_until = 0.0

    def free_at(self, now: float, *, gives_way: bool) -> float:
        """From when on the next call may be made; infinity when one has to end before."""
        while self._ended and self._ended[0] + A_SECOND <= now:
            self._ended.popleft()
        is_full = self._open + len(self._ended) >= self._most
        in_a_second = (self._ended[0] + A_SECOND if self._ended else math.inf) if is_full else 0.0
        return max(self._free_at, in_a_second, self._gives_way_until if gives_way else 0.0)

    def begin(self, now: float, *, share: float | None = None) -> None:
        """A call is made, by whoever has only this share of the rate now; None for the whole of it."""
        self._open += 1
        self._free_at = max(self._free_at, now - CATCH_UP_SECONDS) + self._interval
        if share is not None:
            self._gives_way_until = max(self._gives_way_until, now - CATCH_UP_SECONDS) + self._interval / share

    def end(self, now: float, seconds: float) -> None:
        """A call has its answer, or will have none, after so long."""
        self._open -= 1
        self._took.append(seconds)
        always = min(self._took) if len(self._took) == RECENT else 0.0
        self._ended.append(now - min(always, A_SECOND))

    def pause(self, until: float, *, gives_way: bool) -> None:
        """The vendor asked for silence."""
        if gives_way:
            self._gives_way_until = max(self._gives_way_until, until)
        else:
            self._free_at = max(self._free_at, until)


@dataclass(order=True)
class _Place:
    """Somebody who waits at the turnstile."""

    urgency: int
    number: int
    called: threading.Condition = field(compare=False)
    gives_way: bool = field(compare=False)


class Turnstile:
    """Lets calls to one vendor through one by one at its pace: whoever is more urgent overtakes those who wait.

    `share` tells how much of the pace those who give way may have now.
    """

    def __init__(self, per_second: float, *, share: Callable[[], float], clock: Clock = time.monotonic) -> None:
        self._schedule = Schedule(per_second)
        self._share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[_Place] = []
        self._numbers = itertools.count()
        self._is_closed = False

    @contextmanager
    def call(self, urgency: int, *, gives_way: bool) -> Iterator[bool]:
        """Make a call in the block, the lowest `urgency` first; gives whether it may be made: not after `close`."""
        began = self._pass_through(urgency, gives_way=gives_way)
        try:
            yield began is not None
        finally:
            if began is not None:
                with self._lock:
                    now = self._clock()
                    self._schedule.end(now, now - began)
                    self._call_next()

    def _pass_through(self, urgency: int, *, gives_way: bool) -> float | None:
        """Gives when the call may begin, which is now; None when it may not."""
        with self._lock:
            place = _Place(urgency, next(self._numbers), threading.Condition(self._lock), gives_way)
            heapq.heappush(self._waiting, place)
            while not self._is_closed:
                seconds = self._seconds_until_turn(place)
                if seconds is not None and seconds <= 0:
                    self._leave(place)
                    now = self._clock()
                    self._schedule.begin(now, share=self._share() if gives_way else None)
                    return now
                place.called.wait(None if seconds == math.inf else seconds)
            return None

    def pause(self, seconds: float, *, gives_way: bool) -> None:
        """The vendor asked for silence, of all or only of those who give way."""
        with self._lock:
            self._schedule.pause(self._clock() + seconds, gives_way=gives_way)

    def close(self) -> None:
        """Let nobody pass any more."""
        with self._lock:
            self._is_closed = True
            for place in self._waiting:
                place.called.notify()

    def _seconds_until_turn(self, place: _Place) -> float | None:
        """None for whoever is not the first: they are called when they are."""
        if self._waiting[0] is not place:
            return None
        now = self._clock()
        return self._schedule.free_at(now, gives_way=place.gives_way) - now

    def _leave(self, place: _Place) -> None:
        heapq.heappop(self._waiting)
        self._call_next()

    def _call_next(self) -> None:
        if self._waiting:
            self._waiting[0].called.notify()
