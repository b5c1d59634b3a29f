"""Whether a classifier that says 0.9 is right nine times in ten, and the temperature that makes it so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

BINS = 10
TINY = 1e-12


@dataclass(frozen=True)
class Bin:
    """Messages whose confidence lies in one tenth: how many, how sure on average, how often right."""

    count: int
    confidence: float
    accuracy: float


def bins_of(confidences: np.ndarray, right: np.ndarray) -> list[Bin]:
    """The ten tenths in order, empty ones with zeros."""
    places = np.minimum((confidences * BINS).astype(int), BINS - 1)
    found = []
    for number in range(BINS):
        inside = places == number
        count = int(inside.sum())
        means = (float(confidences[inside].mean()), float(right[inside].mean())) if count else (0.0, 0.0)
        found.append(Bin(count, *means))
    return found


def expected_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (Naeini 2015): the mean gap of confidence and accuracy, weighted by count."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / max(total, 1)


def warmed(chances: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities after dividing the scores by a temperature: above 1 less sure, below 1 surer; shape unchanged."""
    scores = np.log(np.maximum(chances, TINY)) / temperature
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: np.ndarray = odds / odds.sum(axis=1, keepdims=True)
    return shares


def temperature_of(chances: np.ndarray, truth: np.ndarray) -> float:
    """The temperature under which the true labels (column numbers) are likeliest (Guo et al. 2017)."""
    rows = np.arange(len(truth))

    def surprise(logarithm: float) -> float:
        likely = warmed(chances, float(np.exp(logarithm)))[rows, truth]
        return -float(np.log(np.maximum(likely, TINY)).mean())

    found = minimize_scalar(surprise, bounds=(np.log(0.2), np.log(5.0)), method="bounded")
    return round(float(np.exp(found.x)), 3)


def threshold_of(confidences: np.ndarray, right: np.ndarray, worth: float = 0.4) -> float:
    """The confidence from which on acting pays, when it does so if it is right in at least this share of cases.

    To be asked to say it again costs a citizen something too, so that a wrong answer is not the only loss.
    """
    order = np.argsort(-confidences, kind="stable")
    gain = np.cumsum(np.where(right[order] > 0, 1 - worth, -worth))
    return round(float(confidences[order][int(gain.argmax())]), 3)
