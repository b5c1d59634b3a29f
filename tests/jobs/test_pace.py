"""A pace never lets more calls into a second than the rate, and lets the urgent through first."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.pace import RECENT, SAFETY, Pace, Paces, Schedule, Turnstile

RATE = 50
CAMPAIGN, ANSWER = 2, 0


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make_calls(schedule: Schedule, count: int, late: list[float], *, share: float | None = None) -> list[float]:
    """Calls as soon as they may be made, each so much later as its thread wakes late, and answered at once."""
    now, calls = 100.0, []
    for number in range(count):
        now = max(now, schedule.free_at(now, gives_way=share is not None)) + late[number % len(late)]
        schedule.begin(now, share=share)
        schedule.end(now, 0.0)
        calls.append(now)
    return calls


@given(rate=st.sampled_from([1, 30, 80]), late=st.lists(st.floats(0, 0.3), min_size=20, max_size=200))
def test_no_second_holds_more_calls_than_the_rate(rate: int, late: list[float]) -> None:
    calls = make_calls(Schedule(rate), len(late), late)
    for first, later in zip(calls, calls[rate:], strict=False):
        assert later - first >= 1.0


def arrivals(schedule: Schedule, calls: list[tuple[float, float]]) -> list[float]:
    """When calls reach the vendor that are made as soon as they may: each takes so long there, and so long back."""
    now, arrived = 100.0, []
    under_way: list[tuple[float, float]] = []
    for there, back in calls:
        while (free := schedule.free_at(now, gives_way=False)) > now:
            now = min([free, *(end for end, _ in under_way[:1])])
            while under_way and under_way[0][0] <= now:
                schedule.end(*under_way.pop(0))
        schedule.begin(now)
        arrived.append(now + there)
        under_way = sorted([*under_way, (now + there + back, there + back)])
    return sorted(arrived)


@given(rate=st.sampled_from([3, 30]), calls=st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), max_size=150))
def test_nor_does_any_second_of_the_vendors_however_long_calls_are_on_their_way(
    rate: int, calls: list[tuple[float, float]]
) -> None:
    arrived = arrivals(Schedule(rate), calls)
    for first, later in zip(arrived, arrived[rate:], strict=False):
        assert later - first >= 1.0


@given(late=st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=100))
def test_nor_once_it_is_known_how_long_every_call_takes(late: list[tuple[float, float]]) -> None:
    ways = [(0.05, 0.1)] * RECENT + [(0.05 + there, 0.1 + back) for there, back in late]
    arrived = arrivals(Schedule(30), ways)
    for first, later in zip(arrived, arrived[30:], strict=False):
        assert later - first >= 1.0


def test_a_vendor_far_away_gets_nearly_as_many_as_it_takes() -> None:
    arrived = arrivals(Schedule(30), [(0.1, 0.1)] * (RECENT + 300))[RECENT:]
    assert (len(arrived) - 1) / (arrived[-1] - arrived[0]) >= 0.95 * 30


@given(late=st.lists(st.floats(0, 0.005), min_size=20, max_size=50))
def test_who_wakes_a_little_late_loses_nothing_of_the_rate(late: list[float]) -> None:
    calls = make_calls(Schedule(80), 800, late)
    assert (len(calls) - 1) / (calls[-1] - calls[0]) >= 0.95 * 80


def test_what_gives_way_gets_its_share() -> None:
    calls = make_calls(Schedule(80), 800, [0.0], share=0.8)
    assert (len(calls) - 1) / (calls[-1] - calls[0]) == pytest.approx(80 * 0.8 * SAFETY, rel=0.01)


def test_beside_a_campaign_a_fifth_is_left_for_answers() -> None:
    schedule, now, answers = Schedule(RATE), 100.0, 0
    while now < 110.0:
        campaign, answer = schedule.free_at(now, gives_way=True), schedule.free_at(now, gives_way=False)
        now = max(now, min(campaign, answer))
        is_answer = campaign > now
        schedule.begin(now, share=None if is_answer else 0.8)
        schedule.end(now, 0.0)
        answers += is_answer
    assert answers / 10 == pytest.approx(RATE * 0.2, rel=0.1)


def test_a_vendor_that_asks_campaigns_for_silence_may_still_get_an_answer() -> None:
    schedule = Schedule(RATE)
    schedule.pause(107.0, gives_way=True)
    assert schedule.free_at(100.0, gives_way=True) == 107.0
    assert schedule.free_at(100.0, gives_way=False) < 100.0


def test_the_urgent_overtake_those_who_wait() -> None:
    turnstile, passed = Turnstile(RATE, share=lambda: 0.8), []

    def go(urgency: int) -> None:
        with turnstile.call(urgency, gives_way=urgency == CAMPAIGN) as may_be_made:
            if may_be_made:
                passed.append(urgency)

    turnstile.pause(0.3, gives_way=False)
    threads = [threading.Thread(target=go, args=(urgency,)) for urgency in (CAMPAIGN, CAMPAIGN, ANSWER, ANSWER)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert passed == [ANSWER, ANSWER, CAMPAIGN, CAMPAIGN]


def test_a_turnstile_that_is_closed_lets_nobody_through() -> None:
    turnstile, passed = Turnstile(RATE, share=lambda: 0.8), []
    turnstile.pause(60, gives_way=False)

    def go() -> None:
        with turnstile.call(ANSWER, gives_way=False) as may_be_made:
            passed.append(may_be_made)

    waiting = threading.Thread(target=go)
    waiting.start()
    turnstile.close()
    waiting.join(10)
    go()
    assert passed == [False, False]


def test_real_threads_keep_the_rate() -> None:
    turnstile, moments = Turnstile(RATE, share=lambda: 0.8), []

    def go() -> None:
        with turnstile.call(ANSWER, gives_way=False):
            moments.append(time.monotonic())

    threads = [threading.Thread(target=go) for _ in range(2 * RATE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    moments.sort()
    assert moments[RATE] - moments[0] >= 1.0


def test_a_call_that_hangs_holds_up_the_next_until_it_ends() -> None:
    turnstile, passed = Turnstile(1, share=lambda: 0.8), []

    def go() -> None:
        with turnstile.call(ANSWER, gives_way=False):
            passed.append(time.monotonic())

    with turnstile.call(ANSWER, gives_way=False):
        waiting = threading.Thread(target=go)
        waiting.start()
        waiting.join(0.2)
        assert not passed
        ended = time.monotonic()
    waiting.join(10)
    assert passed[0] - ended >= 1.0


def test_after_silence_a_citizen_may_get_a_few_at_once() -> None:
    paces = Paces(1 / 6, burst=3)
    waits = [paces.of("one").reserve() for _ in range(4)]
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert waits[3] > 5


def test_a_pace_is_even() -> None:
    clock = Clock()
    pace = Pace(10, clock=clock)
    for _ in range(100):
        clock.now += pace.reserve()
    assert 99 / (clock.now - 100.0) == pytest.approx(10 * SAFETY, rel=0.01)
