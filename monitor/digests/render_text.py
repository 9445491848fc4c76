"""The digest as plain text: 72 columns, numbered, full addresses on their own lines.

Decides line breaks by columns on a terminal, where Han is two wide and marks are none. An address
is never broken.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from monitor.digests.page import WHOLE, Block, Entry, Page, Shape, grouped, lay_out
from monitor.digests.phrases import isolated
from monitor.digests.why import Piece, Term
from monitor.model import Digest, Level

COLUMNS = 72
_INDENT = "    "


def render_text(digest: Digest, *, version: str, contact: str = "", shape: Shape = WHOLE) -> str:
    """Return the digest as text that ends with one newline."""
    return text_of(lay_out(digest, version=version, contact=contact, shape=shape))


def text_of(page: Page) -> str:
    """Return a page that is laid out already as text."""
    return "\n".join(_lines(page)) + "\n"


def columns(text: str) -> int:
    """Return how many cells of a terminal ``text`` takes."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_cells, text))


def wrapped(text: str, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break ``text`` into lines of at most 72 columns, at spaces where there are any."""
    after = indent if hanging is None else hanging
    lines, line, used, empty = [], indent, columns(indent), True
    for word in text.split(" "):
        width = columns(word)
        if not empty and used + 1 + width > COLUMNS:
            lines.append(line)
            line, used, empty = after, columns(after), True
        if used + width > COLUMNS:
            *filled, line = _broken(line, word, after)
            lines += filled
            used, empty = columns(line), False
            continue
        line += word if empty else f" {word}"
        used, empty = used + width + (not empty), False
    return [*lines, line]


def _broken(line: str, word: str, after: str) -> Iterator[str]:
    """Yield the lines of a word that is wider than a line."""
    used = columns(line)
    for char in word:
        if used + _cells(char) > COLUMNS:
            yield line
            line, used = after, columns(after)
        line += char
        used += _cells(char)
    yield line


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _lines(page: Page) -> Iterator[str]:
    yield f"Watch digest · {page.day}"
    yield "═" * COLUMNS
    yield from wrapped(_sentence(page.heading, page.summary))
    yield from wrapped(page.window)
    for paragraph in filter(None, (page.warning, page.empty)):
        yield ""
        yield from wrapped(paragraph, "! ", "  ")
    if page.top:
        yield from _heading("Top stories", "")
        for entry in page.top:
            yield from _entry(entry, in_top=True)
    for block in page.blocks:
        yield from _block(block)
    if page.beyond:
        yield ""
        yield from wrapped(page.beyond)
    if page.quiet:
        yield ""
        yield from wrapped(page.quiet)
    yield from _health(page)
    yield ""
    yield "─" * COLUMNS
    for line in page.footer:
        yield from wrapped(line)


def _sentence(heading: str, summary: str) -> str:
    text = heading[:1].upper() + heading[1:]
    return f"{text} — {summary}" if summary else text


def _heading(title: str, count: str) -> Iterator[str]:
    yield ""
    yield ""
    yield from wrapped(f"{title.upper()} · {count}" if count else title.upper())
    yield "─" * COLUMNS


def _block(block: Block) -> Iterator[str]:
    yield from _heading(block.title, block.count)
    if block.elsewhere:
        yield from wrapped(block.elsewhere)
    for entry in block.entries:
        yield from _entry(entry, in_top=False)
    if block.titles:
        yield ""
    for entry in block.titles:
        yield from _headline(entry)
        yield _INDENT + (entry.link.url if entry.link else f"({entry.host})")
    if block.rest:
        yield from wrapped(block.rest, _INDENT)


def _entry(entry: Entry, *, in_top: bool) -> Iterator[str]:
    yield ""
    yield from _headline(entry)
    yield _INDENT + (entry.link.url if entry.link else f"({entry.host})")
    if entry.why.excerpt:
        yield from wrapped(isolated(_starred(entry.why.excerpt)), _INDENT)
    if why := _why(entry, in_top):
        yield from wrapped(f"Why: {why}", _INDENT, _INDENT + "  ")
    for move in entry.why.moves:
        yield from wrapped(f"Move: {isolated(move)}", _INDENT, _INDENT + "  ")
    if entry.was:
        yield from wrapped(f"Headline was: {isolated(entry.was)}", _INDENT, _INDENT + "  ")
    seen = " · ".join(filter(None, (entry.first_seen, entry.languages, entry.update)))
    yield from wrapped(entry.outlets, _INDENT, _INDENT + "  ")
    yield from wrapped(seen[:1].upper() + seen[1:], _INDENT, _INDENT + "  ")


def _headline(entry: Entry) -> Iterator[str]:
    mark = f"[{entry.level.word}] " if entry.level >= Level.HIGH else ""
    update = "[update] " if entry.update else ""
    text = f"{mark}{update}{isolated(entry.headline)}"
    yield from wrapped(text, f"{entry.number:>3} ", _INDENT)


def _why(entry: Entry, in_top: bool) -> str:
    terms = " · ".join(
        f"{group} {', '.join(map(_term, found))}".strip()
        for group, found in grouped(entry.why.terms)
    )
    home = entry.watchlist if in_top else ""
    also = f"also in {', '.join(entry.also)}" if entry.also else ""
    return " — ".join(filter(None, (home, terms, also)))


def _term(term: Term) -> str:
    text = isolated(f"“{term.text}”")
    return f"{text} (close to “{isolated(term.meant)}”)" if term.meant else text


def _starred(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"*{piece.text}*" if piece.hit else piece.text for piece in pieces)


def _health(page: Page) -> Iterator[str]:
    yield from _heading("Watch health", "")
    yield from wrapped(page.health, "✓ " if page.well else "! ", "  ")
    for line in page.troubles:
        yield from wrapped(line, "  - ", "    ")
    for line in page.remarks:
        yield from wrapped(line, "  * ", "    ")
