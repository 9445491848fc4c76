"""YAML text in, checked values out, every fault with its file and line.

Home of PyYAML and pydantic. Only the parser's events are taken from the library; what they mean is
decided here, and more strictly than YAML: no anchors, no aliases, no tags, no duplicate keys,
bounded size and depth, and the scalars of YAML 1.2, so ``no`` and ``07:00`` stay text. Never opens
a file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from monitor.errors import InputError, Problem

__all__ = [
    "BeforeValidator",
    "Document",
    "Field",
    "Tree",
    "check",
    "field_validator",
    "model_validator",
    "parse",
]

#: Of a file; feeds.yaml with ten thousand feeds has 1 to 3 MB.
MAX_BYTES = 4_000_000
MAX_DEPTH = 30
#: The parser in C, which PyYAML's wheels bring; the one in Python takes ten times as long.
_LOADER = getattr(yaml, "CLoader", yaml.Loader)
Path = tuple[str | int, ...]
D = TypeVar("D", bound="Document")


class Document(BaseModel):
    """A part of a file that a user edits: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


class Tree:
    """Plain data read from a YAML text, with the line of every key and list element."""

    def __init__(self, source: str, data: Any, lines: dict[Path, int]) -> None:
        self.source = source
        self.data = data
        self._lines = lines

    def line(self, path: Path) -> int:
        """Return the line (from 1) of the nearest known ancestor of ``path``."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def holds(self, path: Path) -> bool:
        """Tell whether something stands at ``path``."""
        return path in self._lines

    def problem(self, path: Path, code: str, what: str, hint: str = "") -> Problem:
        return Problem(self.source, self.line(path), code, what, hint)


def parse(text: str, source: str) -> Tree:
    """Read one YAML document.

    Raises InputError: Y001 syntax, Y002 duplicate key, Y003 anchor, alias or tag, Y004 too large or
    too deep.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise _refusal(source, 1, "Y004", "the file is larger than 4 MB", "split it")
    builder = _Builder(text.removeprefix("\ufeff"), source)
    try:
        data = builder.document()
    except yaml.MarkedYAMLError as error:
        raise _syntax(source, error) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _refusal(source, 1, "Y001", f"not readable as YAML: {_plain(error)}") from error
    return Tree(source, data, builder.lines)


def check(model: type[D], tree: Tree, *, path: Path = ()) -> D:
    """Return ``tree.data``, or its part at ``path``, as ``model``; InputError tells all faults."""
    data = tree.data
    for step in path:
        data = data[step]
    if not isinstance(data, dict):
        what = "a mapping of keys to values is wanted here"
        raise InputError([tree.problem(path, "Y010", what, "write 'key: value' lines")])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = [_explain(model, tree, path, item) for item in error.errors()]
        raise InputError(_once_each(found)) from None


class _Builder:
    """Plain data out of the parser's events, in one pass."""

    def __init__(self, text: str, source: str) -> None:
        self.lines: dict[Path, int] = {}
        self._source = source
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Any:
        """Return what the one document of the text holds; None for a text without any."""
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        data = self._node(next(self._events), (), 0)
        next(self._events)
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            line = _line(more)
            raise _refusal(self._source, line, "Y001", "a second document begins here", "split it")
        return data

    def _node(self, event: yaml.Event, path: Path, depth: int) -> Any:
        line = _line(event)
        self._guard(event, line)
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if depth >= MAX_DEPTH:
            raise _refusal(self._source, line, "Y004", f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._elements(path, depth + 1))
        return self._mapping(path, depth + 1)

    def _guard(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            what = "anchors and aliases are not allowed"
            raise _refusal(self._source, line, "Y003", what, "write the value out")
        if tag := getattr(event, "tag", None):
            what = f"the tag {_short(tag)} is not allowed"
            raise _refusal(self._source, line, "Y003", what, "remove it")

    def _elements(self, path: Path, depth: int) -> Iterator[Any]:
        for number, event in enumerate(self._events):
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, (*path, number), depth)

    def _mapping(self, path: Path, depth: int) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = _line(event)
            self._guard(event, line)
            if not isinstance(event, yaml.ScalarEvent):
                raise _refusal(self._source, line, "Y001", "a key must be plain text")
            key = str(event.value)
            if key in built:
                raise _refusal(
                    self._source, line, "Y002", f"the key '{key}' stands twice", "keep one"
                )
            here = (*path, key)
            self.lines[here] = line
            built[key] = self._node(next(self._events), here, depth)
        return built


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _short(tag: str) -> str:
    """Return a tag as its author wrote it."""
    return tag.replace("tag:yaml.org,2002:", "!!")


def _scalar(event: yaml.ScalarEvent) -> Any:
    """YAML 1.2 core schema, decided on plain scalars only; all else stays text."""
    value = str(event.value)
    if event.style in {"'", '"', "|", ">"}:
        return value
    if value in {"true", "True", "TRUE"}:
        return True
    if value in {"false", "False", "FALSE"}:
        return False
    if value in {"", "~", "null", "Null", "NULL"}:
        return None
    return _number(value)


def _number(value: str) -> Any:
    digits = value.lstrip("+-")
    if (
        not value.isascii()
        or not digits[:1].isdigit()
        or (digits[:1] == "0" and digits[1:2].isdigit())
    ):
        return value
    for kind in (int, float):
        try:
            return kind(value) if "_" not in value else value
        except ValueError:
            continue
    return value


def _refusal(source: str, line: int, code: str, what: str, hint: str = "") -> InputError:
    return InputError([Problem(source, line, code, what, hint)])


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _syntax(source: str, error: yaml.MarkedYAMLError) -> InputError:
    mark = error.problem_mark or error.context_mark
    what = str(error.problem or error.context or "not readable as YAML")
    hint = "look at the indentation and the quotes on this line and the one above"
    return _refusal(source, mark.line + 1 if mark else 1, "Y001", what, hint)


def _explain(model: type[Document], tree: Tree, base: Path, error: ErrorDetails) -> Problem:
    path = (*base, *_without_tags(tree, base, error["loc"]))
    kind = error["type"]
    if kind not in {"extra_forbidden", "missing"} and not tree.holds(path):
        path = path[:-1]  # the last step was one kind of a union
    name = str(path[-1]) if path else ""
    where = ".".join(str(step) for step in path)
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(name, _known_keys(model, error["loc"]), 1)
        hint = f"did you mean '{close[0]}'?" if close else "remove it or see docs/configuration.md"
        return tree.problem(path, "Y011", f"unknown key '{where}'", hint)
    if kind == "missing":
        return tree.problem(path[:-1], "Y012", f"the key '{where}' is missing", "add it")
    message = error["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return tree.problem(path, "Y013", f"'{where}': {message}")


def _once_each(problems: Sequence[Problem]) -> list[Problem]:
    """Keep the first of the complaints about one place: a union complains once for each kind."""
    kept: dict[tuple[int, str, str], Problem] = {}
    for one in problems:
        where = one.what.partition(": ")[0] if one.code == "Y013" else one.what
        kept.setdefault((one.line, one.code, where), one)
    return list(kept.values())


def _without_tags(tree: Tree, base: Path, loc: Path) -> Path:
    """Leave out what pydantic adds for a union of kinds: it stands in no file."""
    data = tree.data
    for step in base:
        data = data[step]
    kept: list[str | int] = []
    for place, step in enumerate(loc):
        inside = isinstance(data, dict | list)
        found = inside and (step in data if isinstance(data, dict) else isinstance(step, int))
        if not found and place < len(loc) - 1:
            continue
        kept.append(step)
        data = data[step] if found else None
    return tuple(kept)


def _known_keys(model: type[Document], loc: Path) -> list[str]:
    """Names that would have been right beside the unknown key at the end of ``loc``."""
    here: list[type[Document]] = [model]
    for step in loc[:-1]:
        deeper = [
            found
            for one in here
            for name, info in one.model_fields.items()
            if step in {name, info.alias}
            for found in _documents_in(info.annotation)
        ]
        tagged = [one for one in here if step in _tags(one)]
        here = deeper or tagged or here
    return [info.alias or name for one in here for name, info in one.model_fields.items()]


def _tags(model: type[Document]) -> tuple[Any, ...]:
    """Return the words by which ``type:`` chooses this document."""
    info = model.model_fields.get("type")
    return tuple(getattr(info.annotation, "__args__", ())) if info else ()


def _documents_in(annotation: Any) -> list[type[Document]]:
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return [annotation]
    parts = getattr(annotation, "__args__", ())
    return [found for part in parts for found in _documents_in(part)]
