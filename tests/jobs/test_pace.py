"""A pace never lets more calls into a second than the rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.pace import Pace, Paces


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@given(rate=st.sampled_from([1, 30, 80]), pauses=st.lists(st.floats(0, 2), min_size=20, max_size=200))
def test_no_second_holds_more_calls_than_the_rate(rate: int, pauses: list[float]) -> None:
    clock, calls = Clock(), []
    pace = Pace(rate, clock=clock)
    for pause in pauses:
        clock.now += pause / rate
        clock.now += pace.reserve()
        calls.append(clock.now)
    for first, later in zip(calls, calls[rate:], strict=False):
        assert later - first >= 1.0


def test_a_rate_is_reached_to_95_percent() -> None:
    clock = Clock()
    pace = Pace(80, clock=clock)
    for _ in range(800):
        clock.now += pace.reserve()
    assert 800 / (clock.now - 100.0) == pytest.approx(80 * 0.97, rel=0.01)


def test_after_silence_a_citizen_may_get_a_few_at_once() -> None:
    paces = Paces(1 / 6, burst=3)
    waits = [paces.of("one").reserve() for _ in range(4)]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert waits[3] > 5


def test_a_vendor_that_asks_for_silence_gets_it() -> None:
    clock = Clock()
    pace = Pace(30, clock=clock)
    pace.pause(7)
    assert pace.seconds_until_free() == pytest.approx(7)
