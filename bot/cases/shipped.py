"""What a new desk has at hand: replies kept ready and labels, from data/desk; faults there are told with their line."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.cases.checks import COLOURS, ReadyReply, find_wrongs
from bot.cases.errors import Wrong
from bot.cases.models import Canned, Label
from bot.catalogue.schema_types import NameTexts, Strict, Texts
from bot.errors import JawabError
from bot.nlu.languages import Language
from bot.nlu.text import normalise
from bot.settings import REPOSITORY

REPLIES = REPOSITORY / "data" / "desk" / "canned.yaml"
LABELS = REPOSITORY / "data" / "desk" / "labels.yaml"
Shape = TypeVar("Shape", bound=Strict)


class ShippedError(JawabError):
    """A file of data/desk does not say what it should."""


class _Reply(Strict):
    shortcut: str
    title: str
    bodies: Texts


class _Label(Strict):
    id: str
    colour: str
    names: NameTexts


def begin_with_replies(session: Session) -> bool:
    """Keep the shipped replies ready where there are none; gives whether there are any now that were not."""
    if session.scalar(select(exists(select(Canned.id)))):
        return False
    rows = [
        {
            "shortcut": one.shortcut,
            "title": one.title,
            "bodies": {language.value: body for language, body in one.bodies.items()},
            "folded": fold(one),
        }
        for one in read_replies()
    ]
    session.execute(insert(Canned).on_conflict_do_nothing(index_elements=["shortcut"]), rows)
    return True


def begin_with_labels(session: Session) -> None:
    """Have the shipped labels where there are none."""
    session.execute(insert(Label).on_conflict_do_nothing(index_elements=["id"]), read_labels())


def fold(reply: ReadyReply) -> str:
    """What a reply is found by."""
    return normalise(" ".join([reply.shortcut, reply.title, *reply.bodies.values()]))


@lru_cache(maxsize=4)
def read_replies(path: Path = REPLIES) -> Sequence[ReadyReply]:
    """The shipped replies, in all languages; raises ShippedError."""
    found = []
    for values, node in _entries(path, "replies"):
        given = _checked(_Reply, values, path, node)
        reply = ReadyReply(given.shortcut, given.title, given.bodies)
        wrongs = [*find_wrongs(reply), *_missing(given.bodies)]
        if wrongs:
            field, _, language = wrongs[0].name.partition(".")
            raise ShippedError(f"{path}, line {_line_of(node, field, language)}: {reply.shortcut}: {wrongs[0]}")
        found.append(reply)
    return found


@lru_cache(maxsize=4)
def read_labels(path: Path = LABELS) -> Sequence[dict[str, Any]]:
    """The shipped labels as rows; raises ShippedError."""
    found = []
    for values, node in _entries(path, "labels"):
        label = _checked(_Label, values, path, node)
        if label.colour not in COLOURS:
            raise ShippedError(f"{path}, line {_line_of(node, 'colour')}: {label.id}: there is no such colour")
        found.append({**label.model_dump(), "names": {key.value: name for key, name in label.names.items()}})
    return found


def _missing(bodies: Texts) -> list[Wrong]:
    return [Wrong("bodies", "language_missing", {"language": one.value}) for one in Language if one not in bodies]


def _entries(path: Path, kind: str) -> list[tuple[Any, yaml.Node]]:
    """The entries of a file, each with where it stands."""
    text = path.read_text(encoding="utf-8")
    try:
        values, document = yaml.safe_load(text), yaml.compose(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ShippedError(f"{path}, line {line}: {error.problem}") from error
    node = _value_of(document, kind)
    if not isinstance(node, yaml.SequenceNode):
        raise ShippedError(f"{path}, line 1: it has no {kind}")
    return list(zip(values[kind], node.value, strict=True))


def _checked(shape: type[Shape], values: Any, path: Path, node: yaml.Node) -> Shape:
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        # A word that is misspelt is also missing: the first of the two has a line.
        first = min(error.errors(include_url=False), key=lambda one: one["type"] == "missing")
        where = [str(part) for part in first["loc"]]
        raise ShippedError(f"{path}, line {_line_of(node, *where)}: {'.'.join(where)}: {first['msg']}") from error


def _line_of(node: yaml.Node, *where: str) -> int:
    """The line of what stands deepest on the way; that of the entry where it has nothing of it."""
    for part in where:
        node = _value_of(node, part) or node
    return int(node.start_mark.line) + 1


def _value_of(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
