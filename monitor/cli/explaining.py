"""explain: why a watchlist fires on a text, or why not and what was one step short."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import config_option, setup_of
from monitor.cli.watch import LISTS, watchlists_at
from monitor.errors import InputError, Problem
from monitor.matching import explain, render
from monitor.store import Store


@click.command(name="explain", short_help="Tell why a watchlist fires, or why not.")
@click.argument("watchlist")
@click.argument("item", required=False)
@click.option("--text", default="", help="A text to explain; ' / ' parts the title from the body.")
@click.option("--all", "whole", is_flag=True, help="Show every node of a large condition.")
@LISTS
@config_option
@click.pass_context
def explain_(
    ctx: click.Context,
    watchlist: str,
    item: str | None,
    text: str,
    whole: bool,
    paths: tuple[Path, ...],
    config: str | None,
) -> None:
    """Tell why WATCHLIST fires on an item of the store (its number or address) or on --text.

    Of a large condition only what decided is shown.

    Example: newsmonitor explain gas-market --text "TTF gas prices jump 8% to EUR 35/MWh"
    """
    config = config or ctx.find_root().obj
    lists = setup_of(ctx, config).watchlists if config and not paths else watchlists_at(paths)
    found = [one for one in lists if one.name == watchlist]
    if not found:
        names = f"watchlists here: {', '.join(one.name for one in lists)}"
        raise InputError([Problem("explain", 1, "D004", f"no watchlist '{watchlist}'", names)])
    if text:
        title, _, body = text.partition(" / ")
    else:
        title, body = _stored(ctx, config, item)
    click.echo(render(explain(found[0], title, body), whole=whole))


def _stored(ctx: click.Context, config: str | None, item: str | None) -> tuple[str, str]:
    if not item:
        raise InputError([Problem("explain", 1, "D005", "no text", "name an item or give --text")])
    store = Store.reader(setup_of(ctx, config).database)
    found = store.items.find(item)
    if found is None:
        hint = "'newsmonitor items list' shows numbers and addresses"
        raise InputError([Problem("explain", 1, "D006", f"no item '{item[:80]}'", hint)])
    return found.title, found.text


COMMANDS: list[click.Command] = [explain_]
