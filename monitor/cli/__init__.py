"""The command line. No logic lives here: commands read arguments, call the attic, print.

Exit codes: 0 well · 1 a bug · 2 a person is needed: mend a file, look at the network ·
3 the database · 75 another daemon runs · 78 the database is newer than the program.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from monitor import __version__
from monitor.cli import check, demo, digest, feeds, group, reading, run, watch
from monitor.errors import AlreadyRunning, InputError, MonitorError, SchemaTooNew, StoreError

_EPILOG = "Every command has --help. Begin with 'newsmonitor demo', then 'newsmonitor init'."


class _Group(click.Group):
    """Turns our errors into one clear message and the documented exit code."""

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


for _module in (demo, check, run, watch, group, digest, feeds, reading):
    for _command in _module.COMMANDS:
        main.add_command(_command)
