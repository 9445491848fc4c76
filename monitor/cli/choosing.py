"""Which list a command means: a file, or a name among -w, the settings or the lists here."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import setup_of
from monitor.cli.watch import watchlists_at
from monitor.errors import InputError, Problem
from monitor.files import load_watchlists
from monitor.matching import Watchlist


def chosen(ctx: click.Context, name: str, paths: tuple[Path, ...], config: str | None) -> Watchlist:
    """Return the list of a file or a name; raises InputError (D004, and what loading raises)."""
    if name.endswith((".yaml", ".yml")):
        return load_watchlists([Path(name)])[0]
    lists = setup_of(ctx, config).watchlists if config and not paths else watchlists_at(paths)
    found = next((one for one in lists if one.name == name), None)
    if found is None:
        names = f"watchlists here: {', '.join(one.name for one in lists)}"
        raise InputError([Problem(ctx.info_name or "", 1, "D004", f"no watchlist '{name}'", names)])
    return found
