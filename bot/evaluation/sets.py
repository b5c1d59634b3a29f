"""Evaluation sets: read, checked, and facts matched as eval/README.md says. Further columns and keys are ignored."""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import JawabError
from bot.nlu.text import normalise

COLUMNS = ("id", "lang", "text", "intent", "service")
_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬", "01234567890123456789.,")
_NUMBER = re.compile(r"^\d+([.,]\d+)?$")
_PHONE_LENGTH = 9
_INVISIBLE = re.compile(r"[\u200e\u200f\u2066-\u2069\u202a-\u202e]")


class EvaluationError(JawabError):
    """An evaluation set cannot be read; the message names the line."""


@dataclass(frozen=True)
class Utterance:
    """One message with its intent and service ('' when it names none)."""

    id: str
    lang: str
    text: str
    intent: str
    service: str


@dataclass(frozen=True)
class DialogueTurn:
    """One turn of a citizen, and the facts that its reply has to show."""

    text: str
    intent: str
    service: str | None
    must_contain: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialogue:
    """A conversation: the citizen's turns in order."""

    id: str
    lang: str
    turns: tuple[DialogueTurn, ...] = field(default=())


def read_utterances(path: Path) -> list[Utterance]:
    """The rows of a tab-separated file with a header; raises EvaluationError with the line."""
    with _opened(path) as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
        if missing:
            raise EvaluationError(f"{path}: line 1: column missing: {', '.join(missing)}")
        rows = []
        for row in reader:
            if any(row[column] is None for column in COLUMNS):
                raise EvaluationError(f"{path}: line {reader.line_num}: too few columns")
            rows.append(Utterance(**{column: row[column].strip() for column in COLUMNS}))
    return rows


def read_dialogues(path: Path) -> list[Dialogue]:
    """The dialogues of a YAML file; raises EvaluationError."""
    with _opened(path) as file:
        try:
            document = yaml.safe_load(file)
        except yaml.YAMLError as error:
            raise EvaluationError(f"{path}: {error}") from error
    try:
        return [_dialogue(one) for one in document["dialogues"]]
    except (KeyError, TypeError) as error:
        raise EvaluationError(f"{path}: a dialogue lacks {error}") from error


def _dialogue(one: dict[str, Any]) -> Dialogue:
    turns = tuple(
        DialogueTurn(
            text=str(turn["text"]),
            intent=turn["intent"],
            service=turn.get("service"),
            must_contain=tuple(str(fact) for fact in turn.get("must_contain") or ()),
        )
        for turn in one["turns"]
    )
    return Dialogue(str(one["id"]), str(one["lang"]), turns)


def _opened(path: Path) -> Any:
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror}") from error


def shows(reply: str, fact: str) -> bool:
    """Whether a reply shows a fact: a number as a whole number in any usual form, a text without regard to case."""
    plain = _INVISIBLE.sub("", reply).translate(_EASTERN)
    wanted = fact.translate(_EASTERN)
    if wanted.isdigit() and len(wanted) >= _PHONE_LENGTH:
        return wanted in re.sub(r"[\s.\-]", "", plain)
    if _NUMBER.match(wanted):
        return _shows_number(plain, wanted)
    return wanted.casefold() in plain.casefold() or normalise(wanted) in normalise(plain)


def _shows_number(plain: str, wanted: str) -> bool:
    whole, _, fraction = wanted.replace(",", ".").partition(".")
    grouped = f"{int(whole):,}".replace(",", r"[\s.,\u00a0\u202f]?") if len(whole) > 3 else re.escape(whole)  # noqa: PLR2004
    pattern = grouped + (rf"[.,]{fraction}" if fraction else r"(?:[.,]0+)?")
    return re.search(rf"(?<![\d.,]){pattern}(?![\d]|[.,]\d)", plain) is not None or (
        re.search(rf"(?<!\d){pattern}(?!\d|[.,]\d)", plain) is not None
    )
