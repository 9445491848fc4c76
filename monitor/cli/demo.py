"""demo: one recorded news day through the real program."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import click
from rich.console import Console

from monitor.demo.play import Played, play
from monitor.errors import InputError, Problem

_MARK = ".newsmonitor-demo"


@click.command(short_help="Play a recorded news day.")
@click.option(
    "--out",
    default="demo-out",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the database and the digest go.",
)
def demo(out: Path) -> None:
    """Play a recorded news day through the real program, in less than a minute.

    Sample feeds in five languages are served on loopback, with the manners of real servers, good
    and bad. They are polled, matched against the three shipped watchlists, folded into stories,
    and the next morning's digest is written. Nothing leaves this machine.
    """
    _make_room(out)
    played = asyncio.run(play(out, Console()))
    _tell(played, out)


def _make_room(out: Path) -> None:
    """Clear away an earlier demo, and nothing else."""
    if out.exists() and any(out.iterdir()):
        if not (out / _MARK).exists():
            hint = "name an empty folder with --out"
            raise InputError([Problem(str(out), 1, "U006", "is not empty and no demo", hint)])
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).touch()


def _tell(played: Played, out: Path) -> None:
    click.echo(
        f"\n{played.polls} polls brought {played.items} items; {played.hits} hits became"
        f" {sum(one.stories for one in played.digests)} stories in {len(played.digests)} digest."
    )
    for one in played.digests:
        covered = one.coverage
        click.echo(
            f"Digest {one.id}: {one.stories} stories from {one.outlets} outlets;"
            f" {covered.well} of {covered.feeds} feeds are well."
        )
    click.echo("\nThe digest:")
    for file in sorted(played.folder.iterdir()):
        click.echo(f"  {file}")
    program = "newsmonitor" if shutil.which("newsmonitor") else sys.argv[0]
    click.echo(f"\nLook further:\n  {program} -c {out / 'newsmonitor.yaml'} stories list")
    click.echo(f"  {program} -c {out / 'newsmonitor.yaml'} feeds list")


COMMANDS: list[click.Command] = [demo]
