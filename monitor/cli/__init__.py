"""The command line. No logic lives here: commands read arguments, call the attic, print.

Exit codes: 0 well · 1 a bug · 2 a person is needed: mend a file, look at the network ·
3 the database · 75 another daemon runs · 78 the database is newer than the program.
"""

from __future__ import annotations

import io
import sys
from importlib import import_module
from typing import Any

import click

from monitor import __version__
from monitor.errors import AlreadyRunning, InputError, MonitorError, SchemaTooNew, StoreError

_EPILOG = "Every command has --help. Begin with 'newsmonitor demo', then 'newsmonitor init'."

#: Where each command lives, in the order of the help. A command's module is imported when the
#: command is wanted: `match` on a pipe must not wait for a mail client to load.
_HOMES = {
    "demo": "demo",
    "init": "check",
    "check": "check",
    "run": "run",
    "poll": "run",
    "match": "watch",
    "eval": "watch",
    "explain": "explaining",
    "group": "group",
    "derive": "derive",
    "suggest": "suggest",
    "replay": "replay",
    "promote": "promote",
    "digest": "digest",
    "alerts": "alerts",
    "mute": "marking",
    "feeds": "feeds",
    "items": "reading",
    "hits": "reading",
    "stories": "stories",
    "status": "reading",
    "backup": "upkeep",
    "restore": "upkeep",
    "schema": "upkeep",
}


class _Group(click.Group):
    """Turns our errors into one clear message and the documented exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's shape
        return list(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _HOMES:
            return None
        found: list[click.Command] = import_module(f"monitor.cli.{_HOMES[cmd_name]}").COMMANDS
        return next(one for one in found if one.name == cmd_name)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _forgive_encodings()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MonitorError as error:
            click.echo(str(error), err=True)
            ctx.exit(exit_code(error))
        except BrokenPipeError:
            # The reader of a pipe went away, as `head` does: nothing is wrong.
            sys.stderr.close()
            ctx.exit(0)


def _forgive_encodings() -> None:
    """Let what a terminal cannot show come out as an escape: no command dies of a letter."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def exit_code(error: MonitorError) -> int:
    """Return the exit code that belongs to ``error``."""
    codes: list[tuple[type[MonitorError], int]] = [
        (InputError, 2), (SchemaTooNew, 78), (AlreadyRunning, 75), (StoreError, 3),
    ]  # fmt: skip
    return next((code for kind, code in codes if isinstance(error, kind)), 2)


@click.group(
    cls=_Group,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-c",
    "--config",
    metavar="FILE",
    help="The settings file. Default: newsmonitor.yaml here, then in /etc/newsmonitor.",
)
@click.version_option(__version__, prog_name="newsmonitor")
@click.pass_context
def main(ctx: click.Context, config: str | None) -> None:
    """Watch news feeds against watchlists; get a digest that says why, and what may be missing."""
    ctx.obj = config
