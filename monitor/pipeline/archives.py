"""Where replayed and counted items come from: a JSON-Lines file, plain or packed, or the store.

Reads in batches of bounded size and tells how far it has come, so that a long job can say so.
"""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from monitor.errors import InputError, Problem
from monitor.store.archive import batches as stored_batches
from monitor.store.archive import last_id

MAX_LINE = 5_000_000  # bytes
Pair = tuple[str, str]


@dataclass(slots=True)
class Position:
    """How far a reader has come: from 0 to 1 of the file or of the stored items."""

    share: float = 0.0


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        hint = "name a file that is there"
        raise InputError([Problem(str(path), 1, "U001", what, hint)]) from error


def _unpacked(raw: IO[bytes], path: Path) -> IO[bytes]:
    if path.suffix == ".xz":
        return lzma.open(raw, "rb")
    return gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw  # type: ignore[return-value]


def line_batches(
    path: Path, size: int, position: Position | None = None
) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the number of the first line and up to ``size`` lines of a plain, .xz or .gz file.

    Raises InputError: U001 cannot be read, E001 no whole archive.
    """
    with _open(path) as raw:
        handle, whole = _unpacked(raw, path), max(1, path.stat().st_size)
        first, lines = 1, []
        try:
            for number, line in enumerate(iter(lambda: handle.readline(MAX_LINE), b""), 1):
                lines.append(line)
                if len(lines) == size:
                    if position is not None:
                        position.share = min(1.0, raw.tell() / whole)
                    yield first, lines
                    first, lines = number + 1, []
        except (lzma.LZMAError, gzip.BadGzipFile, EOFError) as error:
            what = f"is no whole archive: {error}"
            raise InputError([Problem(str(path), first, "E001", what, "pack it again")]) from error
        if lines:
            yield first, lines


def read_row(line: bytes, source: str, number: int) -> dict[str, Any]:
    """Read one line; raises InputError (E001)."""
    try:
        row = json.loads(line)
    except ValueError as error:
        what = f"not readable as JSON: {error}"
        hint = "each line must be one JSON object"
        raise InputError([Problem(source, number, "E001", what, hint)]) from error
    if not isinstance(row, dict):
        raise InputError([Problem(source, number, "E001", "not a JSON object")])
    return row


def file_items(path: Path, limit: int) -> Iterator[Pair]:
    """Yield title and text of the first ``limit`` items of a file."""
    seen = 0
    for first, lines in line_batches(path, 1_000):
        for number, line in enumerate(lines, first):
            if not line.strip():
                continue
            if seen == limit:
                return
            row = read_row(line, str(path), number)
            yield str(row.get("title") or ""), str(row.get("text") or "")
            seen += 1


def stored_items(path: Path, limit: int) -> Iterator[Pair]:
    """Yield title and text of the newest ``limit`` items of a database, oldest first."""
    for batch in stored_batches(path, after=last_id(path) - limit):
        for row in batch:
            yield row.title, row.text
