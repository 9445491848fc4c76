"""alerts: list, show what was told at once, and why."""

from __future__ import annotations

import click

from monitor.cli.digest import told_of, write_frozen
from monitor.cli.options import (
    NUMBER,
    config_option,
    listing_options,
    minute,
    print_listing,
    reader_of,
)
from monitor.errors import InputError, Problem
from monitor.pipeline import read_stories
from monitor.text import clean


@click.group()
def alerts() -> None:
    """Stories that were told at once."""


@alerts.command(name="list")
@click.option(
    "--limit",
    default=30,
    show_default=True,
    type=NUMBER,
    help="How many, newest first.",
)
@listing_options
@config_option
@click.pass_context
def alerts_list(
    ctx: click.Context, limit: int, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """List the alerts that were built, newest first, with the state of their deliveries.

    What is held (gathering, quiet hours, cool-down) is counted below the table.
    """
    store = reader_of(ctx, config)
    rows = [
        {
            "id": one.id,
            "at": minute(one.at),
            "stories": one.stories,
            "reason": [told.reason for told in store.alerts.stories_of(one.id)],
            "deliveries": told_of(store, one.id),
        }
        for one in store.alerts.listed(limit)
    ]
    print_listing(rows, as_json=as_json, as_csv=as_csv)
    if not (as_json or as_csv):
        for rule, hits in sorted(store.alerts.held().items()):
            click.echo(f"{rule}: {hits} hits are held")


@alerts.command(name="show")
@click.argument("alert")
@click.option("--sent", is_flag=True, help="Print the frozen bytes, exactly as they were sent.")
@click.option("--part", default=1, help="With --sent: which part of the delivery, from 1.")
@click.option("--channel", default="", help="With --sent: of which channel; default: the first.")
@listing_options
@config_option
@click.pass_context
def alerts_show(
    ctx: click.Context,
    alert: str,
    sent: bool,
    part: int,
    channel: str,
    as_json: bool,
    as_csv: bool,
    config: str | None,
) -> None:
    """Show the stories of an alert with the reason for each, or with --sent its bytes."""
    store = reader_of(ctx, config)
    if store.alerts.get(alert) is None:
        hint = "'newsmonitor alerts list' shows what there is"
        what = f"there is no alert '{clean(alert)[:60]}'"
        raise InputError([Problem("alerts", 1, "D008", what, hint)])
    if sent:
        write_frozen(store, alert, part, channel)
        return
    told = store.alerts.stories_of(alert)
    titles = {
        story.id: story.members[0].item.title
        for story in read_stories(store, [one.story_id for one in told])
    }
    rows = [
        {
            "story": one.story_id,
            "level": one.level.word,
            "reason": one.reason,
            "title": titles.get(one.story_id, ""),
        }
        for one in told
    ]
    print_listing(rows, as_json=as_json, as_csv=as_csv)


COMMANDS: list[click.Command] = [alerts]
