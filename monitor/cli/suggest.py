"""suggest: spellings, masks and feeds for a list, from what was stored and marked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

import click

from monitor.cli.choosing import chosen
from monitor.cli.options import config_option, print_listing, setup_of
from monitor.cli.watch import LISTS, json_rows
from monitor.errors import InputError, Problem
from monitor.model import Verdict
from monitor.pipeline.archives import Pair, file_items, stored_items
from monitor.pipeline.suggest import Marked, MaskReport, feeds, masks, spellings, unsubscribed
from monitor.seeds.search_feeds import EDITIONS, as_yaml
from monitor.seeds.spelling import guesses
from monitor.store import Store
from monitor.text import clean

ITEMS = 200_000  # of an archive are looked at
HITS = 5_000
_ARCHIVE = click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines of items (.xz, .gz). Default: the stored items.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(short_help="Propose spellings, masks and feeds for a list.")
def suggest() -> None:
    """Propose spellings, masks and search feeds, each with counts and a sample to judge it by."""


@suggest.command(name="aliases")
@click.argument("names", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500), help="Rows.")
@_ARCHIVE
@_JSON
@config_option
@click.pass_context
def aliases(
    ctx: click.Context,
    names: tuple[str, ...],
    limit: int,
    archive: Path | None,
    as_json: bool,
    config: str | None,
) -> None:
    """Look for other spellings of NAMES, and for names that stand beside them.

    The table of letters proposes Cyrillic, Persian and Arabic spellings; those that were seen stand
    in the listing with the number of items.

    Example: newsmonitor suggest aliases Hamadan Hamedan --archive archive.jsonl
    """
    counter = spellings(names, _items(ctx, archive, config))
    found = [asdict(one) for one in (*counter.near(limit), *counter.beside(limit))]
    by_table = list(dict.fromkeys(text for name in names for _, text in guesses(name)))
    if as_json:
        told = {"seen": found, "by_the_table": by_table}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    rows = [
        {"spelling": one["text"], "items": one["items"], "why": one["why"], "title": one["sample"]}
        for one in found
    ]
    print_listing(rows, as_json=False, as_csv=False)
    if by_table:
        click.echo(f"by the table, not all are words: {', '.join(by_table[:24])}")


@suggest.command(name="masks")
@click.argument("watchlist")
@click.option(
    "--labels",
    type=click.File("r", encoding="utf-8"),
    help="JSON Lines with label 1 or 0. Default: the marks of the store.",
)
@LISTS
@_JSON
@config_option
@click.pass_context
def masks_(
    ctx: click.Context,
    watchlist: str,
    labels: IO[str] | None,
    paths: tuple[Path, ...],
    as_json: bool,
    config: str | None,
) -> None:
    """Propose masks for WATCHLIST from hits that were marked noise.

    A mask is a pair of words beside what made the list fire. Each was tried on all marked hits: it
    silences noise, and no relevant hit.

    Example: newsmonitor suggest masks gas-market --labels labelled.jsonl
    """
    config = config or ctx.find_root().obj
    found = chosen(ctx, watchlist, paths, config)
    marked = list(_labelled(labels) if labels else _stored_marks(ctx, found.name, config))
    report = masks(found, marked)
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
        return
    _tell_masks(report)


def _tell_masks(report: MaskReport) -> None:
    click.echo(f"# {report.noise} noisy and {report.wanted} relevant hits are marked")
    if not report.proposals:
        click.echo("# no pair of words stands beside noise alone")
        return
    click.echo("mask:")
    for one in report.proposals:
        entry = f"  - {json.dumps(one.phrase, ensure_ascii=False)}"
        sample = clean(one.sample)[:70]
        click.echo(f"{entry:<34} # silences {one.silenced} of {report.noise}: {sample}")


@suggest.command(name="feeds")
@click.argument("watchlist")
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(list(EDITIONS)),
    help="Editions of these languages only; may be repeated.",
)
@LISTS
@_JSON
@config_option
@click.pass_context
def feeds_(
    ctx: click.Context,
    watchlist: str,
    languages: tuple[str, ...],
    paths: tuple[Path, ...],
    as_json: bool,
    config: str | None,
) -> None:
    """Compile search feeds from WATCHLIST, ready for feeds.yaml, and name outlets to add.

    Google News, Bing News and GDELT, for each language in which the list has terms. A search is
    wider than the list: what it brings is still judged by the list. With -c the outlets are told
    that carried its hits and that no feed is subscribed from.

    Example: newsmonitor suggest feeds gas-market --language en
    """
    config = config or ctx.find_root().obj
    found = chosen(ctx, watchlist, paths, config)
    made = feeds(found, languages)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in made], ensure_ascii=False, indent=2))
        return
    click.echo("# paste under feeds: in feeds.yaml")
    click.echo(
        as_yaml(made) if made else "# the list requires no group that a search could ask for"
    )
    if config:
        _tell_outlets(ctx, found.name, config)


def _tell_outlets(ctx: click.Context, name: str, config: str) -> None:
    setup = setup_of(ctx, config)
    store = Store.reader(setup.database)
    hits = store.hits.newest(HITS, name)
    seen = store.items.sightings([one.item_id for one in hits])
    outlets = unsubscribed(
        (sighting for row in seen.values() for sighting in row), [f.outlet for f in setup.feeds]
    )
    for outlet, count in outlets.most_common(20):
        click.echo(f"# outlet without a feed of its own: {clean(outlet)} ({count} hits)")


def _items(ctx: click.Context, archive: Path | None, config: str | None) -> Iterator[Pair]:
    if archive is not None:
        return file_items(archive, ITEMS)
    return stored_items(setup_of(ctx, config).database, ITEMS)


def _labelled(labels: IO[str]) -> Iterator[Marked]:
    for number, row in json_rows(labels):
        if row.get("label") not in {0, 1}:
            what = "the label is missing or not 0 or 1"
            raise InputError([Problem(str(labels.name), number, "E002", what, "label every row")])
        yield Marked(str(row.get("title") or ""), str(row.get("text") or ""), row["label"] == 1)


def _stored_marks(ctx: click.Context, name: str, config: str | None) -> Iterator[Marked]:
    store = Store.reader(setup_of(ctx, config).database)
    marks = store.marks.listed(name)
    known = store.items.get([one.item_id for one in marks])
    for one in marks:
        if (item := known.get(one.item_id)) is not None:
            yield Marked(item.title, item.text, one.verdict is Verdict.RELEVANT)


COMMANDS: list[click.Command] = [suggest]
