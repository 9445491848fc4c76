"""Digests and alerts as plain text: 72 columns, numbered, full addresses on their own lines.

Decides the order of lines under a headline. Nothing in it is markup: what matched stands between
stars, an edit between brackets.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.digests.bulletin import Bulletin, announce
from monitor.digests.changes import Redline
from monitor.digests.entries import Entry, grouped
from monitor.digests.page import WHOLE, Block, Page, Shape, lay_out
from monitor.digests.phrases import isolated
from monitor.digests.text_lines import COLUMNS, wrapped
from monitor.digests.why import Piece, Term
from monitor.model import Alert, Change, Digest

_INDENT = "    "
_FURTHER = "      "


def render_text(digest: Digest, *, version: str, contact: str = "", shape: Shape = WHOLE) -> str:
    """Return the digest as text that ends with one newline."""
    return text_of(lay_out(digest, version=version, contact=contact, shape=shape))


def render_alert_text(
    alert: Alert, *, version: str, contact: str = "", title: str = "Watch"
) -> str:
    """Return the alert as text that ends with one newline."""
    return bulletin_text(announce(alert, version=version, contact=contact, title=title))


def text_of(page: Page) -> str:
    """Return a page that is laid out already as text."""
    return "\n".join(_lines(page)) + "\n"


def bulletin_text(bulletin: Bulletin) -> str:
    """Return an alert that is laid out already as text."""
    return "\n".join(_alert_lines(bulletin)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield from wrapped(f"{page.title} digest · {page.day}")
    yield "═" * COLUMNS
    yield from wrapped(_sentence(page.heading, page.summary))
    yield from wrapped(page.window)
    for paragraph in filter(None, (page.warning, page.empty, " ".join(page.flood))):
        yield ""
        yield from wrapped(paragraph, "! ", "  ")
    if page.surges:
        yield ""
        for line in page.surges:
            yield from wrapped(line, "~ ", "  ")
    if page.top:
        yield from _heading("TOP STORIES")
        for entry in page.top:
            yield from _entry(entry, named=True)
    for block in page.blocks:
        yield from _block(block)
    for paragraph in filter(None, (page.beyond, page.quiet)):
        yield ""
        yield from wrapped(paragraph)
    yield from _health(page)
    yield from _footer(page.footer)


def _alert_lines(bulletin: Bulletin) -> Iterator[str]:
    yield from wrapped(f"{bulletin.title} alert · {bulletin.heading}")
    yield "═" * COLUMNS
    yield from wrapped(bulletin.when)
    for entry in bulletin.entries:
        yield from _entry(entry, named=True)
    if bulletin.rest:
        yield ""
        yield from wrapped(bulletin.rest)
    yield from _footer(bulletin.footer)


def _footer(lines: tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield "─" * COLUMNS
    for line in lines:
        yield from wrapped(line)


def _sentence(heading: str, summary: str) -> str:
    text = heading[:1].upper() + heading[1:]
    return f"{text} — {summary}" if summary else text


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield ""
    yield from wrapped(text)
    yield "─" * COLUMNS


def _block(block: Block) -> Iterator[str]:
    yield from _heading(f"{block.title.upper()} · {block.count}")
    for line in filter(None, (block.note, block.elsewhere)):
        yield from wrapped(line)
    if block.chart:
        yield from wrapped(f"{block.chart.line}  {block.chart.caption}")
    for entry in block.entries:
        yield from _entry(entry, named=False)
    if block.titles:
        yield ""
    for entry in block.titles:
        yield from _headline(entry)
        yield _address(entry)
    if block.rest:
        yield from wrapped(block.rest, _INDENT)


def _entry(entry: Entry, *, named: bool) -> Iterator[str]:
    yield ""
    yield from _headline(entry)
    yield _address(entry)
    if entry.why.excerpt:
        yield from wrapped(isolated(_starred(entry.why.excerpt)), _INDENT)
    for line in _remarks(entry, named):
        yield from wrapped(line, _INDENT, _FURTHER)


def _remarks(entry: Entry, named: bool) -> Iterator[str]:
    """Yield what stands under the excerpt: why, what is new, what was changed, who has it."""
    if entry.reason:
        yield f"Told now: {entry.reason}"
    if why := _why(entry, named):
        yield f"Why: {why}"
    for move in entry.why.moves:
        yield f"Move: {isolated(move)}"
    for line in entry.new:
        yield f"New: {line}"
    for edited in entry.edits:
        yield f"{_capital(edited.label)}: {isolated(_redline(edited.line))}"
    for line in entry.lost:
        yield _capital(line)
    yield entry.outlets
    seen = (entry.first_seen, entry.languages, entry.update, entry.alerted)
    yield _capital(" · ".join(filter(None, seen)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _address(entry: Entry) -> str:
    return _INDENT + (entry.link.url if entry.link else f"({entry.host})")


def _headline(entry: Entry) -> Iterator[str]:
    tags = "".join(f"[{tag}] " for tag in entry.tags)
    yield from wrapped(f"{tags}{isolated(entry.headline)}", f"{entry.number:>3} ", _INDENT)


def _why(entry: Entry, named: bool) -> str:
    terms = " · ".join(
        f"{group} {', '.join(map(_term, found))}".strip()
        for group, found in grouped(entry.why.terms)
    )
    home = entry.watchlist if named else ""
    also = f"also in {', '.join(entry.also)}" if entry.also else ""
    return " — ".join(filter(None, (home, terms, also)))


def _term(term: Term) -> str:
    text = isolated(f"“{term.text}”")
    return f"{text} (close to “{isolated(term.meant)}”)" if term.meant else text


def _starred(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"*{piece.text}*" if piece.hit else piece.text for piece in pieces)


def _redline(line: Redline) -> str:
    """Return ``Iran ships [-60-]{+600+} drones``."""
    frames = {Change.CUT: ("[-", "-]"), Change.ADDED: ("{+", "+}"), Change.SAME: ("", "")}
    return "".join(text.join(frames[change]) for change, text in line.pieces).strip()


def _health(page: Page) -> Iterator[str]:
    yield from _heading("WATCH HEALTH")
    yield from wrapped(page.health, "✓ " if page.well else "! ", "  ")
    for line in page.troubles:
        yield from wrapped(line, "  - ", "    ")
    for line in page.remarks:
        yield from wrapped(line, "  * ", "    ")
