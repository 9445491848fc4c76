"""Rewrite the parts of these pages that are made from the program itself: ``make docs``.

A made part stands between two comment lines that bear its name. What is made: the tables of keys
in configuration.md, every command in commands.md, the list of modules in architecture.md. A test
compares the pages with what this file makes, so no page can fall behind. Touches only this folder.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from monitor.cli import main as program
from monitor.config import Settings
from monitor.documents import Document
from monitor.feeds.catalogue import Catalogue
from monitor.times import human

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "monitor"
_BLOCK = "<!-- made by `make docs`: {name} -->\n{body}<!-- end of {name} -->\n"
_EXAMPLE = re.compile(r"^Example: (.+)$")
_SHAPE = re.compile(r"(\{(?:[^{}]|\{[^{}]*\})*\})")
_BOUNDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "min_length": "not empty"}

Row = tuple[str, str, str]


def made() -> dict[str, dict[str, str]]:
    """Return page -> name of the part -> its Markdown."""
    return {
        "configuration.md": {
            "keys of newsmonitor.yaml": table(("key", "default", "meaning"), keys_of(Settings)),
            "keys of feeds.yaml": table(("key", "default", "meaning"), keys_of(Catalogue)),
        },
        "commands.md": {"commands": commands()},
        "architecture.md": {"modules": modules()},
    }


def renewed(text: str, parts: dict[str, str]) -> str:
    """Return a page with its made parts as they must be; ValueError when a mark is missing."""
    for name, body in parts.items():
        head, end = _BLOCK.format(name=name, body="").splitlines(keepends=True)
        if (text.count(head), text.count(end)) != (1, 1):
            raise ValueError(f"the marks of '{name}' do not stand in the page, once each")
        before, after = text.partition(head)[0], text.partition(end)[2]
        text = before + _BLOCK.format(name=name, body=f"\n{body}\n") + after
    return text


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell(one) for one in line)} |\n" for line in lines)


def cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def keys_of(model: type[Document], prefix: str = "", kind: str = "") -> Iterator[Row]:
    """Yield one row per key, sections first, then what stands in them."""
    for name, info in model.model_fields.items():
        key = prefix + (info.alias or name)
        yield f"`{key}`", _default(info), _meaning(model, info, kind)
        for inner, step in _sections(info.annotation):
            several = len(_sections(info.annotation)) > 1
            yield from keys_of(inner, f"{key}{step}.", _word(inner) if several else kind)


def _sections(annotation: Any) -> list[tuple[type[Document], str]]:
    """Return the documents inside an annotation, with what is written to reach them."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return [(annotation, "")]
    origin = get_origin(annotation)
    step = ".NAME" if origin is dict else "[]" if origin is tuple else ""
    return [(one, step + more) for part in get_args(annotation) for one, more in _sections(part)]


def _word(model: type[Document]) -> str:
    """Return the word of ``type:`` that chooses this document."""
    return str(get_args(model.model_fields["type"].annotation)[0])


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    if info.default is PydanticUndefined:
        return "as below"
    length = f" ({human(info.default)})" if isinstance(info.default, float) else ""
    return f"`{_yaml(info.default)}`{length}"


def _yaml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_yaml, value))}]"
    if isinstance(value, str) and re.fullmatch(r"[\w./-]+", value) and not value[0].isdigit():
        return value
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _meaning(model: type[Document], info: FieldInfo, kind: str) -> str:
    words = _choices(info.annotation)
    if not info.description:
        what = " ".join((model.__doc__ or "").split())
        return f"`{words[0]}`: {what}" if words else what
    parts = [info.description]
    if len(words) > 1:
        parts.append("one or several of " if get_origin(info.annotation) is tuple else "one of ")
        parts[-1] += ", ".join(f"`{word}`" for word in words)
    if info.annotation is float:
        parts.append("a length of time: seconds, or `90s`, `30m`, `4h`")
    parts += [
        _BOUNDS[name].format(_yaml(float(bound)) if name != "min_length" else "")
        for one in info.metadata
        for name in _BOUNDS
        if (bound := getattr(one, name, None)) is not None and (name, bound) != ("ge", 0)
    ]
    return (f"{kind}: " if kind else "") + "; ".join(parts)


def _choices(annotation: Any) -> list[str]:
    """Return the words that are allowed, of a Literal or of a union or tuple of them."""
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    if get_origin(annotation) in {Union, UnionType, tuple}:
        return [word for part in get_args(annotation) for word in _choices(part)]
    return []


def commands() -> str:
    """Write every command with its options, in the order of the program's own help."""
    return "\n".join(_command(path, command) for path, command in tree(program, ("newsmonitor",)))


def tree(
    command: click.Command, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command and all below it, with the words that call each."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            inner = command.get_command(context, name)
            assert inner is not None, f"{name} is listed and cannot be had"
            yield from tree(inner, (*path, name))


def _command(path: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command, info_name=path[-1])
    arguments = [
        one.make_metavar(context) for one in command.params if isinstance(one, click.Argument)
    ]
    head = " ".join([*path, *arguments])
    parts = [f"### `{head}`\n", _prose(command.help or "")]
    options = [one for one in command.params if isinstance(one, click.Option)]
    rows = [_option(one) for one in options if one.name not in {"version", "help"}]
    if rows:
        parts.append(table(("option", "default", "meaning"), rows))
    return "\n".join(parts)


def _prose(text: str) -> str:
    """Return a help text as paragraphs; examples and shapes become code."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    shown = [_EXAMPLE.sub(r"Example: `\1`", one) for one in paragraphs]
    shown = [one if "`" in one else _SHAPE.sub(r"`\1`", one) for one in shown]
    return "\n\n".join(shown) + "\n"


def _option(option: click.Option) -> Row:
    names = ", ".join(f"`{name}`" for name in option.opts)
    if isinstance(option.type, click.Choice):
        names += f" {' / '.join(f'`{word}`' for word in option.type.choices)}"
    elif not option.is_flag:
        names += f" `{option.metavar or option.type.name.upper()}`"
    default = option.default
    told = isinstance(default, str | int) and not isinstance(default, bool) and default != ""
    fallback = f"`{default}`" if told else ""
    return names, "**required**" if option.required else fallback, option.help or ""


def modules() -> str:
    """Write one row per module: where it is, and the first paragraph that it says of itself."""
    files = sorted(PACKAGE.rglob("*.py"))
    rows = [
        (f"`{file.relative_to(PACKAGE.parent).as_posix()}`", first_words(file)) for file in files
    ]
    return table(("module", "in its own words"), rows)


def first_words(file: Path) -> str:
    """Return the first paragraph of a module's docstring, as plain text."""
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(told.split("\n\n")[0].split()).replace("``", "`").removesuffix("::")


def main() -> int:
    """Rewrite the pages; tell which changed."""
    for page, parts in made().items():
        path = DOCS / page
        before = path.read_text(encoding="utf-8")
        after = renewed(before, parts)
        if after != before:
            path.write_text(after, encoding="utf-8")
        sys.stdout.write(f"{'renewed' if after != before else 'same   '}  {path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
