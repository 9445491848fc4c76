"""feeds: how they fare, and the revival of those that were given long pauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from monitor.cli import subscribing
from monitor.cli.options import config_option, listing_options, print_listing, reader_of, setup_of
from monitor.errors import InputError, Problem
from monitor.model import Feed, FeedState
from monitor.store import Lock, Store
from monitor.store.database import open_writer
from monitor.text import clean

_REVIVE = (
    "UPDATE feeds SET failures = 0, failing_since = NULL, gone = 0, next_poll_at = NULL,"
    " why_then = 'revived by hand' WHERE url = ?"
)


@click.group()
def feeds() -> None:
    """Feeds: how they fare, new ones, OPML in and out."""


@feeds.command(name="list")
@listing_options
@config_option
@click.pass_context
def feeds_list(ctx: click.Context, as_json: bool, as_csv: bool, config: str | None) -> None:
    """List the feeds, those in trouble first."""
    store = reader_of(ctx, config)
    states = store.feeds.states()
    known = sorted(store.feeds.subscribed(), key=lambda feed: _trouble_key(states[feed.url]))
    rows = [_feed_row(feed, states[feed.url]) for feed in known]
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=("url", "why_then", "last_well"))


@feeds.command(name="show")
@click.argument("feed")
@listing_options
@config_option
@click.pass_context
def feeds_show(
    ctx: click.Context, feed: str, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """Show the last polls of one feed, named by its address or a part of its title."""
    store = reader_of(ctx, config)
    found = _called(feed, store.feeds.subscribed())
    rows = [
        {
            "at": f"{one.at:%Y-%m-%d %H:%M:%S}",
            "outcome": one.outcome.value,
            "status": one.status,
            "new": one.new,
            "found": one.found,
            "hits": one.hits,
            "conditional": one.conditional,
            "bytes": one.bytes,
            "reason": one.reason,
        }
        for one in store.feeds.polls(found[0].url)
    ]
    print_listing(rows, as_json=as_json, as_csv=as_csv)


@feeds.command(name="revive", short_help="Forget a feed's failures; poll it soon.")
@click.argument("feed")
@config_option
@click.pass_context
def feeds_revive(ctx: click.Context, feed: str, config: str | None) -> None:
    """Forget the failures of a feed, named by its address or a part of its title.

    It is due at the next round. Stop the daemon first: this writes to the database. What a server
    asked of us (Retry-After) stays in force.

    Example: newsmonitor feeds revive "Example News"
    """
    setup = setup_of(ctx, config)
    found = _called(feed, setup.feeds)
    with Lock(setup.database):
        connection = open_writer(setup.database)
        try:
            states = Store(connection).feeds.states()
            known = [one for one in found if one.url in states]
            with connection.transaction():
                for one in known:
                    connection.write(_REVIVE, (one.url,))
        finally:
            connection.close()
    for one in found:
        told = _before(states[one.url]) if one in known else "it was never polled and is due anyway"
        click.echo(f"revived {clean(one.title)} <{one.url}>: {told}")


def _called(name: str, known: Sequence[Feed]) -> list[Feed]:
    """Return the feed of this address, or those whose titles hold ``name``."""
    exact = [one for one in known if name == one.url]
    found = exact or [one for one in known if name.casefold() in one.title.casefold()]
    if not found:
        hint = "'newsmonitor feeds list' shows the titles"
        raise _problem("F004", f"no feed is called '{clean(name)[:60]}'", hint)
    return found


def _before(state: FeedState) -> str:
    last = f"the last outcome was {state.outcome}" if state.outcome else "it was never polled"
    return f"{last}, {state.failures} failures are forgotten"


def _trouble_key(state: FeedState) -> tuple[bool, bool, int, str]:
    well = state.outcome is not None and state.outcome.well
    return (well, state.outcome is None, -state.failures, state.url)


def _feed_row(feed: Feed, state: FeedState) -> dict[str, Any]:
    return {
        "state": state.outcome.value if state.outcome else "never polled",
        "title": feed.title,
        "failures": state.failures,
        "last_well": _minute(state.last_well_at),
        "next_poll": _minute(state.next_poll_at),
        "why_then": state.why_then,
        "reason": state.reason,
        "url": feed.url,
    }


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _problem(code: str, what: str, hint: str) -> InputError:
    return InputError([Problem("feeds", 1, code, what, hint)])


for _command in subscribing.COMMANDS:
    feeds.add_command(_command)

COMMANDS: list[click.Command] = [feeds]
