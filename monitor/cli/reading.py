"""items, hits, status: what the database holds, for a person or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import click

from monitor.cli.marking import ON_HITS
from monitor.cli.options import (
    NUMBER,
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
from monitor.matching import Status
from monitor.model import DeliveryState, Hit, Judgement
from monitor.pipeline.standing import standing
from monitor.store import Store, Tally
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
    type=NUMBER,
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
    type=NUMBER,
    help="How many, newest first.",
)
@click.option("-w", "--watchlist", default="", help="Only hits of this watchlist.")
@click.option("--relevant", "verdict", flag_value="relevant", help="Only hits marked as relevant.")
@click.option("--noise", "verdict", flag_value="noise", help="Only hits marked as noise.")
@click.option("--unmarked", "verdict", flag_value="unmarked", help="Only hits without a mark.")
@listing_options
@config_option
@click.pass_context
def hits_list(
    ctx: click.Context,
    limit: int,
    watchlist: str,
    verdict: str | None,
    as_json: bool,
    as_csv: bool,
    config: str | None,
) -> None:
    """List the newest hits, with what readers said of them."""
    store = reader_of(ctx, config)
    found = store.hits.newest(limit, watchlist, verdict or "")
    known = store.items.get([one.item_id for one in found])
    marks = store.marks.of_items([one.item_id for one in found])
    rows = [
        _hit_row(one, known[one.item_id].title, marks.get((one.item_id, one.watchlist)))
        for one in found
    ]
    if not (as_json or as_csv):
        rows = [row | {"why": _briefly(row["why"])} for row in rows]
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=("level", "score", "note"))


for _command in ON_HITS:
    hits.add_command(_command)


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
            click.echo(f"{key.replace('_', ' '):<18}{_in_words(value)}")
    ctx.exit(2 if told["needs_a_person"] else 0)


def _status(setup: Setup, store: Store, now: datetime) -> dict[str, Any]:
    told = standing(store, setup, now)
    unsent = store.ledger.unsent()
    dead = sum(one.state is DeliveryState.DEAD for one in unsent)
    digests = [one.last_at for one in told.profiles if one.last_at]
    return {
        "feeds": told.feeds,
        "failing": told.failing,
        "watchlists": [one.name for one in setup.watchlists],
        "items": store.items.count(),
        "hits": store.hits.count(),
        "stories": store.hits.story_count(),
        "last_poll": minute(told.last_poll_at),
        "last_digest": minute(max(digests, default=None)),
        "next_digest": minute(told.next_digest_at),
        "precision": _precision(setup, store, now),
        "unsent": len(unsent) - dead,
        "oldest_unsent": minute(told.oldest_unsent_at),
        "dead_letters": dead,
        "unclean_starts": told.unclean_starts,
        "last_copy": minute(told.last_backup_at),
        "disk_full_since": minute(told.disk_full_since),
        "needs_a_person": list(told.needs),
    }


def _precision(setup: Setup, store: Store, now: datetime) -> list[dict[str, Any]]:
    """Return what share of each live list's marked hits of the last 30 days was relevant."""
    counts = store.marks.counts(now - timedelta(days=30))
    rows = []
    for one in setup.watchlists:
        tally = counts.get(one.name, Tally())
        if one.status == Status.LIVE:
            share = None if tally.precision is None else round(tally.precision, 3)
            rows.append({"watchlist": one.name, "marked": tally.marked, "precision": share})
    return rows


def _in_words(value: Any) -> str:
    """Return a value of the status for a person."""
    if isinstance(value, list):
        return "; ".join(_in_words(one) for one in value)
    if isinstance(value, dict):
        share = f"{value['precision']:.2f} of {value['marked']}" if value["marked"] else "no marks"
        return f"{value['watchlist']} {share}"
    return str(value)


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


def _hit_row(hit: Hit, title: str, mark: Judgement | None) -> dict[str, Any]:
    return {
        "id": hit.id,
        "matched_at": minute(hit.matched_at),
        "watchlist": hit.watchlist,
        "level": hit.level.word,
        "score": round(hit.score, 2),
        "story": hit.story_id,
        "title": title,
        "why": [f"{one.group}: {one.text}" for one in hit.evidence],
        "mark": mark.verdict.value if mark else "",
        "note": mark.note if mark else "",
    }


def _briefly(why: list[str]) -> list[str]:
    """A table has room for a few of the matched words; JSON and CSV have all of them."""
    words = list(dict.fromkeys(one.partition(": ")[2] for one in why))
    return [*words[:5], "…"] if len(words) > 5 else words


COMMANDS: list[click.Command] = [items, hits, status]
