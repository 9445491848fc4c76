"""mute, and what is said of hits: mark, unmark, export of the marks as labels for eval."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

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
from monitor.errors import InputError, Problem
from monitor.files import Setup
from monitor.model import Item, Judgement, MuteKind, Verdict
from monitor.store import Store
from monitor.store.requests import BeginMute, EndMute, Mark, Unmark
from monitor.text import clean
from monitor.times import parse_duration, slot

_FURTHEST = timedelta(days=3650)


@click.command(name="mark", short_help="Say of hits: relevant, or noise.")
@click.argument("hits", nargs=-1, required=True, type=NUMBER, metavar="ID…")
@click.argument("verdict", type=click.Choice([one.value for one in Verdict]))
@click.option("--note", default="", help="Why, in your words; kept with the mark.")
@config_option
@click.pass_context
def mark(
    ctx: click.Context, hits: tuple[int, ...], verdict: str, note: str, config: str | None
) -> None:
    """Mark hits, named by their numbers, as relevant or as noise.

    Marks are counted: 'status' shows the precision of each list, 'hits export' writes them as
    labels for 'eval'. A later mark takes the place of an earlier one.

    Example: newsmonitor hits mark 17 18 noise --note "a drone race"
    """
    ask(setup_of(ctx, config), Mark(hits=hits, verdict=Verdict(verdict), note=note[:500]))


@click.command(name="unmark", short_help="Take the mark off hits.")
@click.argument("hits", nargs=-1, required=True, type=NUMBER, metavar="ID…")
@config_option
@click.pass_context
def unmark(ctx: click.Context, hits: tuple[int, ...], config: str | None) -> None:
    """Take the marks off hits, named by their numbers."""
    ask(setup_of(ctx, config), Unmark(hits=hits))


@click.command(name="export", short_help="Write marked hits as labels for eval.")
@click.option("-w", "--watchlist", default="", help="Only marks on hits of this watchlist.")
@click.option("--json", "_as_json", is_flag=True, help="JSON Lines, as eval reads them: the rule.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV, for a spreadsheet.")
@config_option
@click.pass_context
def export(
    ctx: click.Context, watchlist: str, _as_json: bool, as_csv: bool, config: str | None
) -> None:
    """Write marked hits with their texts: label 1 for relevant, 0 for noise.

    With -w the lines are a label file for 'newsmonitor eval'. Only what fired can be marked, so
    they measure precision; what a list missed is not among them.

    Example: newsmonitor hits export -w gas-market > gas.jsonl
    """
    store = reader_of(ctx, config)
    marks = store.marks.listed(watchlist)
    items = store.items.get(sorted({one.item_id for one in marks}))
    rows = [
        _label(one, item)
        for one in marks
        if (item := items.get(one.item_id)) is not None and (item.title or item.text)
    ]
    if as_csv:
        click.echo(_csv(rows), nl=False)
        return
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))


@click.group(short_help="Silence a watchlist, a story or an outlet.")
def mute() -> None:
    """Silence a watchlist, a story or an outlet in digests and alerts, for a reason.

    Every digest says what is muted, why and until when. What came in while something was muted is
    not told later; 'hits list' has it.
    """


def _muting(kind: MuteKind, metavar: str, short: str, text: str) -> click.Command:
    @click.argument("target", metavar=metavar)
    @click.option("--reason", required=True, help="Why; the digest shows it.")
    @click.option("--for", "length", default="", help="How long, such as 12h, 7d or 2w.")
    @click.option("--until", "day", default="", help="Until when: 2026-12-31, or with a time.")
    @config_option
    @click.pass_context
    def begin(
        ctx: click.Context, target: str, reason: str, length: str, day: str, config: str | None
    ) -> None:
        setup = setup_of(ctx, config)
        until = _until(setup, length, day, SystemClock().now())
        found = _target(setup, kind, target)
        if not clean(reason):
            raise click.BadParameter("say in a few words why", param_hint="--reason")
        ask(setup, BeginMute(what=kind, target=found, reason=clean(reason)[:300], until=until))

    begin.__doc__ = text
    return click.command(name=kind.value, short_help=short)(begin)


mute.add_command(
    _muting(
        MuteKind.WATCHLIST,
        "NAME",
        "Silence a watchlist.",
        """Silence a watchlist: it is matched and stored, and not told.

        Example: newsmonitor mute watchlist gas-market --for 7d --reason "holidays"
        """,
    )
)
mute.add_command(
    _muting(
        MuteKind.STORY,
        "NUMBER",
        "Silence a story.",
        """Silence a story, whatever is still added to it.

        Example: newsmonitor mute story 412 --for 3d --reason "we know"
        """,
    )
)
mute.add_command(
    _muting(
        MuteKind.OUTLET,
        "NAME",
        "Silence an outlet.",
        """Silence an outlet: what only it carries is not told.

        Example: newsmonitor mute outlet "Example Daily" --for 30d --reason "reprints old news"
        """,
    )
)


@mute.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
@listing_options
@config_option
@click.pass_context
def mute_list(
    ctx: click.Context, everything: bool, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """List what is muted, why and until when."""
    store, now = reader_of(ctx, config), SystemClock().now()
    found = store.mutes.listed() if everything else store.mutes.active(now)
    rows = [
        {
            "id": one.id,
            "kind": one.kind.value,
            "target": one.target,
            "until": minute(one.until),
            "since": minute(one.at),
            "reason": one.reason,
        }
        for one in found
    ]
    print_listing(rows, as_json=as_json, as_csv=as_csv)


@mute.command(name="end")
@click.argument("number", type=NUMBER)
@config_option
@click.pass_context
def mute_end(ctx: click.Context, number: int, config: str | None) -> None:
    """End a mute now, by its number in 'mute list'."""
    ask(setup_of(ctx, config), EndMute(mute=number))


def _until(setup: Setup, length: str, day: str, now: datetime) -> datetime | None:
    if length and day:
        raise click.BadParameter("give --for or --until, not both", param_hint="--until")
    try:
        if length:
            until = now + timedelta(seconds=parse_duration(length))
        elif day:
            until = _moment(day, _zone(setup))
        else:
            return None
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(str(error), param_hint="--until" if day else "--for") from error
    if not now < until < now + _FURTHEST:
        raise click.BadParameter("must lie in the future, within ten years",
                                 param_hint="--until" if day else "--for")  # fmt: skip
    return until


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Read a date or a date with a time, on the reader's wall clock unless it has a zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return slot(found.date(), time(found.hour, found.minute), zone)


def _zone(setup: Setup) -> ZoneInfo:
    zones = [plan.zone for plan in setup.settings.digests.values()]
    zones += [plan.zone for plan in setup.settings.alerts.values()]
    return zones[0] if zones else ZoneInfo("UTC")


def _target(setup: Setup, kind: MuteKind, given: str) -> str:
    """Return the name that is known for what a person named; raises InputError."""
    if kind is MuteKind.STORY:
        store = Store.reader(setup.database)
        number = given if given.isascii() and given.isdigit() and len(given) < 19 else "0"
        if not store.hits.of_stories([int(number)]):
            hint = "'newsmonitor stories list' shows the numbers"
            raise _unknown("D003", f"there is no story '{clean(given)[:40]}'", hint)
        return number
    if kind is MuteKind.WATCHLIST:
        names, code = [one.name for one in setup.watchlists], "D004"
    else:
        known = Store.reader(setup.database).tallies.outlets()
        names, code = sorted({*known, *(feed.outlet for feed in setup.feeds)}), "D009"
    called = [name for name in names if name.casefold() == given.strip().casefold()]
    if not called:
        some = ", ".join(clean(name) for name in names[:30])
        what = f"there is no {kind} '{clean(given)[:60]}'"
        raise _unknown(code, what, f"there are: {some or 'none'}")
    return called[0]


def _unknown(code: str, what: str, hint: str) -> InputError:
    return InputError([Problem("mute", 1, code, what, hint)])


def _label(mark: Judgement, item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "watchlist": mark.watchlist,
        "label": int(mark.verdict is Verdict.RELEVANT),
        "title": item.title,
        "text": item.text,
        "lang": item.language,
        "url": item.url,
        "note": mark.note,
        "marked_at": minute(mark.at),
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        # A spreadsheet would run a cell that begins with one of these.
        writer.writerows(
            {k: f"'{v}" if str(v)[:1] in {"=", "+", "-", "@"} else v for k, v in row.items()}
            for row in rows
        )
    return out.getvalue()


COMMANDS: list[click.Command] = [mute]
ON_HITS: list[click.Command] = [mark, unmark, export]
