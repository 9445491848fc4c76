"""feeds: how they fare, and the revival of those that were given long pauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from monitor.cli import subscribing
from monitor.cli.options import (
    config_option,
    listing_options,
    minute,
    print_listing,
    reader_of,
    setup_of,
)
from monitor.clock import SystemClock
from monitor.errors import InputError, Problem
from monitor.feeds.health import condition, notes
from monitor.model import Feed, FeedState, PollRecord
from monitor.pipeline.merging import proposed
from monitor.store import Lock, Store
from monitor.text import clean


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
    now = SystemClock().now()
    known = sorted(
        store.feeds.subscribed(), key=lambda one: _trouble_key(one, states[one.url], now)
    )
    rows = [_feed_row(feed, states[feed.url], now) for feed in known]
    hidden = ("url", "why_then", "last_well", "twin", "notes")
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=hidden)
    for one in proposed(store, known, states):
        click.echo(f"merge? {one.sentence}", err=True)


@feeds.command(name="show")
@click.argument("feed")
@listing_options
@config_option
@click.pass_context
def feeds_show(
    ctx: click.Context, feed: str, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """Show the last polls of a feed, named by its address or a part of its title.

    One row for each poll: what came, what was new in it, and when the next one was planned and why.
    """
    store = reader_of(ctx, config)
    known, states = store.feeds.subscribed(), store.feeds.states()
    found = _called(feed, known)[0]
    rows = [_poll_row(one) for one in store.feeds.polls(found.url)]
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=("conditional", "bytes", "left_out"))
    for told in notes(states[found.url]):
        click.echo(told, err=True)
    for one in proposed(store, known, states):
        if found.url in {one.keep, one.drop}:
            click.echo(f"merge? {one.sentence}", err=True)


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
    for one, before in _revived(setup.database, found):
        click.echo(f"revived {clean(one.title)} <{one.url}>: {before}")


def _revived(database: Path, found: Sequence[Feed]) -> list[tuple[Feed, str]]:
    """Write the revival in one transaction; return each feed with what was forgotten."""
    with Lock(database):
        store = Store.writer(database)
        try:
            states = store.feeds.states()
            with store.transaction():
                for one in found:
                    store.feeds.revive(one.url)
        finally:
            store.close()
    return [(one, _before(states.get(one.url, FeedState(one.url)))) for one in found]


def _called(name: str, known: Sequence[Feed]) -> list[Feed]:
    """Return the feed of this address, or those whose titles hold ``name``."""
    exact = [one for one in known if name == one.url]
    found = exact or [one for one in known if name.casefold() in one.title.casefold()]
    if not found:
        hint = "'newsmonitor feeds list' shows the titles"
        raise _problem("F004", f"no feed is called '{clean(name)[:60]}'", hint)
    return found


def _before(state: FeedState) -> str:
    if state.outcome is None:
        return "it was never polled and is due anyway"
    return f"the last outcome was {state.outcome}, {state.failures} failures are forgotten"


def _trouble_key(feed: Feed, state: FeedState, now: datetime) -> tuple[bool, bool, int, str]:
    """Trouble first, the longest before the others; then what was never polled; then the well."""
    fares = condition(state, now, feed.expect_s)
    return (not fares.word, state.outcome is None, -state.failures, state.url)


def _feed_row(feed: Feed, state: FeedState, now: datetime) -> dict[str, Any]:
    fares = condition(state, now, feed.expect_s)
    return {
        "state": fares.word or "ok",
        "title": feed.title,
        "failures": state.failures,
        "last_well": minute(state.last_well_at),
        "next_poll": minute(state.next_poll_at),
        "why_then": state.why_then,
        "reason": fares.reason or state.reason,
        "url": feed.url,
        "twin": state.twin,
        "notes": notes(state),
    }


def _poll_row(one: PollRecord) -> dict[str, Any]:
    return {
        "at": f"{one.at:%Y-%m-%d %H:%M:%S}",
        "outcome": one.outcome.value,
        "status": one.status,
        "found": one.found,
        "new": one.new,
        "known": one.known,
        "sighted": one.sighted,
        "edited": one.edited,
        "left_out": one.left_out,
        "hits": one.hits,
        "gap": one.possible_gap,
        "conditional": one.conditional,
        "bytes": one.bytes,
        "ms": round(one.elapsed_s * 1000),
        "reason": one.reason,
        "next_poll": minute(one.next_poll_at),
        "why_then": one.why_then,
    }


def _problem(code: str, what: str, hint: str) -> InputError:
    return InputError([Problem("feeds", 1, code, what, hint)])


for _command in subscribing.COMMANDS:
    feeds.add_command(_command)

COMMANDS: list[click.Command] = [feeds]
