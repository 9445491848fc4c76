"""backup, restore, schema: the database as a file."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from monitor.cli.options import config_option, print_listing, setup_of
from monitor.clock import SystemClock
from monitor.errors import InputError, Problem
from monitor.files import Setup
from monitor.store import Lock, copies, copy_database, copy_name, prune, restore, schema_of
from monitor.times import human


@click.command(short_help="Copy the database, also while the daemon runs.")
@click.option("--to", "target", metavar="FILE", help="Where to. Default: the backup folder.")
@click.option("--list", "listed", is_flag=True, help="Show the copies that there are.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@config_option
@click.pass_context
def backup(
    ctx: click.Context, target: str | None, listed: bool, as_json: bool, config: str | None
) -> None:
    """Write a copy of the database and check it; the daemon may run meanwhile.

    Without --to the copy goes into the backup folder of the settings, and the oldest copies beyond
    its ``keep`` go. The copy holds digests and readers' addresses, and no secret.
    """
    setup = setup_of(ctx, config)
    if listed:
        print_listing(_rows(setup), as_json=as_json, as_csv=False)
        return
    where = Path(target) if target else _folder(setup) / copy_name(setup.database, _now())
    if where.exists():
        what = f"{where} is there already"
        raise InputError([Problem("--to", 1, "U020", what, "name a file that is not there yet")])
    copy_database(setup.database, where)
    if not target:
        prune(_folder(setup), setup.database, setup.settings.backup.keep)
    told = {"copy": str(where), "bytes": where.stat().st_size}
    click.echo(json.dumps(told) if as_json else f"copied and checked: {where}")


@click.command(name="restore", short_help="Put a copy in the place of the database.")
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path))
@config_option
@click.pass_context
def put_back(ctx: click.Context, copy: Path, config: str | None) -> None:
    """Put a copy in the place of the database, once it is found sound.

    Refused while the daemon runs. What it replaces is kept beside it under ``.replaced-``. The next
    digest covers the time since the last one that the copy knows of, so readers may see some
    stories twice.
    """
    setup = setup_of(ctx, config)
    with Lock(setup.database):
        aside = restore(setup.database, copy, _now())
    click.echo(f"restored: {setup.database} is now what {copy} holds")
    if aside is not None:
        click.echo(f"the replaced database is {aside}; delete it when you no longer want it")


@click.command(short_help="Show the version of the tables.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@config_option
@click.pass_context
def schema(ctx: click.Context, as_json: bool, config: str | None) -> None:
    """Show which steps the tables have behind them, and which the next start will take.

    Exit code 78 when the database is newer than this program.
    """
    setup = setup_of(ctx, config)
    rows = [
        {"step": name, "state": "done" if done else "pending", "at": at}
        for name, done, at in schema_of(setup.database)
    ]
    print_listing(rows, as_json=as_json, as_csv=False)


def _rows(setup: Setup) -> list[dict[str, object]]:
    folder, now = _folder(setup), _now().timestamp()
    return [
        {
            "copy": str(one),
            "megabytes": round(one.stat().st_size / 1_000_000, 1),
            "age": human(max(0.0, now - one.stat().st_mtime)),
        }
        for one in copies(folder, setup.database)
    ]


def _folder(setup: Setup) -> Path:
    folder = setup.settings.backup.folder
    if not folder:
        hint = "set it, or name a file with --to"
        raise InputError([Problem(str(setup.path), 1, "U021", "backup.folder is empty", hint)])
    return setup.resolve(folder)


def _now() -> datetime:
    return SystemClock().now()


COMMANDS: list[click.Command] = [backup, put_back, schema]
