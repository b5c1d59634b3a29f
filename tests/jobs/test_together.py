"""Several threads' notes in one transaction: nobody is answered before it is done, and nobody pays for another."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.jobs.together import Together

AT_ONCE = 16
PATIENCE_SECONDS = 10


class Table:
    """Takes lists of numbers; negative ones are refused, and with them the whole list. The first round takes long."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.is_open, self.is_busy = threading.Event(), threading.Event()

    def keep(self, numbers: Sequence[int]) -> None:
        self.is_busy.set()
        assert self.is_open.wait(PATIENCE_SECONDS)
        if min(numbers) < 0:
            raise ValueError(f"{min(numbers)}")
        self.rounds.append(list(numbers))


def test_what_comes_meanwhile_is_done_in_one_round() -> None:
    table = Table()
    keep = Together(table.keep)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        first = pool.submit(keep, 0)
        assert table.is_busy.wait(PATIENCE_SECONDS)
        others = [pool.submit(keep, number) for number in range(1, AT_ONCE)]
        while len(keep._waiting) < AT_ONCE - 1:
            assert not any(one.done() for one in others)
        table.is_open.set()
        for one in [first, *others]:
            one.result(PATIENCE_SECONDS)
    assert [sorted(one) for one in table.rounds] == [[0], list(range(1, AT_ONCE))]


def test_nobody_fails_with_another() -> None:
    table = Table()
    keep = Together(table.keep)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        first = pool.submit(keep, 0)
        assert table.is_busy.wait(PATIENCE_SECONDS)
        others = {number: pool.submit(keep, number) for number in (1, -2, 3, -4)}
        while len(keep._waiting) < len(others):
            assert not first.done()
        table.is_open.set()
        for number, one in others.items():
            if number < 0:
                with pytest.raises(ValueError, match=str(number)):
                    one.result(PATIENCE_SECONDS)
            else:
                one.result(PATIENCE_SECONDS)
    assert [0] in table.rounds
    assert sorted(one for kept in table.rounds for one in kept) == [0, 1, 3]


def test_what_all_share_is_tried_once() -> None:
    tried: list[list[int]] = []
    is_open, is_busy = threading.Event(), threading.Event()

    def fail(numbers: Sequence[int]) -> None:
        is_busy.set()
        assert is_open.wait(PATIENCE_SECONDS)
        tried.append(list(numbers))
        raise TimeoutError

    keep = Together(fail, shared=(OSError,))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        first = pool.submit(keep, 0)
        assert is_busy.wait(PATIENCE_SECONDS)
        others = [pool.submit(keep, number) for number in (1, 2, 3)]
        while len(keep._waiting) < len(others):
            assert not first.done()
        is_open.set()
        for one in [first, *others]:
            with pytest.raises(TimeoutError):
                one.result(PATIENCE_SECONDS)
    assert [sorted(one) for one in tried] == [[0], [1, 2, 3]]


def test_everything_is_done_once_by_many() -> None:
    table = Table()
    table.is_open.set()
    keep = Together(table.keep)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(keep, range(2000)))
    assert sorted(one for kept in table.rounds for one in kept) == list(range(2000))
