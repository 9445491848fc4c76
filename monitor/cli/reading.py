"""items, hits, stories, status: what the database holds, for a person or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from monitor.cli.options import (
    config_option,
    listing_options,
    minute,
    print_listing,
    reader_of,
    setup_of,
)
from monitor.clock import SystemClock
from monitor.errors import InputError, Problem, StoreError
from monitor.files import Setup
from monitor.model import DeliveryState, Hit, Story
from monitor.pipeline import read_stories
from monitor.store import Store
from monitor.times import human
from monitor.urls import host


@click.group()
def items() -> None:
    """Items that were stored."""


@items.command(name="list")
@click.option(
    "--limit",
    default=30,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many, newest first.",
)
@click.option("--search", default="", help="A full-text query, such as 'drone AND Alabuga'.")
@listing_options
@config_option
@click.pass_context
def items_list(
    ctx: click.Context, limit: int, search: str, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """List the newest items, or those that a full-text query finds."""
    store = reader_of(ctx, config)
    try:
        found = store.items.newest(limit, search)
    except StoreError as error:
        hint = 'write words, or "words in order", joined by AND, OR, NOT'
        problem = Problem("--search", 1, "D007", f"'{search[:80]}' is no full-text query", hint)
        raise InputError([problem]) from error
    rows = [
        {
            "id": one.id,
            "first_seen_at": minute(one.first_seen_at),
            "language": one.language,
            "title": one.title,
            "url": one.url,
        }
        for one in found
    ]
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=("url",))


@click.group()
def hits() -> None:
    """Items that fired a watchlist, with the evidence."""


@hits.command(name="list")
@click.option(
    "--limit",
    default=30,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many, newest first.",
)
@click.option("-w", "--watchlist", default="", help="Only hits of this watchlist.")
@listing_options
@config_option
@click.pass_context
def hits_list(
    ctx: click.Context, limit: int, watchlist: str, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """List the newest hits."""
    store = reader_of(ctx, config)
    found = store.hits.newest(limit, watchlist)
    known = store.items.get([one.item_id for one in found])
    rows = [_hit_row(one, known[one.item_id].title) for one in found]
    if not (as_json or as_csv):
        rows = [row | {"why": _briefly(row["why"])} for row in rows]
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=("id", "level", "score"))


@click.group()
def stories() -> None:
    """Hits folded into stories."""


@stories.command(name="list")
@click.option(
    "--limit",
    default=30,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many, newest first.",
)
@listing_options
@config_option
@click.pass_context
def stories_list(
    ctx: click.Context, limit: int, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """List the newest stories with the number of items and outlets."""
    store = reader_of(ctx, config)
    found = read_stories(store, store.hits.newest_stories(limit))
    rows = [_story_row(one) for one in reversed(found)]
    hide = ("watchlists", "languages", "first_seen")
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=hide)


@stories.command(name="show")
@click.argument("story", type=int)
@listing_options
@config_option
@click.pass_context
def stories_show(
    ctx: click.Context, story: int, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """Show the members of a story in the order in which they were seen."""
    found = read_stories(reader_of(ctx, config), [story])
    if not found:
        hint = "'newsmonitor stories list' shows the numbers"
        raise InputError([Problem("stories", 1, "D003", f"there is no story {story}", hint)])
    rows = [
        {
            "seen_at": f"{sighting.seen_at:%Y-%m-%d %H:%M}",
            "outlet": sighting.outlet,
            "language": member.item.language,
            "title": member.item.title,
            "joined": member.hits[0].story_reason,
            "why": sorted({one.text for hit in member.hits for one in hit.evidence}),
        }
        for member in found[0].members
        for sighting in member.sightings
    ]
    print_listing(sorted(rows, key=lambda row: row["seen_at"]), as_json=as_json, as_csv=as_csv)


@click.command(short_help="Tell whether all is well.")
@click.option("--hosts", is_flag=True, help="How each host was asked in the last 24 hours.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@config_option
@click.pass_context
def status(ctx: click.Context, hosts: bool, as_json: bool, config: str | None) -> None:
    """Tell whether all is well; exit code 2 when a person is needed.

    --hosts prints what a publisher may want to see: requests, those without validators, the share
    of 304, bytes, and the shortest time between two polls of one feed.
    """
    setup = setup_of(ctx, config)
    if hosts:
        rows = _etiquette(Store.reader(setup.database), SystemClock().now())
        print_listing(rows, as_json=as_json, as_csv=False)
        return
    told = _status(setup, Store.reader(setup.database), SystemClock().now())
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for key, value in told.items():
            shown = "; ".join(value) if isinstance(value, list) else value
            click.echo(f"{key.replace('_', ' '):<18}{shown}")
    ctx.exit(2 if told["needs_a_person"] else 0)


def _status(setup: Setup, store: Store, now: datetime) -> dict[str, Any]:
    states = store.feeds.states()
    failing = [one for one in states.values() if one.outcome and not one.outcome.well]
    unsent = store.ledger.unsent()
    dead = [one for one in unsent if one.state is DeliveryState.DEAD]
    last_poll = max((one.last_poll_at for one in states.values() if one.last_poll_at), default=None)
    needs = [f"dead letter: {one.digest_id} by {one.message.channel}: {one.error}" for one in dead]
    if told := store.upkeep.recall("complaint"):
        needs.append(f"not loaded, the last good version is in force: {told}")
    if states and len(failing) == len(states):
        needs.append("every feed fails")
    if last_poll is None:
        needs.append("nothing has been polled yet")
    elif (now - last_poll).total_seconds() > 26 * 3600:
        needs.append("nothing has been polled for more than 26 hours")
    return {
        "feeds": len(states),
        "failing": len(failing),
        "watchlists": [one.name for one in setup.watchlists],
        "items": store.items.count(),
        "hits": store.hits.count(),
        "stories": store.hits.story_count(),
        "last_poll": minute(last_poll),
        "unsent": len(unsent) - len(dead),
        "dead_letters": len(dead),
        "needs_a_person": needs,
    }


def _etiquette(store: Store, now: datetime) -> list[dict[str, Any]]:
    by_host: dict[str, list[Any]] = {}
    for row in store.feeds.etiquette(now - timedelta(days=1)):
        by_host.setdefault(host(row["url"]), []).append(row)
    return [
        {
            "host": name,
            "feeds": len(rows),
            "requests": sum(row["polls"] for row in rows),
            "unconditional": sum(row["unconditional"] for row in rows),
            "unchanged": sum(row["unchanged"] for row in rows),
            "kilobytes": sum(row["bytes"] for row in rows) // 1024,
            "shortest_gap": human(min(gaps)) if (gaps := _gaps(rows)) else "",
        }
        for name, rows in sorted(by_host.items())
    ]


def _gaps(rows: Sequence[Any]) -> list[float]:
    return [row["gap_s"] for row in rows if row["gap_s"] is not None]


def _hit_row(hit: Hit, title: str) -> dict[str, Any]:
    return {
        "id": hit.id,
        "matched_at": minute(hit.matched_at),
        "watchlist": hit.watchlist,
        "level": hit.level.word,
        "score": round(hit.score, 2),
        "story": hit.story_id,
        "title": title,
        "why": [f"{one.group}: {one.text}" for one in hit.evidence],
    }


def _briefly(why: list[str]) -> list[str]:
    """A table has room for a few of the matched words; JSON and CSV have all of them."""
    words = list(dict.fromkeys(one.partition(": ")[2] for one in why))
    return [*words[:5], "…"] if len(words) > 5 else words


def _story_row(story: Story) -> dict[str, Any]:
    outlets = {one.outlet for member in story.members for one in member.sightings}
    first = story.members[0].item
    return {
        "id": story.id,
        "first_seen": minute(first.first_seen_at),
        "items": len(story.members),
        "outlets": len(outlets),
        "languages": sorted({member.item.language for member in story.members}),
        "watchlists": sorted({hit.watchlist for one in story.members for hit in one.hits}),
        "title": first.title,
    }


COMMANDS: list[click.Command] = [items, hits, stories, status]
