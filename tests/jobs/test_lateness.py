"""Answers that come late are noticed, for as long as they are new."""

import pytest

from bot.jobs import lateness
from bot.jobs.lateness import LOOKED_AT, SOON_SECONDS, SPAN_SECONDS, Lateness
from bot.jobs.pump import BESIDE_LATE_ANSWERS, CAMPAIGN_SHARE, _campaign_share


class Clock:
    """A clock that a test winds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def noted(clock: Clock, *seconds: float) -> Lateness:
    found = Lateness(clock)
    for one in seconds:
        found.note(one)
    return found


def test_one_late_answer_may_be_chance_and_two_are_not() -> None:
    late = SOON_SECONDS + 0.1
    assert not noted(Clock()).is_late()
    assert not noted(Clock(), late, 0.1, 0.2).is_late()
    assert noted(Clock(), late, 0.1, late).is_late()


def test_what_is_long_ago_or_outnumbered_does_not_count() -> None:
    late, clock = SOON_SECONDS + 0.1, Clock()
    answers = noted(clock, late, late)
    clock.now += SPAN_SECONDS + 1
    assert not answers.is_late()
    assert not noted(Clock(), late, late, *[0.1] * LOOKED_AT).is_late()


def test_campaigns_nearly_stop_while_answers_come_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "answers", noted(Clock()))
    assert _campaign_share() == CAMPAIGN_SHARE
    monkeypatch.setattr(lateness, "answers", noted(Clock(), 5.0, 5.0))
    assert _campaign_share() == BESIDE_LATE_ANSWERS
