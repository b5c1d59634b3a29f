"""Whether the system says the same to the same message typed by another hand; see perturb.py for the changes."""

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bot.dialogue.client import DialogueClient, Question
from bot.dialogue.language import Detector, reply_language
from bot.dialogue.turn import result_of
from bot.evaluation.metrics import share
from bot.evaluation.perturb import ADDING, variants
from bot.evaluation.sets import Utterance
from bot.nlu.text import clean

AT_A_TIME = 2
SAME = "same"
Progress = Callable[[], None]


@dataclass(frozen=True)
class Reading:
    """What the system made of one message: the act acted on, the outcome, the service shown, all that was said."""

    act: str | None
    outcome: str
    service: str | None
    language: str
    said: str


@dataclass(frozen=True)
class Trial:
    """One changed message with the reading of the message itself and of the changed one."""

    id: str
    lang: str
    kind: str
    text: str
    changed: str
    before: Reading
    after: Reading

    @property
    def difference(self) -> str:
        """What differs first: act, outcome, service, language or words; `same` when nothing does."""
        for name in ("act", "outcome", "service"):
            if getattr(self.before, name) != getattr(self.after, name):
                return name
        if self.kind in ADDING or self.before.said == self.after.said:
            return SAME
        return "language" if self.before.language != self.after.language else "words"

    @property
    def is_same(self) -> bool:
        """Whether the citizen got the same answer."""
        return self.difference == SAME

    def to_json(self) -> dict[str, Any]:
        """The trial as the report keeps it; the words said are left out."""
        return {
            "id": self.id,
            "lang": self.lang,
            "kind": self.kind,
            "text": self.text,
            "changed": self.changed,
            "difference": self.difference,
            "before": _short(self.before),
            "after": _short(self.after),
        }


def _short(reading: Reading) -> list[str | None]:
    return [reading.act, reading.outcome, reading.service, reading.language]


def sample(utterances: Sequence[Utterance], size: int | None, seed: int) -> list[Utterance]:
    """So many of them, in their order; all for None."""
    if size is None or size >= len(utterances):
        return list(utterances)
    chosen = set(random.Random(seed).sample(range(len(utterances)), size))  # noqa: S311 (a repeatable draw)
    return [utterance for at, utterance in enumerate(utterances) if at in chosen]


def run(
    client: DialogueClient, detector: Detector, utterances: Sequence[Utterance], seed: int, tick: Progress
) -> list[Trial]:
    """Every message as it is, then changed in every way that fits it; each alone, in a conversation of its own."""

    def one(utterance: Utterance) -> list[Trial]:
        before = read(client, detector, utterance.text)
        trials = [
            Trial(utterance.id, utterance.lang, kind, utterance.text, changed, before, read(client, detector, changed))
            for kind, changed in variants(utterance.text, utterance.lang, utterance.intent, f"{seed}:{utterance.id}")
        ]
        tick()
        return trials

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return [trial for trials in pool.map(one, utterances) for trial in trials]


def read(client: DialogueClient, detector: Detector, text: str) -> Reading:
    """Ask once, as the first message of a new conversation; raises DialogueError."""
    text = clean(text)
    language = reply_language(detector, text, None)
    answer = client.ask(Question(f"robust-{uuid.uuid4()}:0", language.value, text))
    result = result_of(answer, {})
    said = [line for one in result.said for line in (one.text, *(button.title for button in one.buttons))]
    return Reading(
        act=answer.understood[0] if answer.understood else None,
        outcome=result.outcome.value,
        service=result.service_id,
        language=language.value,
        said="\n".join(said),
    )


def report(trials: Sequence[Trial]) -> dict[str, Any]:
    """Shares of answers that stayed the same: of all, by kind of change, by variety, and by both."""
    return {
        "trials": len(trials),
        "same": share(trial.is_same for trial in trials),
        "by_kind": _shares(trials, lambda trial: trial.kind),
        "by_lang": _shares(trials, lambda trial: trial.lang),
        "by_kind_and_lang": _shares(trials, lambda trial: f"{trial.kind}/{trial.lang}"),
        "differences": _counts(trials),
        "misses": [trial.to_json() for trial in trials if not trial.is_same],
    }


def _groups(trials: Sequence[Trial], key: Callable[[Trial], str]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        found[key(trial)].append(trial)
    return dict(sorted(found.items()))


def _shares(trials: Sequence[Trial], key: Callable[[Trial], str]) -> dict[str, dict[str, float | int | None]]:
    return {
        name: {"trials": len(group), "same": share(trial.is_same for trial in group)}
        for name, group in _groups(trials, key).items()
    }


def _counts(trials: Sequence[Trial]) -> dict[str, int]:
    return {name: len(group) for name, group in _groups(trials, lambda trial: trial.difference).items()}


def misses(trials: Sequence[Trial]) -> str:
    """The answers that changed, by kind of change, as a page to read."""
    lines = ["# Answers that changed", ""]
    for kind, group in _groups([trial for trial in trials if not trial.is_same], lambda trial: trial.kind).items():
        lines += [f"## {kind}", ""]
        lines += [
            f"- {trial.id} ({trial.lang}, {trial.difference}) {_line(trial.text)} → {_line(trial.changed)}: "
            f"{_told(trial.before)} → {_told(trial.after)}"
            for trial in group
        ]
        lines.append("")
    return "\n".join(lines)


def _line(text: str) -> str:
    return text.replace("\n", " ⏎ ")


def _told(reading: Reading) -> str:
    return " ".join([reading.act or "–", reading.outcome, reading.service or "–", reading.language])
