"""Digests and alerts as Slack payloads: Block Kit, in numbered parts that Slack accepts.

Decides which lines a story has and how much is shown so that eight messages hold it. Never sends,
never mentions anybody but whom the operator has named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from monitor.digests.bulletin import Bulletin, announce
from monitor.digests.changes import Redline
from monitor.digests.entries import Entry, grouped
from monitor.digests.page import Block, Page, Shape, fit, lay_out
from monitor.digests.phrases import clipped, isolated
from monitor.digests.slack_blocks import (
    Style,
    context,
    divider,
    escape,
    fitting,
    linked,
    parts,
    payload,
    section,
    sections,
    styled,
)
from monitor.digests.why import Term
from monitor.model import Alert, Change, Digest, Level

PARTS = 8  # more messages than this bury a channel
# The first that fits is sent, the last in any case.
_SHAPES = (
    Shape(10, 30),
    Shape(5, 15),
    Shape(2, 8, sections=60),
    Shape(0, 5, sections=60),
    Shape(0, 2, sections=30),
)
_MARKS = {
    Level.CRITICAL: ":red_circle: *CRITICAL* ",
    Level.HIGH: ":large_orange_circle: *HIGH* ",
}
_LINE = 550  # characters of a line of names that fits a section however it is escaped
_MENTION = re.compile(
    r"<!(here|channel|everyone)>|<@[UW][A-Z0-9]{2,20}>|<!subteam\^S[A-Z0-9]{2,20}>"
)


def render_slack(digest: Digest, *, version: str, contact: str = "") -> tuple[dict[str, Any], ...]:
    """Return the payloads in the order in which they must be posted: eight parts at most."""
    whole = lay_out(digest, version=version, contact=contact)
    for shape in _SHAPES:
        page = fit(whole, shape)
        filled = list(parts(_blocks(page)))
        if len(filled) <= PARTS:
            break
    title = f"{page.title} digest · {page.day} · {page.heading}"
    return tuple(
        payload(title, escape(title), blocks, page.footer[-1], f"{number}/{len(filled)}")
        for number, blocks in enumerate(filled, 1)
    )


def render_alert_slack(
    alert: Alert, *, version: str, contact: str = "", title: str = "Watch", mention: str = ""
) -> tuple[dict[str, Any], ...]:
    """Return an alert's payloads in order; ``mention`` calls whom the operator has named.

    It is said only before what is high or critical, and only where it has the form of a mention.
    """
    bulletin = announce(alert, version=version, contact=contact, title=title)
    called = mention if bulletin.level >= Level.HIGH and _MENTION.fullmatch(mention) else ""
    filled = list(parts(_alert_blocks(bulletin, called)))
    heading = f"{bulletin.title} alert · {bulletin.heading}"
    said = " ".join(filter(None, (called, escape(bulletin.subject))))
    return tuple(
        payload(heading, said, blocks, bulletin.footer[-1], f"{number}/{len(filled)}")
        for number, blocks in enumerate(filled, 1)
    )


def _alert_blocks(bulletin: Bulletin, called: str) -> Iterator[dict[str, Any]]:
    if called:
        yield section(called)
    yield context(escape(bulletin.when))
    yield from (section(_entry(entry, named=True)) for entry in bulletin.entries)
    if bulletin.rest:
        yield section(escape(bulletin.rest))
    yield context(escape(bulletin.footer[0]))


def _blocks(page: Page) -> Iterator[dict[str, Any]]:
    health = f"{':large_green_circle:' if page.well else ':warning:'} {escape(page.health)}"
    yield context("\n".join(filter(None, (escape(page.summary), escape(page.window), health))))
    for line in filter(None, (page.warning, page.empty)):
        yield section(f":information_source: {escape(line)}")
    if page.flood:
        yield from sections(f":warning: {escape(line)}" for line in page.flood)
    if page.surges:
        yield from sections(f":bar_chart: {escape(clipped(line, _LINE))}" for line in page.surges)
    if page.top:
        yield divider()
        yield section("*Top stories*")
        yield from (section(_entry(entry, named=True)) for entry in page.top)
    for block in page.blocks:
        yield from _watchlist(block)
    yield divider()
    if page.beyond:
        yield section(escape(page.beyond))
    if page.quiet:
        yield from sections([escape(clipped(page.quiet, _LINE))])
    yield from _health(page)
    yield context(escape(page.footer[0]))


def _watchlist(block: Block) -> Iterator[dict[str, Any]]:
    yield divider()
    heading = f"*{escape(block.title)}* · {block.count}"
    chart = f"`{block.chart.line}` {block.chart.caption}" if block.chart else ""
    yield section("\n".join(filter(None, (heading, block.note, chart, block.elsewhere))))
    yield from (section(_entry(entry, named=False)) for entry in block.entries)
    lines = [_headline(entry) for entry in block.titles]
    yield from sections([*lines, *filter(None, [escape(block.rest)])])


def _health(page: Page) -> Iterator[dict[str, Any]]:
    lines = [f"• {escape(clipped(line, _LINE))}" for line in (*page.troubles, *page.remarks)]
    if lines:
        yield from sections(["*Watch health*", *lines])


def _headline(entry: Entry) -> str:
    mark = _MARKS.get(entry.level, "")
    marks = "".join(f"_{tag}_ " for tag in entry.tags if tag != entry.level.word)
    headline = linked(entry.headline, entry.link)
    return f"{entry.number}. {mark}{marks}{headline} ({escape(entry.host)})"


def _entry(entry: Entry, *, named: bool) -> str:
    """Return a story: headline, why, excerpt, changes, where; what has no room is left out."""
    excerpt = bold(entry)
    seen = (entry.outlets, entry.first_seen, entry.languages, entry.update, entry.alerted)
    lines = (
        _headline(entry),
        f"_told now_ {escape(entry.reason)}" if entry.reason else "",
        _why(entry, named),
        f"> {isolated(excerpt)}" if excerpt else "",
        *(f"_new_ {escape(line)}" for line in entry.new),
        *(f"_{escape(e.label)}_: {isolated(redline(e.line))}" for e in entry.edits),
        *(escape(line) for line in entry.lost),
        " · ".join(escape(text) for text in seen if text),
    )
    return "\n".join(fitting(filter(None, lines)))


def _why(entry: Entry, named: bool) -> str:
    groups = (
        f"{escape(group)} {', '.join(map(_term, found))}"
        for group, found in grouped(entry.why.terms)
    )
    moves = (f"*{escape(move)}*" for move in entry.why.moves)
    home = [escape(entry.watchlist)] if named and entry.watchlist else []
    also = [f"also in {escape(', '.join(entry.also))}"] if entry.also else []
    reasons = " · ".join((*home, *moves, *groups, *also))
    return f"_why_ {reasons}" if reasons else ""


def _term(term: Term) -> str:
    text = isolated(f"“{escape(term.text)}”")
    return f"{text} (close to “{isolated(escape(term.meant))}”)" if term.meant else text


def bold(entry: Entry) -> str:
    """Return the excerpt with what matched bold where Slack would honour it."""
    return styled((piece.text, "hit" if piece.hit else "") for piece in entry.why.excerpt)


def redline(line: Redline) -> str:
    """Return ``ships ~60~ *600* drones``: cut words struck through, added ones bold."""
    styles: dict[Change, Style] = {Change.CUT: "cut", Change.ADDED: "added", Change.SAME: ""}
    pieces: list[tuple[str, Style]] = []
    for change, text in line.pieces:
        if styles[change] and pieces and pieces[-1][1]:
            pieces.append((" ", ""))  # a cut and what replaces it would cling to each other
        pieces.append((text, styles[change]))
    return styled(pieces).strip()
