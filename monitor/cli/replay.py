"""replay: a list over the stored archive or a file, what it would have said."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from monitor.cli.choosing import chosen
from monitor.cli.options import config_option, setup_of
from monitor.cli.watch import LISTS
from monitor.clock import SystemClock
from monitor.errors import InputError, Problem
from monitor.pipeline.replay import (
    MAX_SAMPLES,
    Outcome,
    Plan,
    Replay,
    replay_file,
    replay_store,
)
from monitor.pipeline.replay import Progress as Told
from monitor.text import clean
from monitor.times import human, parse_duration

BAR = 40  # columns of the longest bar
MAX_ROWS = 62  # days of the chart, the newest


@click.command(name="replay", short_help="What a list would have said of the past.")
@click.argument("watchlist")
@click.option("--since", default="", help="Only items first seen so long ago, such as 30d.")
@click.option(
    "--input",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines of items (.xz, .gz) in place of the store.",
)
@click.option("--against", default="", help="The older list, a name or a file: new, lost, same.")
@click.option(
    "--samples",
    default=5,
    show_default=True,
    type=click.IntRange(0, MAX_SAMPLES),
    help="Hits to show of each kind.",
)
@click.option(
    "--processes", default=0, type=click.IntRange(0, 64), help="Default: one for each core."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@LISTS
@config_option
@click.pass_context
def replay_(  # noqa: PLR0917 - the shape of click
    ctx: click.Context,
    watchlist: str,
    since: str,
    source: Path | None,
    against: str,
    samples: int,
    processes: int,
    as_json: bool,
    paths: tuple[Path, ...],
    config: str | None,
) -> None:
    """Replay WATCHLIST, a name or a file, over stored items or a JSON-Lines file.

    Shows how many hits there are on which days, and with --against what is new, lost and the same.
    Memory does not grow with the archive. From the store, the full-text index leaves out items on
    which the list cannot fire, where that is certain.

    Example: newsmonitor replay gas-market --input archive.jsonl
    """
    config = config or ctx.find_root().obj
    new = chosen(ctx, watchlist, paths, config)
    old = chosen(ctx, against, paths, config) if against else None
    plan = Plan(new, old, samples)
    start = time.perf_counter()
    with _progress() as told:
        if source is not None:
            found = replay_file(plan, source, processes=processes, progress=told)
        else:
            began = SystemClock().now() - _length(since) if since else None
            database = setup_of(ctx, config).database
            found = replay_store(plan, database, began, processes=processes, progress=told)
    took = time.perf_counter() - start
    if as_json:
        click.echo(json.dumps(_as_json(found, against), ensure_ascii=False, indent=2))
    else:
        _tell(new.name, found, against, took)


def _length(since: str) -> timedelta:
    try:
        return timedelta(seconds=parse_duration(since))
    except ValueError as error:
        raise InputError([Problem("--since", 1, "D022", str(error), "write 30d")]) from error


@contextmanager
def _progress() -> Iterator[Told | None]:
    """Show a bar with an estimate of time on a terminal; elsewhere a line for every tenth."""
    if not sys.stderr.isatty():
        yield _Lines().tell
        return
    columns = (
        TextColumn("{task.fields[items]:>10,} items"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("replay", total=1.0, items=0)
        yield lambda items, share: shown.update(task, completed=share, items=items)


class _Lines:
    """Tells of every tenth of the way, for a log."""

    def __init__(self) -> None:
        self._told = 0
        self._start = time.perf_counter()

    def tell(self, items: int, share: float) -> None:
        if int(share * 10) > self._told:
            self._told = int(share * 10)
            took = time.perf_counter() - self._start
            left = took / share - took
            click.echo(f"{items:,} items, {share:.0%}, about {human(int(left))} left", err=True)


def _tell(name: str, found: Replay, against: str, took: float) -> None:
    skipped = f", {found.skipped:,} of them ruled out by the index" if found.skipped else ""
    click.echo(f"{name}: {found.hits:,} hits in {found.items:,} items{skipped}; {human(took)}")
    if against:
        click.echo(
            f"against {against}: {found.new.count:,} new, {found.lost.count:,} lost,"
            f" {found.same.count:,} the same"
        )
    for line in chart(found.new.days + found.same.days):
        click.echo(line)
    kinds = (("new", found.new), ("lost", found.lost), ("same", found.same))
    for kind, outcome in kinds if against else (("hits", found.new),):
        if outcome.samples:
            click.echo(f"{kind}:")
        for one in outcome.samples:
            click.echo(f"  {one.item}  {one.day}  {clean(one.title)[:100]}")
            click.echo(f"      {clean('; '.join(one.why))[:110]}")


def chart(days: Counter[str]) -> Iterator[str]:
    """Yield a bar for each day that had hits, the newest last; days without a date last of all."""
    rows = sorted(days.items(), key=lambda row: (not row[0], row[0]))
    most = max(days.values(), default=0)
    if len(rows) > MAX_ROWS:
        yield f"  ({len(rows) - MAX_ROWS} earlier days are not shown)"
    for day, count in rows[-MAX_ROWS:]:
        bar = "█" * max(1, round(BAR * count / most))
        yield f"  {day or 'no date':<10} {bar} {count:,}"


def _as_json(found: Replay, against: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "items": found.items,
        "ruled_out": found.skipped,
        "hits": found.hits,
        "new": _outcome(found.new),
    }
    if against:
        told |= {"lost": _outcome(found.lost), "same": _outcome(found.same)}
    return told


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "count": outcome.count,
        "days": dict(sorted(outcome.days.items())),
        "samples": [one._asdict() for one in outcome.samples],
    }


COMMANDS: list[click.Command] = [replay_]
