"""Read and write catalogue files (YAML), and check them as a whole before anything is stored."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bot.catalogue.fits import Misfit, misfits
from bot.catalogue.schemas import CatalogueFile, Entry, Service, Term
from bot.errors import JawabError

KINDS: tuple[str, ...] = (
    "services",
    "offices",
    "deadlines",
    "holidays",
    "emergency_numbers",
    "rumours",
    "faq",
    "topics",
    "terms",
)


class CatalogueError(JawabError):
    """A file cannot be taken; `problems` names file, entry and field of each fault, and nothing was changed."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass
class Bundle:
    """All entries of some files together, by kind, in the files' order; `files` says for each where it stands.

    `notes` name what will arrive in another form than it is written, as in several messages.
    """

    entries: dict[str, list[Entry | Term]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    files: dict[str, list[Path]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    notes: list[str] = field(default_factory=list)

    def ids(self, kind: str) -> list[str]:
        """The ids of one kind, in order."""
        return [entry.id for entry in self.entries[kind]]


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML without surprises: a key given twice is an error, and every error has its line."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # 2026-02-30 looks like a date, but is none.
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.MarkedYAMLError(problem="a key must be a word", problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"key {key!r} is given twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return dict(super().construct_mapping(node, deep))


def catalogue_paths(paths: Iterable[Path]) -> list[Path]:
    """Files as given; folders give their *.yaml and *.yml below, sorted. Raises CatalogueError when one is missing."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix in {".yaml", ".yml"})
        elif path.is_file():
            found.append(path)
        else:
            raise CatalogueError([f"{path}: no such file or folder"])
    return found


def read_bundle(paths: Iterable[Path]) -> Bundle:
    """Read and check files; raises CatalogueError with every problem found, not only the first."""
    bundle, problems = Bundle(), list[str]()
    for path in catalogue_paths(paths):
        try:
            parsed = _read_file(path)
        except CatalogueError as error:
            problems += error.problems
        else:
            for kind in KINDS:
                bundle.entries[kind] += getattr(parsed, kind)
                bundle.files[kind] += [path] * len(getattr(parsed, kind))
    problems += _duplicates(bundle)
    problems += _look_at_limits(bundle)
    if problems:
        raise CatalogueError(problems)
    return bundle


def _read_file(path: Path) -> CatalogueFile:
    document = _read_yaml(path)
    try:
        return CatalogueFile.model_validate(document)
    except ValidationError as error:
        raise CatalogueError(_explain(path, document, error)) from error


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a safe loader's child)
    except UnicodeDecodeError as error:
        raise CatalogueError([f"{path}: not UTF-8 ({error.reason} at byte {error.start})"]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise CatalogueError([f"{path}{line}: {error.problem}"]) from error
    except yaml.reader.ReaderError as error:
        raise CatalogueError([f"{path}: {error.reason} (at character {error.position + 1})"]) from error


def _explain(path: Path, document: Any, error: ValidationError) -> list[str]:
    """One line a fault: file, entry, field, what is wrong."""
    raw = error.errors(include_url=False)
    lines = []
    for fault in raw:
        where = list(fault["loc"])
        entry = ""
        if len(where) > 1 and isinstance(where[1], int):
            item = document[where[0]][where[1]]
            name = item.get("id", f"entry {where[1] + 1}") if isinstance(item, dict) else f"entry {where[1] + 1}"
            entry, where = f" {where[0]}: {name}:", where[2:]
        fields = ".".join(str(part) for part in where)
        message = fault["msg"].removeprefix("Value error, ")
        lines.append(f"{path}:{entry} {fields}: {message}" if fields else f"{path}:{entry} {message}")
    return lines


def _duplicates(bundle: Bundle) -> list[str]:
    repeated = {kind: Counter(bundle.ids(kind)) for kind in KINDS}
    return [
        f"{path}: {kind}: {entry.id}: id: is used {repeated[kind][entry.id]} times"
        for kind, entry, path in _placed(bundle)
        if repeated[kind][entry.id] > 1
    ]


def _look_at_limits(bundle: Bundle) -> list[str]:
    """What would not arrive on some channel, one line each; what arrives in another form is noted."""
    fatal: list[str] = []
    documents: dict[Path, yaml.Node | None] = {}
    for kind, entry, path in _placed(bundle):
        for misfit in misfits(entry):
            if path not in documents:
                documents[path] = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
            line = _line_of(documents[path], kind, entry.id, misfit)
            words = f"{path}{f', line {line}' if line else ''}: {kind}: {entry.id}: {misfit}"
            (fatal if misfit.breach.is_fatal else bundle.notes).append(words)
    return fatal


def _line_of(document: yaml.Node | None, kind: str, entry_id: str, misfit: Misfit) -> int | None:
    """The line in which a text stands, or begins."""
    entries = _child(document, kind)
    for entry in entries.value if isinstance(entries, yaml.SequenceNode) else []:
        name = _child(entry, "id")
        if isinstance(name, yaml.ScalarNode) and name.value == entry_id:
            field = _child(entry, misfit.field) or entry
            found = _child(field, misfit.language.value if misfit.language else "") or _scalar(field, misfit.text)
            return int((found or field).start_mark.line) + 1
    return None


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _scalar(node: yaml.Node, text: str) -> yaml.Node | None:
    """The first value below a node that is this text."""
    if isinstance(node, yaml.ScalarNode):
        return node if text and node.value == text else None
    below = [one for pair in node.value for one in pair] if isinstance(node, yaml.MappingNode) else node.value
    return next((found for one in below if (found := _scalar(one, text))), None)


def unknown_references(bundle: Bundle, known_services: set[str]) -> list[str]:
    """References to services that are in neither the bundle nor the database, one line each."""
    services = known_services | set(bundle.ids("services"))
    return [
        f"{path}: {kind}: {entry.id}: {field}: no service {reference!r}"
        for kind, entry, path in _placed(bundle)
        for field, reference in _references(entry)
        if reference not in services
    ]


def _references(entry: Entry | Term) -> Iterator[tuple[str, str]]:
    for reference in getattr(entry, "services", []):
        yield "services", reference
    if isinstance(entry, Service) and entry.ceiling and entry.ceiling.otherwise:
        yield "ceiling.otherwise", entry.ceiling.otherwise


def _placed(bundle: Bundle) -> Iterator[tuple[str, Entry | Term, Path]]:
    for kind in KINDS:
        for entry, path in zip(bundle.entries[kind], bundle.files[kind], strict=True):
            yield kind, entry, path


class _Dumper(yaml.SafeDumper):
    """Block style with indented lists, as the shipped files are written."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, indentless=False)


def dump_bundle(bundle: Bundle) -> str:
    """The bundle as one YAML file that reads back to the same entries."""
    document: dict[str, Any] = {"version": 1}
    for kind in KINDS:
        if bundle.entries[kind]:
            document[kind] = [entry.model_dump(mode="json", exclude_defaults=True) for entry in bundle.entries[kind]]
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
