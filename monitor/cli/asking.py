"""How a command asks for a change: the daemon fulfils it, or the command itself when none runs."""

from __future__ import annotations

import getpass

import click

from monitor.clock import SystemClock
from monitor.errors import InputError, Problem
from monitor.files import Setup
from monitor.pipeline.requests import submit
from monitor.store.requests import Wish
from monitor.text import clean

HANDED_OVER = "handed to the running daemon, which does it within half a minute"


def ask(setup: Setup, wish: Wish) -> bool:
    """Have a wish fulfilled and say how; False when it was handed to the running daemon.

    Raises InputError D010 for a wish that cannot be fulfilled, StoreError when it cannot be left.
    """
    done = submit(setup, wish, SystemClock().now(), _who())
    if done is None:
        click.echo(HANDED_OVER)
        return False
    if done.refused:
        hint = "nothing was changed; the listings show what there is"
        raise InputError([Problem("request", 1, "D010", clean(done.refused), hint)])
    click.echo(f"done: {clean(done.told)}")
    return True


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
