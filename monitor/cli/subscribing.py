"""feeds add, import, export: what changes feeds.yaml, and OPML in and out.

The database is not touched: feeds.yaml is the truth, and a daemon takes it up when it reloads.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.status import Status

from monitor.cli.finding import Finder, Findings, Sound
from monitor.cli.options import config_option, listing_options, print_listing, setup_of
from monitor.errors import FeedError, InputError, Problem
from monitor.feeds.appending import entries_of
from monitor.feeds.catalogue import FeedEntry
from monitor.feeds.merge import address
from monitor.feeds.opml import read_opml, write_opml
from monitor.files import Setup, append_feeds, read_text, replace_text
from monitor.text import clean
from monitor.urls import canonical

_TAKEN_UP = "a running daemon takes it up on reload (SIGHUP) or at its next start"


@click.command(name="add", short_help="Add a feed, or find the feeds of a page.")
@click.argument("url")
@click.option("--title", default="", help="Name shown to the reader. Default: the feed's own.")
@click.option("--language", default="", help="Its language, such as fa. Default: the feed's own.")
@click.option("--country", default="", help="The outlet's country, such as DE.")
@click.option("--tag", "tags", multiple=True, help="A free word; may be repeated.")
@click.option("--state-affiliated", is_flag=True, help="A state owns or controls the outlet.")
@click.option("--pick", type=click.IntRange(1), help="Of a page's feeds, add the one listed as N.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@config_option
@click.pass_context
def feeds_add(
    ctx: click.Context,
    /,
    url: str,
    as_json: bool,
    config: str | None,
    pick: int | None,
    **words: Any,
) -> None:
    """Fetch URL and add it to feeds.yaml when it is a feed.

    When it is a page, the feeds that it leads to are asked, and those that can be read are listed;
    nothing is added without --pick (exit code 2). The old feeds.yaml is kept as feeds.yaml.bak.

    Example: newsmonitor feeds add https://example.org/rss --language en --tag energy
    """
    setup = setup_of(ctx, config)
    _refuse_bad_address(url)
    path = setup.resolve(setup.settings.feeds)
    _refuse_known(setup, url)
    findings = asyncio.run(_look(setup, url))
    chosen = findings.feed or _picked(findings, url, pick, _subscribed(setup), as_json=as_json)
    _refuse_known(setup, chosen.url)
    append_feeds(path, [_entry(chosen, words)])
    if as_json:
        print_listing([_sound_row(1, chosen, set())], as_json=True, as_csv=False)
    if chosen.url != chosen.asked:
        click.echo(f"{chosen.asked} has moved for good to {chosen.url}", err=True)
    click.echo(f"added to {path}: {clean(chosen.url)}", err=as_json)
    click.echo(_TAKEN_UP, err=as_json)


@click.command(name="import", short_help="Add the feeds of an OPML file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--tag", "tags", multiple=True, help="A word put on each; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Tell what would be added, and change nothing.")
@listing_options
@config_option
@click.pass_context
def feeds_import(
    ctx: click.Context,
    file: Path,
    tags: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    as_csv: bool,
    config: str | None,
) -> None:
    """Add the feeds of an OPML file to feeds.yaml, those that are not there yet.

    Folders and categories become tags. Nothing is fetched. The old file is kept as feeds.yaml.bak.

    Example: newsmonitor feeds import reader.opml --tag desk --dry-run
    """
    setup = setup_of(ctx, config)
    path = setup.resolve(setup.settings.feeds)
    outlines = read_opml(read_text(file), str(file))
    new = _unknown(outlines.entries, _subscribed(setup), tags)
    if new and not dry_run:
        append_feeds(path, new)
    if new or as_json or as_csv:
        rows = [{"title": one.title, "url": one.url, "tags": list(one.tags)} for one in new]
        print_listing(rows, as_json=as_json, as_csv=as_csv)
    for problem in outlines.left_out:
        click.echo(f"left out: {problem}", err=True)
    there = len(outlines.entries) - len(new)
    verb = "would be added" if dry_run else "added"
    told = f"{len(new)} {verb}, {there} already there, {len(outlines.left_out)} left out"
    click.echo(told, err=as_json or as_csv)


@click.command(name="export", short_help="Write the feeds as OPML.")
@click.option(
    "--opml", "target", default="-", metavar="FILE", help="Where to write; - is standard output."
)
@config_option
@click.pass_context
def feeds_export(ctx: click.Context, target: str, config: str | None) -> None:
    """Write feeds.yaml as OPML 2.0; 'feeds import' reads it back with every setting.

    Example: newsmonitor feeds export --opml feeds.opml
    """
    setup = setup_of(ctx, config)
    path = setup.resolve(setup.settings.feeds)
    written = write_opml(entries_of(read_text(path), str(path)))
    if target == "-":
        click.echo(written, nl=False)
        return
    replace_text(Path(target), written)
    click.echo(f"{len(setup.feeds)} feeds written to {target}")


async def _look(setup: Setup, url: str) -> Findings:
    console = Console(stderr=True)
    status = Status("", console=console)

    def told(number: int, of: int, asked: str) -> None:
        words = f"asking {clean(asked)[:100]}" + (f" ({number} of {of})" if of > 1 else "")
        if console.is_terminal:
            status.update(words.replace("[", r"\["))
            status.start()
        else:
            click.echo(words, err=True)

    try:
        async with Finder(setup) as finder:
            return await finder.look(url, told)
    except FeedError as error:
        hint = "try it in a browser; 'fetch.allow_private' opens private networks"
        raise _problem("F006", f"{url[:200]}: {clean(str(error))}", hint) from error
    finally:
        status.stop()


def _picked(
    findings: Findings, url: str, pick: int | None, subscribed: set[str], *, as_json: bool
) -> Sound:
    """Return the feed of a page that was asked for; raises InputError when none was."""
    others = findings.others
    if not others:
        what = f"{url[:200]} is no feed, and leads to none: {findings.why}"
        raise _problem("F007", what, "look for a feed's address on the site and give that")
    if pick is not None and pick <= len(others):
        return others[pick - 1]
    rows = [_sound_row(number, one, subscribed) for number, one in enumerate(others, 1)]
    print_listing(rows, as_json=as_json, as_csv=False)
    if pick is not None:
        raise _problem("F008", f"there is no number {pick} in this list", "name one that is")
    what = f"{url[:200]} is a page, not a feed; nothing was added"
    raise _problem("F009", what, "choose from the list with --pick N")


def _sound_row(number: int, sound: Sound, subscribed: set[str]) -> dict[str, Any]:
    return {
        "n": number,
        "url": sound.url,
        "title": sound.name,
        "kind": sound.parsed.kind,
        "entries": len(sound.parsed.entries),
        "newest": f"{sound.newest:%Y-%m-%d %H:%M}" if sound.newest else "",
        "found": sound.found.value if sound.found else "given",
        "subscribed": address(sound.url) in subscribed,
    }


def _entry(sound: Sound, words: dict[str, Any]) -> FeedEntry:
    return FeedEntry(
        url=sound.url,
        title=clean(words["title"]) or sound.name,
        language=clean(words["language"]) or _primary(sound.parsed.language),
        country=clean(words["country"]),
        tags=_words(words["tags"]),
        state_affiliated=words["state_affiliated"],
    )


def _primary(tag: str) -> str:
    """Return the primary subtag of a language tag, or "" for what is none."""
    found = re.match(r"[A-Za-z]{2,3}(?=[-_]|$)", tag)
    return found[0].lower() if found else ""


def _words(tags: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for one in tags if (word := clean(one))))


def _unknown(
    entries: Sequence[FeedEntry], subscribed: set[str], tags: Sequence[str]
) -> list[FeedEntry]:
    """Return the entries that are not subscribed, each address once, with ``tags`` on them."""
    new: dict[str, FeedEntry] = {}
    for one in entries:
        if address(one.url) not in subscribed:
            tagged = one.model_copy(update={"tags": _words([*one.tags, *tags])})
            new.setdefault(address(one.url), tagged)
    return list(new.values())


def _subscribed(setup: Setup) -> set[str]:
    return {address(feed.url) for feed in setup.feeds}


def _refuse_bad_address(url: str) -> None:
    if canonical(url) is None:
        what = "the address is no http or https address, or holds a user name"
        raise _problem("F001", what, "write it in full, without a user name")


def _refuse_known(setup: Setup, url: str) -> None:
    if address(url) in _subscribed(setup):
        hint = "'newsmonitor feeds list' shows how it fares"
        raise _problem("F005", f"{url[:200]} is already in {setup.settings.feeds}", hint)


def _problem(code: str, what: str, hint: str) -> InputError:
    return InputError([Problem("feeds", 1, code, what, hint)])


COMMANDS: list[click.Command] = [feeds_add, feeds_import, feeds_export]
