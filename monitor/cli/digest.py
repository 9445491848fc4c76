"""digest: preview, send, list, show, and the ledger of its deliveries."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import click

from monitor import __version__
from monitor.cli.asking import ask
from monitor.cli.options import (
    NUMBER,
    config_option,
    listing_options,
    minute,
    print_listing,
    reader_of,
    setup_of,
)
from monitor.clock import SystemClock
from monitor.daemon import Service
from monitor.digests import render_email, render_json, render_slack, render_text
from monitor.errors import InputError, Problem
from monitor.files import Setup
from monitor.model import Delivery, DeliveryState, Digest
from monitor.pipeline.compose import preview as build_preview
from monitor.store import Store
from monitor.store.requests import Drop, Resend, SendNow
from monitor.text import clean

#: What a person can send again, and what can be dropped.
_AGAIN = {DeliveryState.UNCERTAIN, DeliveryState.DEAD, DeliveryState.DROPPED}
_OPEN = {DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.UNCERTAIN, DeliveryState.DEAD}


@click.group()
def digest() -> None:
    """Preview, send, list, show digests."""


@digest.command()
@click.argument("profile", required=False)
@click.option(
    "--format", "form", type=click.Choice(["html", "text", "slack", "json"]), default="text",
    help="Which form to print.",
)  # fmt: skip
@click.option("--open", "open_it", is_flag=True, help="Show the HTML in a browser.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead."
)
@config_option
@click.pass_context
def preview(
    ctx: click.Context,
    profile: str | None,
    form: str,
    open_it: bool,
    out: Path | None,
    config: str | None,
) -> None:
    """Render the next digest as it would be now, without sending or storing it."""
    setup = setup_of(ctx, config)
    store = Store.reader(setup.database)
    built = build_preview(setup, store, _profile(setup, profile), SystemClock().now())
    shown = _rendered(setup, built, "html" if open_it else form)
    if open_it and out is None:
        out = Path(tempfile.mkdtemp(prefix="newsmonitor-")) / f"{built.id}.html"
    if out is None:
        click.echo(shown, nl=False)
        return
    _write(out, shown)
    click.echo(str(out))
    if open_it:
        webbrowser.open(out.resolve().as_uri())


@digest.command(short_help="Send what is due, or one digest now.")
@click.argument("profile", required=False)
@click.option("--to", default="", metavar="CHANNEL|ADDRESS", help="Only there; needs PROFILE.")
@config_option
@click.pass_context
def send(ctx: click.Context, profile: str | None, to: str, config: str | None) -> None:
    """Build digests that are due and send everything that waits; polls nothing.

    With PROFILE an extra copy of that digest, as it is now, goes to its channels, or to the one
    channel or mail address named by --to. The next digest tells everything in it again.

    Example: newsmonitor digest send daily --to me@example.org
    """
    setup = setup_of(ctx, config)
    if to and profile is None:
        raise click.UsageError("--to needs the name of a digest before it")
    if profile is None:
        asyncio.run(_send(setup, build=True))
    elif ask(setup, SendNow(profile=_profile(setup, profile), to=to[:300])):
        asyncio.run(_send(setup, build=False))


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
            "built_at": minute(one.built_at),
            "stories": one.stories,
            "items": one.items,
            "deliveries": told_of(store, one.id),
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
    write_frozen(reader_of(ctx, config), digest_id, part, channel)


@digest.command(short_help="List deliveries: what waits, what was given up.")
@click.argument("digest_id", required=False)
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=NUMBER,
    help="How many; what has not arrived comes first.",
)
@listing_options
@config_option
@click.pass_context
def deliveries(
    ctx: click.Context,
    digest_id: str | None,
    limit: int,
    as_json: bool,
    as_csv: bool,
    config: str | None,
) -> None:
    """List the deliveries of one digest or alert, or of all, with number, state and error."""
    store = reader_of(ctx, config)
    found = store.ledger.of_digest(digest_id) if digest_id else store.ledger.listed(limit)
    rows = [_delivery_row(one) for one in found]
    print_listing(rows, as_json=as_json, as_csv=as_csv, hide=("attempts", "due_at"))


@digest.command(short_help="Send again what was given up or is held.")
@click.argument("names", nargs=-1, required=True, metavar="DELIVERY|DIGEST…")
@config_option
@click.pass_context
def resend(ctx: click.Context, names: tuple[str, ...], config: str | None) -> None:
    """Send again what was given up, dropped or is held as uncertain.

    Named by the numbers in 'digest deliveries', or by a digest for all of its deliveries.

    Example: newsmonitor digest resend 41 42
    """
    setup = setup_of(ctx, config)
    for one in _deliveries(Store.reader(setup.database), names, _AGAIN, "can be sent again"):
        ask(setup, Resend(delivery=one))


@digest.command(short_help="Give up what waits to be sent.")
@click.argument("names", nargs=-1, required=True, metavar="DELIVERY|DIGEST…")
@config_option
@click.pass_context
def drop(ctx: click.Context, names: tuple[str, ...], config: str | None) -> None:
    """Send no more what waits, is held or was given up; dead letters are settled by this.

    Named by the numbers in 'digest deliveries', or by a digest for all of its deliveries.
    """
    setup = setup_of(ctx, config)
    for one in _deliveries(Store.reader(setup.database), names, _OPEN, "can be dropped"):
        ask(setup, Drop(delivery=one))


def told_of(store: Store, owner: str) -> list[str]:
    """Return the state of each delivery of a digest or an alert, in a few words."""
    return [
        f"{one.message.channel} {one.message.part}/{one.message.parts} {one.state}"
        for one in store.ledger.of_digest(owner)
    ]


def write_frozen(store: Store, owner: str, part: int, channel: str) -> None:
    """Write the frozen bytes of one delivery to standard output; raises InputError D001."""
    for one in store.ledger.of_digest(owner):
        if one.message.part == part and channel in {"", one.message.channel}:
            sys.stdout.buffer.write(one.message.body)
            return
    hint = "'newsmonitor digest list' shows what there is"
    raise InputError([Problem("digest", 1, "D001", f"no such part of '{owner[:60]}'", hint)])


async def _send(setup: Setup, *, build: bool) -> None:
    """Send what waits; ``build`` what is due before that, which an extra copy does not ask for."""
    made: list[Digest] = []
    async with Service(setup) as service:
        if build:
            made, report = await service.desk()
        else:
            report = await service.send_waiting()
    for built in made:
        click.echo(f"digest {built.id}: {built.stories} stories")
    for outcome in report.outcomes:
        message = outcome.delivery.message
        click.echo(f"{outcome.state} {message.channel} {message.name} {outcome.error}".rstrip())
    if not report.outcomes:
        click.echo("nothing waits to be sent")


def _deliveries(
    store: Store, names: Sequence[str], states: set[DeliveryState], what: str
) -> list[int]:
    """Return the numbers of the deliveries that are named; raises InputError D011."""
    found: list[int] = []
    for name in names:
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0
        known = [store.ledger.get(number)] if number else store.ledger.of_digest(name)
        fit = [one.id for one in known if one is not None and one.state in states]
        if not fit:
            told = f"'{clean(name)[:60]}' names no delivery that {what}"
            hint = "'newsmonitor digest deliveries' shows numbers and states"
            raise InputError([Problem("digest", 1, "D011", told, hint)])
        found += fit
    return list(dict.fromkeys(found))


def _delivery_row(one: Delivery) -> dict[str, object]:
    return {
        "id": one.id,
        "digest": one.digest_id,
        "channel": one.message.channel,
        "recipient": one.message.recipient,
        "part": f"{one.message.part}/{one.message.parts}",
        "state": one.state.value,
        "attempts": one.attempts,
        "due_at": minute(one.due_at),
        "reason": one.error,
    }


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
    if form == "json":
        whole = render_json(built, version=__version__)
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
    return render_text(built, version=__version__, contact=contact)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        hint = "name a file in a folder of your own"
        problem = Problem(str(out), 1, "U007", f"cannot be written: {error.strerror}", hint)
        raise InputError([problem]) from error


COMMANDS: list[click.Command] = [digest]
