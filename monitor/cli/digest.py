"""digest: preview, send, list, show."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import webbrowser
from pathlib import Path

import click

from monitor import __version__
from monitor.cli.options import config_option, listing_options, print_listing, reader_of, setup_of
from monitor.clock import SystemClock
from monitor.daemon import Service
from monitor.digests import render_email, render_slack, render_text
from monitor.errors import InputError, Problem
from monitor.files import Setup
from monitor.model import Digest
from monitor.pipeline.compose import preview as build_preview
from monitor.store import Store


@click.group()
def digest() -> None:
    """Preview, send, list, show digests."""


@digest.command()
@click.argument("profile", required=False)
@click.option(
    "--format", "form", type=click.Choice(["html", "text", "slack"]), default="text",
    help="Which form to print.",
)  # fmt: skip
@click.option("--open", "open_it", is_flag=True, help="Show the HTML in a browser.")
@config_option
@click.pass_context
def preview(
    ctx: click.Context, profile: str | None, form: str, open_it: bool, config: str | None
) -> None:
    """Render the next digest as it would be now, without sending or storing it."""
    setup = setup_of(ctx, config)
    store = Store.reader(setup.database)
    built = build_preview(setup, store, _profile(setup, profile), SystemClock().now())
    if open_it:
        page = Path(tempfile.mkdtemp(prefix="newsmonitor-")) / f"{built.id}.html"
        page.write_text(_rendered(setup, built, "html"), encoding="utf-8")
        webbrowser.open(page.as_uri())
        click.echo(str(page))
    else:
        click.echo(_rendered(setup, built, form), nl=False)


@digest.command()
@config_option
@click.pass_context
def send(ctx: click.Context, config: str | None) -> None:
    """Build digests that are due and send everything that waits; polls nothing."""
    asyncio.run(_send(setup_of(ctx, config)))


@digest.command(name="list")
@listing_options
@config_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool, as_csv: bool, config: str | None) -> None:
    """List the digests that were built, newest first, with the state of their deliveries."""
    store = reader_of(ctx, config)
    rows = [
        {
            "id": one.id,
            "built_at": f"{one.built_at:%Y-%m-%d %H:%M}",
            "stories": one.stories,
            "items": one.items,
            "deliveries": [
                f"{d.message.channel} {d.message.part}/{d.message.parts} {d.state}"
                for d in store.ledger.of_digest(one.id)
            ],
        }
        for one in store.digests.listed()
    ]
    print_listing(rows, as_json=as_json, as_csv=as_csv)


@digest.command()
@click.argument("digest_id")
@click.option("--part", default=1, help="Which part of the delivery, from 1.")
@click.option("--channel", default="", help="Of which channel; default: the first.")
@config_option
@click.pass_context
def show(ctx: click.Context, digest_id: str, part: int, channel: str, config: str | None) -> None:
    """Print the frozen bytes of a digest, exactly as they were or will be sent."""
    store = reader_of(ctx, config)
    for one in store.ledger.of_digest(digest_id):
        if one.message.part == part and channel in {"", one.message.channel}:
            sys.stdout.buffer.write(one.message.body)
            return
    hint = "'newsmonitor digest list' shows what there is"
    raise InputError([Problem("digest", 1, "D001", f"no such part of '{digest_id[:60]}'", hint)])


async def _send(setup: Setup) -> None:
    async with Service(setup) as service:
        made, report = await service.desk()
    for built in made:
        click.echo(f"digest {built.id}: {built.stories} stories")
    for outcome in report.outcomes:
        message = outcome.delivery.message
        click.echo(f"{outcome.state} {message.channel} {message.name} {outcome.error}".rstrip())
    if not report.outcomes:
        click.echo("nothing waits to be sent")


def _profile(setup: Setup, given: str | None) -> str:
    names = list(setup.settings.digests)
    if given is None and names:
        return names[0]
    if given in names:
        return str(given)
    what = f"no digest is called '{(given or '')[:60]}'" if given else "no digest is configured"
    hint = f"digests: {', '.join(names) or 'none; add one under digests:'}"
    raise InputError([Problem(str(setup.path), 1, "D002", what, hint)])


def _rendered(setup: Setup, built: Digest, form: str) -> str:
    contact = setup.settings.fetch.contact
    if form == "html":
        return render_email(built, version=__version__, contact=contact).html
    if form == "slack":
        payloads = render_slack(built, version=__version__, contact=contact)
        return json.dumps(payloads, ensure_ascii=False, indent=1) + "\n"
    return render_text(built, version=__version__, contact=contact)


COMMANDS: list[click.Command] = [digest]
