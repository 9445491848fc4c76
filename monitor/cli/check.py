"""init and check: a starter configuration, and whether what stands there is right."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from monitor.cli.options import config_option, setup_of
from monitor.clock import SystemClock
from monitor.config import FileChannel
from monitor.errors import InputError, Problem
from monitor.files import Setup, exposed_secrets, load_watchlists, shipped
from monitor.matching import Watchlist, lint, run_tests
from monitor.pipeline.channels import open_channels

_FILES = (("seeds/newsmonitor.yaml", "newsmonitor.yaml"), ("seeds/feeds.yaml", "feeds.yaml"))


@click.command(short_help="Write a starter configuration.")
@click.argument("directory", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(directory: Path) -> None:
    """Write a starter configuration: settings, the shipped feeds and the three watchlists.

    Nothing that is already there is overwritten.

    Example: newsmonitor init desk && cd desk && newsmonitor check
    """
    source = shipped()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, target in _FILES:
            _copy(source / name, directory / target)
        for file in sorted((source / "watchlists").rglob("*.yaml")):
            _copy(file, directory / file.relative_to(source))
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        hint = "name a folder of your own"
        raise InputError([Problem(str(directory), 1, "U008", what, hint)]) from error
    click.echo(f"\nNext: set fetch.contact in {directory / 'newsmonitor.yaml'}, then run")
    click.echo("  newsmonitor check\n  newsmonitor run --once")


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        click.echo(f"kept     {target} (it was there)")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    click.echo(f"written  {target}")


@click.command(short_help="Validate everything, run the lists' tests.")
@click.argument("lists", nargs=-1, metavar="[WATCHLIST]…", type=click.Path(path_type=Path))
@config_option
@click.pass_context
def check(ctx: click.Context, lists: tuple[Path, ...], config: str | None) -> None:
    """Validate settings, feeds and watchlists, and run the watchlists' own tests.

    With files or folders of watchlists only these; that needs no settings. Every fault is printed
    as file:line: code what; what next. Exit code 2 if there is one.

    Example: newsmonitor check watchlists/gas-market.yaml
    """
    if lists:
        found = load_watchlists(lists)
        click.echo(f"well. {_tried(found)}")
        return
    setup = setup_of(ctx, config)
    open_channels(setup, SystemClock())
    if places := _wrong_places(setup):
        raise InputError(places)
    for exposed in exposed_secrets(setup):
        click.echo(f"warning: {exposed}")
    tried = _tried(setup.watchlists)
    click.echo(
        f"{setup.path}: well. {len(setup.feeds)} feeds, {tried}, {len(setup.settings.channels)}"
        f" channels, {len(setup.settings.digests)} digests, {len(setup.settings.alerts)} alerts"
    )


def _tried(watchlists: Sequence[Watchlist]) -> str:
    """Print what is doubtful in watchlists and run their tests; return how many there are.

    Raises InputError when a test fails.
    """
    for one in watchlists:
        for warning in lint(one):
            click.echo(f"warning: {warning}")
    failures = [found for one in watchlists for found in _failures(one)]
    if failures:
        raise InputError(failures)
    tests = sum(len(one.tests) for one in watchlists)
    many = "" if len(watchlists) == 1 else "s"
    return f"{len(watchlists)} watchlist{many} with {tests} tests"


def _wrong_places(setup: Setup) -> list[Problem]:
    """Paths that are something else than what will be written there."""
    found = []
    if setup.database.is_dir():
        what = f"the database {setup.database} is a folder"
        found.append(Problem(str(setup.path), 1, "C006", what, "name a file"))
    for name, channel in setup.settings.channels.items():
        if isinstance(channel, FileChannel) and setup.resolve(channel.path).is_file():
            what = f"channel '{name}' writes into {channel.path}, which is a file"
            found.append(Problem(str(setup.path), 1, "C006", what, "name a folder"))
    return found


def _failures(watchlist: Watchlist) -> list[Problem]:
    return [
        Problem(
            watchlist.source,
            outcome.line,
            "W900",
            f"a test of '{watchlist.name}' fails: {outcome.why}",
            "mend the list or the test; 'newsmonitor explain' shows the condition",
        )
        for outcome in run_tests(watchlist)
        if not outcome.passed
    ]


COMMANDS: list[click.Command] = [init, check]
