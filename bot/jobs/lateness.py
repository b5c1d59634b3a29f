"""Whether citizens wait too long for answers at this moment: then what nobody waits for stands back."""

import time
from collections import deque
from collections.abc import Callable

# Whoever waits longer than this notices it.
SOON_SECONDS = 1.0
# So many of the last answers, and not older than this, are looked at; some of them late is too many.
LOOKED_AT, SPAN_SECONDS, TOO_MANY = 20, 10.0, 2

Clock = Callable[[], float]


class Lateness:
    """How the last answers fared in this process; a lone late one may be chance."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._late: deque[tuple[float, bool]] = deque(maxlen=LOOKED_AT)

    def note(self, seconds: float) -> None:
        """An answer is made, so long after the citizen's message came."""
        self._late.append((self._clock(), seconds > SOON_SECONDS))

    def is_late(self) -> bool:
        """Whether answers come late now."""
        since = self._clock() - SPAN_SECONDS
        return sum(is_late and at >= since for at, is_late in tuple(self._late)) >= TOO_MANY


answers = Lateness()
