"""What several threads want done at the same moment, done in one go: one transaction, and one wait for the disk."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


@dataclass(eq=False)
class _Wish(Generic[Thing]):
    thing: Thing
    is_done: bool = False
    failure: Exception | None = None


class Together(Generic[Thing]):
    """Gathers what comes while the round before is under way; whoever's turn it is does it for all who wait.

    Where a round fails, each is tried alone, unless the failure is one that they share: then nobody waits for others'.
    """

    def __init__(self, do: Callable[[Sequence[Thing]], None], shared: tuple[type[Exception], ...] = ()) -> None:
        self._do, self._shared = do, shared
        self._waiting: list[_Wish[Thing]] = []
        self._gathering, self._round = threading.Lock(), threading.Lock()

    def __call__(self, thing: Thing) -> None:
        """Returns when it is done, alone or with others; raises what it raises when it is done alone, or is shared."""
        wish = _Wish(thing)
        with self._gathering:
            self._waiting.append(wish)
        with self._round:
            if not wish.is_done:
                self._do_all()
        if wish.failure is not None:
            raise wish.failure

    def _do_all(self) -> None:
        with self._gathering:
            wishes, self._waiting = self._waiting, []
        failure = _attempt(self._do, wishes)
        if failure is not None and len(wishes) > 1 and not isinstance(failure, self._shared):
            for wish in wishes:
                _attempt(self._do, [wish])


def _attempt(do: Callable[[Sequence[Thing]], None], wishes: Sequence[_Wish[Thing]]) -> Exception | None:
    """Do it; where it fails, each wish has the failure, until it is tried again."""
    failure: Exception | None = None
    try:
        do([wish.thing for wish in wishes])
    except Exception as error:  # noqa: BLE001 (it is raised where the wish came from)
        failure = error
    for wish in wishes:
        wish.is_done, wish.failure = True, failure
    return failure
