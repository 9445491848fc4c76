"""group: items in, the story of each out; without configuration and database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from monitor.cli.watch import LISTS, json_rows, watchlists_at
from monitor.matching import Matcher, compile_watchlists
from monitor.model import Hit, Item, Member
from monitor.stories import place

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@click.command(short_help="Fold JSON Lines into stories.")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@LISTS
def group(file: IO[str], paths: tuple[Path, ...]) -> None:
    """Fold items into stories: JSON Lines in, {"id", "story"} for each line out.

    In: {"id", "title", "text", "lang", "date"}. Items are folded in the order of their dates; items
    without a date count as old and simultaneous. What the watchlists match helps to tell events
    apart. All items are held in memory.

    Example: newsmonitor group items.jsonl > stories.jsonl
    """
    matcher = compile_watchlists(watchlists_at(paths))
    rows = [row for _, row in json_rows(file)]
    members = [_member(number, row, matcher) for number, row in enumerate(rows)]
    for number, story in enumerate(_stories(members)):
        click.echo(json.dumps({"id": rows[number].get("id"), "story": story}, ensure_ascii=False))


def _stories(members: Sequence[Member]) -> list[int]:
    """Return the story's number of each member, in the order of the members."""
    opened = {placed.member.item.id: placed.opens for placed in place(members, ())}
    return [opened[member.item.id] for member in members]


def _member(number: int, row: dict[str, Any], matcher: Matcher) -> Member:
    title, text = str(row.get("title") or ""), str(row.get("text") or "")
    seen = _when(row.get("date"))
    item = Item(
        id=number,
        title=title,
        text=text,
        url=str(row.get("url") or ""),
        language=str(row.get("lang") or ""),
        published_at=seen,
        first_seen_at=seen,
    )
    hits = tuple(
        Hit(place, number, found.watchlist, found.level, found.score, found.evidence, seen)
        for place, found in enumerate(matcher.match(title, text))
    )
    return Member(item, hits)


def _when(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return _LONG_AGO
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


COMMANDS: list[click.Command] = [group]
