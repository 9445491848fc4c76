"""Lines of plain text: 72 columns, broken at spaces, an address never broken.

Decides line breaks by columns on a terminal, where Han is two wide and marks are none. A part that
runs right to left is closed and opened again where a line ends inside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from monitor.digests.phrases import CLOSE, OPEN

COLUMNS = 72


def columns(text: str) -> int:
    """Return how many cells of a terminal ``text`` takes."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_cells, text))


def wrapped(text: str, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break ``text`` into lines of at most 72 columns, at spaces where there are any."""
    after = indent if hanging is None else hanging
    lines, line, used, empty = [], indent, columns(indent), True
    for word in text.split(" "):
        width = columns(word)
        if not empty and used + 1 + width > COLUMNS:
            lines.append(line)
            line, used, empty = after, columns(after), True
        if used + width > COLUMNS:
            *filled, line = _broken(line, word, after)
            lines += filled
            used, empty = columns(line), False
            continue
        line += word if empty else f" {word}"
        used, empty = used + width + (not empty), False
    return list(_closed([*lines, line], after))


def _closed(lines: list[str], indent: str) -> Iterator[str]:
    """Yield the lines with each isolate closed: a line is a paragraph of its own to a terminal."""
    is_open = False
    for line in lines:
        shown = f"{indent}{OPEN}{line[len(indent) :]}" if is_open else line
        is_open = shown.count(OPEN) > shown.count(CLOSE)
        yield shown + CLOSE if is_open else shown


def _broken(line: str, word: str, after: str) -> Iterator[str]:
    """Yield the lines of a word that is wider than a line."""
    used = columns(line)
    for char in word:
        if used + _cells(char) > COLUMNS:
            yield line
            line, used = after, columns(after)
        line += char
        used += _cells(char)
    yield line


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
