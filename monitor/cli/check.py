"""init and check: a starter configuration, and whether what stands there is right."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from monitor.cli.options import config_option, setup_of
from monitor.clock import SystemClock
from monitor.config import FileChannel
from monitor.errors import InputError, Problem
from monitor.files import Setup, exposed_secrets, shipped
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
@config_option
@click.pass_context
def check(ctx: click.Context, config: str | None) -> None:
    """Validate settings, feeds and watchlists, and run the watchlists' own tests.

    Every fault is printed as file:line: code what; what next. Exit code 2 if there is one.
    """
    setup = setup_of(ctx, config)
    open_channels(setup, SystemClock())
    if places := _wrong_places(setup):
        raise InputError(places)
    failures = [found for one in setup.watchlists for found in _failures(one)]
    for one in setup.watchlists:
        for warning in lint(one):
            click.echo(f"warning: {warning}")
    for exposed in exposed_secrets(setup):
        click.echo(f"warning: {exposed}")
    if failures:
        raise InputError(failures)
    tests = sum(len(one.tests) for one in setup.watchlists)
    click.echo(
        f"{setup.path}: well. {len(setup.feeds)} feeds, {len(setup.watchlists)} watchlists"
        f" with {tests} tests, {len(setup.settings.channels)} channels,"
        f" {len(setup.settings.digests)} digests, {len(setup.settings.alerts)} alerts"
    )


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
