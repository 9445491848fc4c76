"""What several commands share: finding the settings, printing a listing, the -c option."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.files import Setup, find, load
from monitor.store import Store
from monitor.text import clean

#: A number of a row, or how many rows: what SQLite can hold.
NUMBER = click.IntRange(1, 2**63 - 1)
#: Columns that take the room that is left, in these shares; the others stay on one line.
_PROSE = {
    "title": 3,
    "reason": 2,
    "why": 2,
    "deliveries": 2,
    "why_then": 1,
    "digest": 3,
    "recipient": 2,
}

F = TypeVar("F", bound=Callable[..., Any])


class Terminal(Console):
    """A console whose reader may go away, as ``head`` does: nothing is wrong then."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def config_option(command: F) -> F:
    """Let ``-c`` stand after the command's name as well as before it."""
    return click.option("-c", "--config", "config", metavar="FILE", help="The settings file.")(
        command
    )


def setup_of(ctx: click.Context, config: str | None) -> Setup:
    """Load the settings named by ``-c``, or the default; raises InputError."""
    return load(find(config or ctx.find_root().obj))


def reader_of(ctx: click.Context, config: str | None) -> Store:
    """Open the database of the settings read-only; raises InputError, StoreError."""
    return Store.reader(setup_of(ctx, config).database)


def listing_options(command: F) -> F:
    """--json and --csv, for every listing."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    as_csv = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
    return as_json(as_csv(command))


def print_listing(
    rows: Sequence[dict[str, Any]], *, as_json: bool, as_csv: bool, hide: Sequence[str] = ()
) -> None:
    """Print ``rows`` as JSON, CSV or a table.

    A table leaves out the columns in ``hide``, and its values lose control characters.
    """
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
    elif as_csv:
        click.echo(_as_csv(rows), nl=False)
    elif not rows:
        click.echo("nothing to list")
    else:
        shown = [{key: row[key] for key in row if key not in hide} for row in rows]
        Terminal().print(_as_table(shown))


def _as_csv(rows: Sequence[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows([{key: _cell(value) for key, value in row.items()} for row in rows])
    return out.getvalue()


def _as_table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, expand=True)
    for name in rows[0]:
        is_prose = name in _PROSE
        table.add_column(
            name.replace("_", " "),
            ratio=_PROSE.get(name),
            no_wrap=not is_prose,
            overflow="fold" if is_prose else "ellipsis",
        )
    for row in rows:
        # Text, not markup: a headline may hold square brackets.
        table.add_row(*(Text(_plain(value)) for value in row.values()))
    return table


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)
    return clean(str(value))


def _cell(value: Any) -> str:
    """A spreadsheet would run a cell that begins with = + - or @."""
    text = _plain(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def minute(moment: datetime | None) -> str:
    """Return a time for a listing, in UTC; nothing for none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
