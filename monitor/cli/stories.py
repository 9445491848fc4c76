"""stories list, show, export: the same event once, who told it, and what each one added."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from monitor.cli.options import (
    NUMBER,
    Terminal,
    config_option,
    listing_options,
    minute,
    print_listing,
    reader_of,
)
from monitor.cli.timeline import print_stories, print_timeline
from monitor.clock import SystemClock
from monitor.errors import InputError, Problem
from monitor.model import Dossier, Edit, Member, Part, Role, Story
from monitor.pipeline import read_stories
from monitor.store import Store
from monitor.stories.dossier import dossier
from monitor.stories.origins import outlets_of
from monitor.times import parse_duration, stamp

#: Stories that are read at once: what an export holds in memory.
_PORTION = 50

F = TypeVar("F", bound=Callable[..., Any])
Told = tuple[Story, Dossier]


def _since(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Read ``2d`` or ``2026-03-10``: a length of time up to now, or a date in UTC."""
    if value is None:
        return None
    try:
        return SystemClock().now() - timedelta(seconds=parse_duration(value))
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        told = f"'{value[:40]}' is no time; write 12h, 2d or 2026-03-10"
        raise click.BadParameter(told, ctx, param) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _choice(limit: int | None) -> Callable[[F], F]:
    """--since, -w and --limit."""

    def wrap(command: F) -> F:
        since = click.option(
            "--since", callback=_since, metavar="TIME",
            help="Only stories with a hit since then: 12h, 2d, 2026-03-10.",
        )  # fmt: skip
        watchlist = click.option(
            "-w", "--watchlist", default="", help="Only stories with a hit of this watchlist."
        )
        most = click.option(
            "--limit", default=limit, show_default=limit is not None,
            type=NUMBER, help="How many, newest first.",
        )  # fmt: skip
        return since(watchlist(most(command)))

    return wrap


@click.group()
def stories() -> None:
    """Hits folded into stories: the same event once, with its outlets and origins."""


@stories.command(name="list")
@_choice(30)
@listing_options
@config_option
@click.pass_context
def stories_list(
    ctx: click.Context,
    since: datetime | None,
    watchlist: str,
    limit: int,
    as_json: bool,
    as_csv: bool,
    config: str | None,
) -> None:
    """List the newest stories: items, outlets, independent origins, and what was added last."""
    store = reader_of(ctx, config)
    found = _read(store, _chosen(store, watchlist, since, limit))
    rows = [_row(story, known) for story, known in found]
    if as_json or as_csv or not rows:
        print_listing(rows, as_json=as_json, as_csv=as_csv)
    else:
        print_stories(Terminal(highlight=False), rows)


@stories.command(name="show")
@click.argument("story", type=NUMBER)
@listing_options
@config_option
@click.pass_context
def stories_show(
    ctx: click.Context, story: int, as_json: bool, as_csv: bool, config: str | None
) -> None:
    """Show a story's timeline: outlet, language, origin, what was new, and edits as a word diff.

    The number of a story that was merged into another one shows that other one.
    """
    found = next(_read(reader_of(ctx, config), [story]), None)
    if found is None:
        hint = "'newsmonitor stories list' shows the numbers"
        raise InputError([Problem("stories", 1, "D003", f"there is no story {story}", hint)])
    if as_json or as_csv:
        rows = sorted(_member_rows(*found), key=lambda row: str(row["seen_at"]))
        print_listing(rows, as_json=as_json, as_csv=as_csv)
    else:
        print_timeline(Terminal(highlight=False), *found)


@stories.command(name="export")
@click.argument("numbers", metavar="[STORY]...", nargs=-1, type=NUMBER)
@_choice(None)
@listing_options
@config_option
@click.pass_context
def stories_export(
    ctx: click.Context,
    numbers: tuple[int, ...],
    since: datetime | None,
    watchlist: str,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
    config: str | None,
) -> None:
    """Print stories with all that is known: one JSON object a line, or CSV with a line per item.

    Without numbers and options all stories are printed, the newest first.
    """
    store = reader_of(ctx, config)
    found = _read(store, numbers or _chosen(store, watchlist, since, limit))
    if not as_csv or as_json:
        for one in found:
            click.echo(json.dumps(_whole(*one), ensure_ascii=False))
        return
    rows = [row for one in found for row in _member_rows(*one, per_item=True)]
    print_listing(rows, as_json=False, as_csv=True)


def _chosen(
    store: Store, watchlist: str, since: datetime | None, limit: int | None
) -> Sequence[int]:
    """Return the ids of stories, the one with the newest hit first."""
    if not watchlist and since is None:
        return store.hits.newest_stories(limit or store.hits.story_count())
    most = 1_000
    while True:
        hits = store.hits.newest(most, watchlist)
        fresh = [hit for hit in hits if since is None or hit.matched_at >= since]
        ids = list(dict.fromkeys(hit.story_id for hit in fresh if hit.story_id is not None))
        if len(hits) < most or len(fresh) < len(hits) or (limit and len(ids) >= limit):
            return ids[:limit]
        most *= 4


def _read(store: Store, ids: Sequence[int]) -> Iterator[Told]:
    """Yield stories with their dossiers in the order of ``ids``; unknown ids are left out."""
    for start in range(0, len(ids), _PORTION):
        portion = ids[start : start + _PORTION]
        home = store.stories.follow(portion)
        merged = store.stories.merged(set(home.values()))
        by_id = {one.id: one for one in read_stories(store, portion)}
        for one in dict.fromkeys(home[each] for each in portion if each in home):
            if one in by_id:
                young = [each.id for each in merged.get(one, ())]
                yield by_id[one], dossier(by_id[one], young)


def _row(story: Story, known: Dossier) -> dict[str, Any]:
    first, last = story.members[0].item, story.members[-1].item
    return {
        "id": story.id,
        "first_seen": minute(first.first_seen_at),
        "last_seen": minute(last.first_seen_at),
        "items": len(story.members),
        "outlets": len(known.outlets),
        "state_outlets": len(known.state_outlets),
        "origins": len(known.origins),
        "languages": list(known.languages),
        "watchlists": sorted({hit.watchlist for one in story.members for hit in one.hits}),
        "edits": len(known.edits),
        "title": first.title,
        "newest": _newest(known),
    }


def _newest(known: Dossier) -> str:
    """Return what was added last: facts, else a weighty edit."""
    news = [(part.seen_at, "; ".join(part.new)) for part in known.parts if part.new]
    news += [
        (edit.at, f"edited: {', '.join(edit.weighty)}") for edit in known.edits if edit.weighty
    ]
    dated = [(at, told) for at, told in news if at is not None]
    return max(dated)[1] if dated else ""


def _member_rows(
    story: Story, known: Dossier, *, per_item: bool = False
) -> Iterator[dict[str, Any]]:
    """Return a row for each sighting of each item, or one for each item."""
    parts = {part.item_id: part for part in known.parts}
    for member in story.members:
        row = _member_row(story, member, parts.get(member.item.id), known)
        if per_item or not member.sightings:
            yield row
            continue
        for sighting in member.sightings:
            yield row | {"seen_at": minute(sighting.seen_at), "outlet": sighting.outlet}


def _member_row(story: Story, member: Member, part: Part | None, known: Dossier) -> dict[str, Any]:
    item = member.item
    changed = [edit for edit in known.edits if edit.item_id == item.id]
    return {
        "seen_at": minute(item.first_seen_at),
        "outlet": "; ".join(outlets_of(member)),
        "language": item.language,
        "origin": known.origins[part.origin].name if part else "",
        "role": (part.role if part else Role.REPORT).value,
        "new": list(part.new) if part else [],
        "title": item.title,
        "joined": member.hits[0].story_reason,
        "why": sorted({one.text for hit in member.hits for one in hit.evidence}),
        "edits": len(changed),
        "weighty": sorted({why for edit in changed for why in edit.weighty}),
        "story": story.id,
        "item": item.id,
        "url": item.url,
    }


def _whole(story: Story, known: Dossier) -> dict[str, Any]:
    """Return everything about a story, fit for JSON."""
    parts = {part.item_id: part for part in known.parts}
    return {
        **_row(story, known),
        "merged": list(known.merged),
        "first_outlet": known.first_outlet,
        "outlet_names": list(known.outlets),
        "state_outlet_names": list(known.state_outlets),
        "origin_list": [
            {
                "name": one.name,
                "outlets": list(one.outlets),
                "items": list(one.items),
                "first_seen_at": one.first_seen_at and stamp(one.first_seen_at),
                "state_affiliated": one.state_affiliated,
            }
            for one in known.origins
        ],
        "members": [_member(one, parts.get(one.item.id), known) for one in story.members],
        "edit_list": [_edit(one) for one in known.edits],
    }


def _member(member: Member, part: Part | None, known: Dossier) -> dict[str, Any]:
    item = member.item
    return {
        "item": item.id,
        "title": item.title,
        "text": item.text,
        "url": item.url,
        "language": item.language,
        "published_at": item.published_at and stamp(item.published_at),
        "first_seen_at": item.first_seen_at and stamp(item.first_seen_at),
        "origin": known.origins[part.origin].name if part else None,
        "role": part.role.value if part else None,
        "new": list(part.new) if part else [],
        "sightings": [
            {
                "outlet": one.outlet,
                "feed": one.feed_url,
                "seen_at": stamp(one.seen_at),
                "state_affiliated": one.state_affiliated,
            }
            for one in member.sightings
        ],
        "hits": [
            {
                "watchlist": hit.watchlist,
                "level": hit.level.word,
                "score": round(hit.score, 2),
                "matched_at": stamp(hit.matched_at),
                "lost_at": hit.lost_at and stamp(hit.lost_at),
                "joined": hit.story_reason,
                "evidence": [f"{one.group}: {one.text}" for one in hit.evidence],
            }
            for hit in member.hits
        ],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "item": edit.item_id,
        "field": edit.field,
        "at": edit.at and stamp(edit.at),
        "before": edit.before,
        "after": edit.after,
        "diff": [[change.value, text] for change, text in edit.diff],
        "weighty": list(edit.weighty),
    }


COMMANDS: list[click.Command] = [stories]
