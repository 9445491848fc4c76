"""Digests and alerts as data for other programs: the same content, with names that stay.

Decides the schema, documented in docs/delivery.md: fields may join in one version, none changes its
meaning or goes. Every string is clean, every link http or https, every moment UTC. Never markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.digests import health, phrases
from monitor.digests.build import BACKFILL
from monitor.digests.bulletin import alert_subject
from monitor.digests.carriers import origins_of
from monitor.digests.changes import Redline, additions, losses, redlines
from monitor.digests.charts import sparkline
from monitor.digests.judge import new_members
from monitor.digests.links import link
from monitor.digests.page import listed
from monitor.digests.why import Piece, explain
from monitor.model import (
    Alert,
    Coverage,
    Digest,
    DigestStory,
    Flood,
    Level,
    Section,
    Surge,
    WatchlistInfo,
)
from monitor.text import clean

VERSION = 1
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_SENTENCE = 400
_LIST = 100


def render_json(digest: Digest, *, version: str) -> dict[str, Any]:
    """Return the digest as data; ``stories`` are in reading order, named elsewhere by their id."""
    numbered = enumerate(listed(digest), 1)
    return {
        "schema": "newsmonitor.digest",
        "version": VERSION,
        "program": f"newsmonitor {clean(version)}",
        "id": digest.id,
        "profile": digest.profile,
        "title": phrases.heading(digest.title),
        "subject": phrases.subject(digest),
        "window": {"start": _moment(digest.window.start), "end": _moment(digest.window.end)},
        "timezone": digest.timezone,
        "catch_up": digest.catch_up,
        "counts": {
            "stories": digest.stories,
            "articles": digest.items,
            "outlets": digest.outlets,
        },
        "top": [shown.story.id for shown in digest.top],
        "sections": [_section(section) for section in digest.sections],
        "quiet": [_watchlist(info) for info in digest.quiet],
        "stories": [
            {"number": number, **_story(shown, digest.window.start)} for number, shown in numbered
        ],
        "flood": _flood(digest.flood) if digest.flood else None,
        "surges": [_surge(surge) for surge in digest.surges],
        "trends": [
            {
                "watchlist": trend.watchlist,
                "counts": list(trend.counts),
                "line": sparkline(trend.counts),
            }
            for trend in digest.trends
        ],
        "health": _health(digest),
    }


def render_alert_json(alert: Alert, *, version: str) -> dict[str, Any]:
    """Return the alert as data, each story with the reason why it is told now."""
    reasons = (*alert.reasons, *("" for _ in alert.stories))
    return {
        "schema": "newsmonitor.alert",
        "version": VERSION,
        "program": f"newsmonitor {clean(version)}",
        "id": alert.id,
        "rule": alert.rule,
        "subject": phrases.bare(alert_subject(alert)),
        "at": _moment(alert.at),
        "timezone": alert.timezone,
        "level": max((shown.level for shown in alert.stories), default=Level.INFO).word,
        "watchlists": [_watchlist(info) for info in alert.watchlists],
        "stories": [
            {
                "number": number,
                "reason": phrases.short(reason, _SENTENCE),
                **_story(shown, _LONG_AGO),
            }
            for number, (shown, reason) in enumerate(zip(alert.stories, reasons, strict=False), 1)
        ],
        "left_out": alert.left_out,
    }


def _story(shown: DigestStory, since: datetime) -> dict[str, Any]:
    item, why = shown.lead.item, explain(shown.lead, shown.watchlists[0])
    target = link(item.url)
    return {
        "story": shown.story.id,
        "headline": _joined(why.headline),
        "url": target.url if target else None,
        "host": target.host if target else None,
        "language": _code(item.language),
        "excerpt": _joined(why.excerpt),
        "level": shown.level.word,
        "score": shown.score,
        "watchlists": list(shown.watchlists),
        "on_trial": shown.on_trial,
        "matched": [
            {"group": term.group, "text": term.text, "meant": term.meant or None}
            for term in why.terms
        ],
        "moves": list(why.moves),
        "first_seen_at": _moment(shown.first_seen_at),
        "outlets": _names(shown.outlets),
        "state_affiliated": _names(shown.state_outlets),
        "origins": [
            {
                "name": phrases.name(one.name),
                "outlets": _names(one.outlets),
                "state_affiliated": one.state_affiliated,
            }
            for one in origins_of(shown)[:_LIST]
        ],
        "languages": [code for one in shown.languages if (code := _code(one))],
        "articles": len(shown.story.members),
        "update": shown.is_update,
        "alerted_at": _moment(shown.alerted_at),
        **_changes(shown, since),
    }


def _changes(shown: DigestStory, since: datetime) -> dict[str, Any]:
    """Return what is new since the reader last heard of the story, as the renderings tell it."""
    heard = shown.alerted_at if shown.alerted_at and not shown.is_update else since
    known = shown.is_update or shown.alerted_at is not None
    added = additions(shown, heard)[0] if known else ()
    return {
        "new_articles": len(new_members(shown.story, since)),
        "new": [
            {"facts": list(one.facts), "outlet": one.outlet, "at": _moment(one.at)} for one in added
        ],
        "edits": [_edit(line) for line in redlines(shown, since)],
        "lost": [
            {
                "field": one.field,
                "words": list(one.words),
                "outlet": one.outlet or None,
                "at": _moment(one.at),
            }
            for one in losses(shown)
        ],
    }


def _edit(line: Redline) -> dict[str, Any]:
    return {
        "field": line.field,
        "outlet": line.outlet or None,
        "at": _moment(line.at),
        "diff": [[change.value, text] for change, text in line.pieces],
        "reasons": list(line.reasons),
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        **_watchlist(section.watchlist),
        "backfill": section.watchlist.name == BACKFILL.name,
        "stories": [shown.story.id for shown in section.stories],
        "left_out": section.left_out,
    }


def _watchlist(info: WatchlistInfo) -> dict[str, Any]:
    return {
        "watchlist": info.name,
        "title": phrases.bare(phrases.title(info)),
        "level": info.level.word,
        "on_trial": info.on_trial,
    }


def _flood(water: Flood) -> dict[str, Any]:
    return {
        "hits": water.hits,
        "usual": water.usual or None,
        "outlets": _ranked(water.sources),
        "terms": _ranked(water.terms),
    }


def _ranked(rows: tuple[tuple[str, int], ...]) -> list[dict[str, Any]]:
    return [{"name": phrases.name(name), "count": number} for name, number in rows]


def _surge(surge: Surge) -> dict[str, Any]:
    return {
        "watchlist": surge.watchlist,
        "since": _moment(surge.since),
        "count": surge.count,
        "expected": surge.expected,
        "silent": surge.silent,
        "what": phrases.short(surge.what, _SENTENCE),
    }


def _health(digest: Digest) -> dict[str, Any]:
    covered = digest.coverage
    zone = ZoneInfo(digest.timezone)
    lines = health.troubles(covered, zone, digest.window.end)
    return {
        "well": health.is_well(covered),
        "summary": health.health(covered),
        "feeds": covered.feeds,
        "polled": covered.polled,
        "feeds_well": covered.well,
        "polls": covered.polls,
        "articles": covered.items,
        "troubles": _troubles(covered),
        "trouble_lines": list(map(phrases.bare, lines)),
        "gaps": _sentences(covered.gaps),
        "caps": _sentences(covered.caps),
        "notices": _sentences(covered.notices),
    }


def _troubles(covered: Coverage) -> list[Mapping[str, Any]]:
    return [
        {
            "title": phrases.name(one.title),
            "outlet": phrases.name(one.outlet),
            "url": target.url if (target := link(one.url)) else None,
            "status": clean(one.status),
            "reason": phrases.short(one.reason, _SENTENCE),
            "since": _moment(one.since),
        }
        for one in covered.troubles[:_LIST]
    ]


def _sentences(texts: tuple[str, ...]) -> list[str]:
    return [phrases.short(text, _SENTENCE) for text in texts[:_LIST]]


def _names(names: tuple[str, ...]) -> list[str]:
    return [phrases.name(one) for one in names[:_LIST]]


def _code(language: str) -> str | None:
    return phrases.language_tag(language) or None


def _joined(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def _moment(moment: datetime | None) -> str | None:
    """Return ``2025-11-22T06:00:00Z``."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
