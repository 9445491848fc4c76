"""run and poll: the daemon, one round of it, or some feeds now."""

from __future__ import annotations

import asyncio
import faulthandler
import sqlite3
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor import __version__, logs, memory
from monitor.cli.options import config_option, setup_of
from monitor.daemon import Daemon, Service
from monitor.errors import InputError, Problem
from monitor.files import Setup, exposed_secrets, find, load_or_last_good
from monitor.model import Digest, Feed, Item, Match, PollRecord
from monitor.pipeline import Silent, SweepReport
from monitor.text import clean


@click.command(short_help="Run the daemon, or one round of it.")
@click.option("--once", is_flag=True, help="Poll what is due, send what is due, and exit.")
@click.option("-v", "--verbose", is_flag=True, help="Log routine events too.")
@config_option
@click.pass_context
def run(ctx: click.Context, once: bool, verbose: bool, config: str | None) -> None:
    """Run the daemon until SIGTERM or Ctrl-C; with --once, one round of its work.

    Exit code of --once: 2 when no feed could be reached, or when a digest was refused for good.
    """
    if once:
        ctx.exit(asyncio.run(_once(setup_of(ctx, config))))
    logs.set_up(verbose=verbose)
    asyncio.run(_serve(find(config or ctx.find_root().obj)))


@click.command(short_help="Poll feeds now.")
@click.argument("feeds", nargs=-1, metavar="[FEED]…")
@click.option("--force", is_flag=True, help="Poll now, even if the feed asked to be left alone.")
@config_option
@click.pass_context
def poll(ctx: click.Context, feeds: tuple[str, ...], force: bool, config: str | None) -> None:
    """Poll feeds now: those named by address or part of a title, or all that are due.

    Without --force a feed whose time has not come is left alone.

    Example: newsmonitor poll "IRNA" --force
    """
    setup = setup_of(ctx, config)
    chosen = _chosen(setup, feeds) if feeds else list(setup.feeds)
    ctx.exit(asyncio.run(_poll(setup, chosen, force=force)))


async def _serve(path: Path) -> None:
    # The watchdog's SIGABRT tells where the loop stood. Other threads are left out: one that runs
    # on while it is looked at can end the program before anything is told.
    faulthandler.enable(all_threads=False)
    memory.share_one_heap()
    setup, problems = load_or_last_good(path)
    async with Service(setup, observer=logs.LogObserver()) as service:
        service.complain(problems)
        for exposed in exposed_secrets(setup):
            service.observer.incident(str(exposed))
        logs.get().info("watching", feeds=len(setup.feeds), watchlists=len(setup.watchlists),
                        version=__version__, sqlite=sqlite3.sqlite_version)  # fmt: skip
        await Daemon(service).run()
    logs.get().info("stopped")


async def _once(setup: Setup) -> int:
    with _Bar() as bar:
        async with Service(setup, observer=bar) as service:
            bar.expect(len(service.due()))
            done = await service.once()
    _print_sweep(done.sweep)
    for digest in done.digests:
        click.echo(f"digest {digest.id}: {digest.stories} stories")
    for outcome in done.dispatched.outcomes:
        message = outcome.delivery.message
        tail = f": {outcome.error}" if outcome.error else ""
        click.echo(f"{outcome.state} {message.channel} {message.name}{tail}")
    return 2 if done.sweep.all_unreached or done.dispatched.dead else 0


async def _poll(setup: Setup, chosen: list[Feed], *, force: bool) -> int:
    with _Bar() as bar:
        async with Service(setup, observer=bar) as service:
            due = {feed.url for feed in service.due()}
            ready = [feed for feed in chosen if force or feed.url in due]
            bar.expect(len(ready))
            report = await service.poll(ready)
    if skipped := len(chosen) - len(ready):
        click.echo(f"{skipped} feeds are not due yet and were left alone; --force polls them")
    _print_sweep(report)
    return 2 if report.all_unreached else 0


def _chosen(setup: Setup, wanted: tuple[str, ...]) -> list[Feed]:
    found: list[Feed] = []
    for name in wanted:
        some = [f for f in setup.feeds if name == f.url or name.casefold() in f.title.casefold()]
        if not some:
            what = f"no feed is called '{clean(name)[:80]}'"
            hint = "'newsmonitor feeds list' shows the titles"
            raise InputError([Problem(setup.settings.feeds, 1, "F004", what, hint)])
        found += [feed for feed in some if feed not in found]
    return found


def _print_sweep(report: SweepReport) -> None:
    if not report.polled:
        click.echo("no feed is due")
        return
    if report.network_down:
        click.echo("The network is down: no feed could be reached. Nothing was changed.", err=True)
    for feed, record in sorted(report.unreached, key=lambda pair: pair[0].title):
        click.echo(f"not reached: {feed.title} <{feed.url}>: {record.reason}", err=True)
    well = sum(record.outcome.well for _, record in report.polled)
    click.echo(
        f"{len(report.polled)} feeds polled, {well} well, {len(report.unreached)} not reached; "
        f"{report.total('new')} new items, {report.total('edited')} edited, "
        f"{report.total('hits')} hits"
    )


class _Bar(Silent):
    """A progress bar on a terminal, plain lines of trouble elsewhere."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("polling"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            transient=True,
            disable=not Console(stderr=True).is_terminal,
        )
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def expect(self, feeds: int) -> None:
        self._progress.update(self._task, total=feeds)

    def polled(self, feed: Feed, record: PollRecord) -> None:  # noqa: ARG002 - an event's shape
        self._progress.update(self._task, advance=1, description=clean(feed.title)[:40])

    def hit(self, feed: Feed, item: Item, match: Match) -> None:
        click.echo(f"hit  {match.watchlist}: {clean(item.title)}  ({clean(feed.outlet)})")

    def digest_built(self, digest: Digest, messages: int) -> None:
        """Told at the end."""

    def incident(self, what: str) -> None:
        click.echo(f"incident: {what}", err=True)


COMMANDS: list[click.Command] = [run, poll]
