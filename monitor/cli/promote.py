"""promote: a list from test to live, when its tests and its readers speak for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from monitor.cli.choosing import chosen
from monitor.cli.options import config_option, setup_of
from monitor.clock import SystemClock
from monitor.errors import InputError, Problem
from monitor.files import load_watchlists, read_text, replace_text
from monitor.matching import Status, Watchlist, run_tests
from monitor.model import Verdict
from monitor.seeds.promotion import Mark, Standing, counted, missing, with_status
from monitor.store import Store


@click.command(name="promote", short_help="Move a list from test to live.")
@click.argument("watchlist")
@click.option("--dry-run", is_flag=True, help="Tell, and change nothing.")
@config_option
@click.pass_context
def promote_(ctx: click.Context, watchlist: str, dry_run: bool, config: str | None) -> None:
    """Move WATCHLIST from test to live in its file, or say what is missing (exit code 2).

    Wanted: two tests that fire and two that stay silent, none failing; in the last 30 days ten
    marked hits, 80 % of them relevant; none marked noise in the last 7 days. Only the line
    'status:' is changed; a running daemon takes it at its next reload.

    Example: newsmonitor promote gas-market
    """
    config = config or ctx.find_root().obj
    setup = setup_of(ctx, config)
    found = chosen(ctx, watchlist, (setup.resolve(setup.settings.watchlists),), config)
    standing = _standing(found, Store.reader(setup.database), SystemClock().now())
    lacks = missing(standing)
    share = f"{standing.relevant} of {standing.marked} marked hits relevant in 30 days"
    click.echo(f"{found.name}: {standing.fires + standing.silent} tests, {share}")
    if lacks:
        for one in lacks:
            click.echo(f"  missing: {one}")
        ctx.exit(2)
    if not dry_run:
        _make_live(Path(found.source))
    click.echo(f"{found.source}: status {'would be' if dry_run else 'is'} live")


def _standing(found: Watchlist, store: Store, now: datetime) -> Standing:
    marks = [
        Mark(one.verdict is Verdict.RELEVANT, one.at) for one in store.marks.listed(found.name)
    ]
    relevant, noise, late = counted(marks, now)
    return Standing(
        status=str(found.status),
        fires=sum(test.fires for test in found.tests),
        silent=sum(not test.fires for test in found.tests),
        failing=sum(not outcome.passed for outcome in run_tests(found)),
        relevant=relevant,
        noise=noise,
        late_noise=late,
    )


def _make_live(path: Path) -> None:
    before = read_text(path)
    after = with_status(before, str(Status.LIVE))
    if after is None:
        what = "the line 'status:' was not found once at the left edge"
        raise InputError([Problem(str(path), 1, "D023", what, "write 'status: live' yourself")])
    replace_text(path, after)
    if load_watchlists([path])[0].status is not Status.LIVE:
        replace_text(path, before)
        what = "the file did not read as live after the change, and was put back"
        raise InputError([Problem(str(path), 1, "D023", what, "write 'status: live' yourself")])


COMMANDS: list[click.Command] = [promote_]
