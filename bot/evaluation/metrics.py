"""The numbers of an evaluation, as defined in eval/README.md."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "unknown"
UNKNOWN_OUTCOME = "unknown_service"
CLARIFIED = "clarified"
OUT_OF_SCOPE = "out_of_scope"
TOP = 3


@dataclass(frozen=True)
class Row:
    """One message of the set with what the system made of it; `ranked` is best first, empty when none is proposed.

    `choices` are the services that were offered as "which of these do you mean?".
    """

    id: str
    lang: str
    text: str
    intent: str
    service: str
    predicted: str
    confidence: float
    ranked: Sequence[str] = ()
    outcome: str = ""
    choices: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """The row of the report."""
        return {
            "id": self.id,
            "lang": self.lang,
            "expected_intent": self.intent,
            "expected_service": self.service,
            "predicted_intent": self.predicted,
            "confidence": round(self.confidence, 4),
            "ranked_services": list(self.ranked),
            "outcome": self.outcome,
            "choices": list(self.choices),
        }


@dataclass(frozen=True)
class Turn:
    """One turn of a dialogue with the reply that the running system gave; `passed` is None without facts."""

    dialogue: str
    turn: int
    lang: str
    text: str
    intent: str
    service: str | None
    predicted: str
    predicted_service: str | None
    outcome: str
    reply: str
    passed: bool | None
    missing: Sequence[str] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The turn of the report."""
        return {
            "dialogue": self.dialogue,
            "turn": self.turn,
            "lang": self.lang,
            "text": self.text,
            "expected_intent": self.intent,
            "predicted_intent": self.predicted,
            "expected_service": self.service,
            "service": self.predicted_service,
            "outcome": self.outcome,
            "reply_text": self.reply,
            "passed": self.passed,
            "missing": list(self.missing),
        }


def share(flags: Iterable[bool]) -> float | None:
    """The part that is true; None of nothing."""
    known = list(flags)
    return round(sum(known) / len(known), 4) if known else None


def f1(pairs: Iterable[tuple[bool, bool]]) -> float | None:
    """F1 of (expected, predicted) pairs; None when nothing was expected nor predicted."""
    counts = Counter(pairs)
    both, missed, wrong = counts[True, True], counts[True, False], counts[False, True]
    total = 2 * both + missed + wrong
    return round(2 * both / total, 4) if total else None


def macro_f1(rows: Sequence[Row]) -> float | None:
    """The mean F1 of the labels present in the rows."""
    labels = {row.intent for row in rows}
    scores = [f1((row.intent == label, row.predicted == label) for row in rows) or 0.0 for label in labels]
    return round(sum(scores) / len(scores), 4) if scores else None


def row_metrics(rows: Sequence[Row]) -> dict[str, float | int | None]:
    """All numbers that single messages give."""
    known = [row for row in rows if row.service and row.service != UNKNOWN]
    asking = [row for row in rows if row.service]
    return {
        "rows": len(rows),
        "intent_accuracy": share(row.predicted == row.intent for row in rows),
        "intent_macro_f1": macro_f1(rows),
        "service_recall_at_1": share(list(row.ranked[:1]) == [row.service] for row in known),
        "service_recall_at_3": share(row.service in row.ranked[:TOP] for row in known),
        "out_of_scope_f1": f1((row.intent == OUT_OF_SCOPE, row.predicted == OUT_OF_SCOPE) for row in rows),
        "unknown_service_f1": f1((row.service == UNKNOWN, row.outcome == UNKNOWN_OUTCOME) for row in asking),
        "clarified": share(row.outcome == CLARIFIED for row in known),
        "clarified_with_right_choice": share(row.service in row.choices for row in known if row.outcome == CLARIFIED),
    }


def turn_metrics(turns: Sequence[Turn]) -> dict[str, float | int | None]:
    """All numbers that dialogues give."""
    checked = [turn for turn in turns if turn.passed is not None]
    whole: dict[str, bool] = defaultdict(lambda: True)
    for turn in turns:
        whole[turn.dialogue] = whole[turn.dialogue] and turn.passed is not False
    served = [turn for turn in turns if turn.service and turn.service != UNKNOWN]
    return {
        "dialogue_turns": len(checked),
        "dialogue_turns_passed": sum(bool(turn.passed) for turn in checked),
        "turn_intent_accuracy": share(turn.predicted == turn.intent for turn in turns),
        "turn_service_accuracy": share(turn.predicted_service == turn.service for turn in served),
        "dialogues": len(whole),
        "dialogues_completed": sum(whole.values()),
    }


def report(rows: Sequence[Row], turns: Sequence[Turn]) -> dict[str, Any]:
    """The whole report: overall, by language, rows and turns."""
    languages = sorted({row.lang for row in rows} | {turn.lang for turn in turns})
    return {
        "overall": {**row_metrics(rows), **turn_metrics(turns)},
        "by_lang": {
            language: {
                **row_metrics([row for row in rows if row.lang == language]),
                **turn_metrics([turn for turn in turns if turn.lang == language]),
            }
            for language in languages
        },
        "rows": [row.to_json() for row in rows],
        "turns": [turn.to_json() for turn in turns],
    }
